#!/usr/bin/env python3
"""take_idx.py COUNT IN OUT: the first COUNT items of an IDX file (images or labels), both gzip-compressed.

IDX is: two zero bytes, one byte for the element type, one for the number of dimensions, each dimension as a
32-bit big-endian number, then the elements; the first dimension counts the items.
Only the standard library is needed.
"""

import gzip
import math
import struct
import sys

ELEMENT_BYTES = {0x08: 1, 0x09: 1, 0x0B: 2, 0x0C: 4, 0x0D: 4, 0x0E: 8}


def take(count, source):
    magic = source.read(4)
    if len(magic) != 4 or magic[:2] != b"\0\0" or magic[2] not in ELEMENT_BYTES or magic[3] == 0:
        raise SystemExit("take_idx.py: this is no IDX file")
    items, *shape = struct.unpack(f">{magic[3]}I", source.read(4 * magic[3]))
    if count > items:
        raise SystemExit(f"take_idx.py: {count} items asked for, but the file has {items}")
    size = count * math.prod(shape) * ELEMENT_BYTES[magic[2]]
    data = source.read(size)
    if len(data) != size:
        raise SystemExit(f"take_idx.py: the file ends after {len(data)} of {size} bytes")
    return magic + struct.pack(f">{magic[3]}I", count, *shape) + data


def main():
    if len(sys.argv) != 4 or not sys.argv[1].isdecimal():
        raise SystemExit(__doc__.splitlines()[0])
    count, source, target = sys.argv[1:]
    try:
        with gzip.open(source) as read:
            taken = take(int(count), read)
        with gzip.open(target, "wb", compresslevel=1) as write:
            write.write(taken)
    except (OSError, EOFError) as error:
        raise SystemExit(f"take_idx.py: {error}") from error


if __name__ == "__main__":
    main()
