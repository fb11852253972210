// Products with switches, and functions that are put together piece by piece. Internal to this folder.
#pragma once

#include <optional>
#include <vector>

#include "compiler/moments/normal_form.hpp"

namespace ntkc::moments {

/// Adds a term, keeping to what `NormalForm` promises.
void add_term(NormalForm& form, Term term);

/// The form of fewest terms that NormalForm promises, of one that `add_term` made.
NormalForm one_sided(const NormalForm& f);

/// The term times the switch of another; nothing for erf and another switch.
std::optional<std::vector<Term>> times_switch(const Term& term, const Term& other);

/// An interval; no end is infinity.
struct Interval {
  std::optional<Constant> low;
  std::optional<Constant> high;

  [[nodiscard]] bool contains(Quad z) const;
  /// Somewhere inside.
  [[nodiscard]] Quad inside() const;
};

/// A function on an interval, without switches.
struct Piece {
  Interval where;
  NormalForm form;
};

/// The intervals between the points where signs and thresholds switch; nothing if there is an erf.
std::optional<std::vector<Piece>> pieces(const NormalForm& f);

/// The sign of f, interval by interval, no two neighbours alike; nothing if its zeros are not known: those
/// are of z^n times anything positive, of polynomials of degree 2 and of a + b e^(cz).
struct SignedInterval {
  Interval where;
  int sign = 0;
};
std::optional<std::vector<SignedInterval>> signs(const NormalForm& f);

/// Adds f on an interval, 0 elsewhere, `times` times. False if a term has no such product.
bool add_cut(NormalForm& result, const NormalForm& f, const Interval& where, const Constant& times);

}  // namespace ntkc::moments
