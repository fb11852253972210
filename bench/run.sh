#!/bin/sh
# Measures ntkc beside neural-tangents, OpenBLAS and NumPy; `./dev bench` builds first and then calls this.
# Arguments go to bench/side_by_side.py: --write puts the tables into docs/performance.md, --help lists the rest.
# NTKC_BENCH_PYTHON: a Python that has the packages of bench/requirements.txt; without it .venv is made.
set -eu
cd "$(dirname "$0")/.."

python=${NTKC_BENCH_PYTHON:-}
if [ -z "$python" ]; then
  python=.venv/bin/python
  installed=.venv/installed-requirements.txt # written last, so an interrupted installation is repeated
  if ! cmp -s bench/requirements.txt "$installed"; then
    echo "==> installing neural-tangents into .venv" >&2
    python3 -m venv .venv
    "$python" -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
    cp bench/requirements.txt "$installed"
  fi
fi
exec "$python" bench/side_by_side.py "$@"
