// The error function, and z times it.
#include "compiler/latex/families.hpp"

namespace ntkc::latex {

using moments::NormalForm;
using moments::Switch;
using moments::Term;

namespace {

const Term* error_function_term(const NormalForm& form, int power) {
  const bool fits =
      form.size() == 1 && form[0].is_plain() && form[0].s == Switch::erf && form[0].power == power;
  return fits ? &form[0] : nullptr;
}

}  // namespace

/// c erf(kz). Williams 1996, eq. 11
std::optional<WrittenDual> error_function(const NormalForm& form, Writing& writing) {
  const Term* term = error_function_term(form, 0);
  if (term == nullptr) return std::nullopt;
  writing.cited.insert("williams1996");
  const Formula size = 2 * square(writing.constants(term->coefficient)) / Formula::pi();
  const Formula p = 2 * writing.constants(term->k * term->k);
  const Formula squares = (1 + p * q_first()) * (1 + p * q_second());
  return WrittenDual{.words = "The kernel of Williams \\cite{williams1996}",
                     .value = size * Formula::call("\\arcsin", {p * cross() / sqrt(squares)}),
                     .slope = size * p / sqrt(squares - square(p) * square(cross()))};
}

/// c z erf(kz), p = 2k². Tsuchida et al. 2021
std::optional<WrittenDual> odd_times_error_function(const NormalForm& form, Writing& writing) {
  const Term* term = error_function_term(form, 1);
  if (term == nullptr) return std::nullopt;
  writing.cited.insert("tsuchida2021");
  const Formula size = 2 * square(writing.constants(term->coefficient)) / Formula::pi();
  const Formula p = 2 * writing.constants(term->k * term->k);
  const Formula c = cross();
  const Formula d = Formula::symbol("D");
  const Formula b = Formula::symbol("B");
  const Formula b2 = (1 + p * q_first()) * (1 + p * q_second());
  const Formula angle = Formula::call("\\arcsin", {p * c / b});
  const Formula value = c * angle + p / square(b) * (q_first() * q_second() * sqrt(d) + square(c) / sqrt(d));
  const Formula slope =
      angle + p * c / sqrt(d) * (1 / (1 + p * q_first()) + 1 / (1 + p * q_second()) + 1 / d);
  return WrittenDual{.words = "With the kernel of GELU \\cite{tsuchida2021}",
                     .where = {{b, sqrt(b2)}, {d, square(b) - square(p) * square(c)}},
                     .value = size * value,
                     .slope = size * slope};
}

}  // namespace ntkc::latex
