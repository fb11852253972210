// The families of closed forms. Internal to this folder; closed_forms.cpp has the table of them.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "compiler/latex/basis.hpp"
#include "compiler/latex/closed_forms.hpp"
#include "compiler/latex/expression.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::latex {

/// What a family writes with.
struct Writing {
  kernel_ir::Program& program;
  NormalFunctions& functions;
  std::set<std::string>& cited;
  Constants constants = Constants(program);
};

/// Nothing for a form that is not of the family.
using Family = std::optional<WrittenDual>(const moments::NormalForm& form, Writing& writing);

Family piecewise_linear;
Family rectified_monomial;
Family waves;
Family polynomial;
Family exponential;
Family gaussian;
Family error_function;
Family odd_times_error_function;
/// Any form that the calculus of Gaussian moments has expectations for.
Family any_normal_form;

/// Σ(x, x), Σ(x', x'), Σ(x, x'), and the correlation and its angle.
inline Formula q_first() { return Formula::symbol("q"); }
inline Formula q_second() { return Formula::symbol("q'"); }
inline Formula cross() { return Formula::symbol("c"); }
inline Formula correlation() { return Formula::symbol("u"); }
inline Formula angle() { return Formula::symbol("\\theta"); }

}  // namespace ntkc::latex
