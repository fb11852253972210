#include "compiler/latex/closed_forms.hpp"

#include <algorithm>
#include <array>

#include "compiler/latex/families.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Program;
using moments::NormalForm;
using moments::Term;

/// In the order in which they are asked.
constexpr std::array<Family*, 8> families = {
    piecewise_linear, rectified_monomial, waves,          polynomial,
    exponential,      gaussian,           error_function, odd_times_error_function};

std::optional<ClosedForm> of_a_family(const NormalForm& form, Writing& writing) {
  for (Family* family : families) {
    if (auto found = family(form, writing)) return found;
  }
  return std::nullopt;
}

/// The even and the odd part are uncorrelated: their kernels add.
std::optional<ClosedForm> two_parts(const NormalForm& form, Writing& writing) {
  if (!std::ranges::all_of(form, &Term::has_parity)) return std::nullopt;
  NormalForm parts[2];
  for (const Term& term : form) parts[term.parity()].push_back(term);
  if (parts[0].empty() || parts[1].empty()) return std::nullopt;
  const std::optional<ClosedForm> odd = of_a_family(parts[1], writing);
  const std::optional<ClosedForm> even = of_a_family(parts[0], writing);
  // A symbol of both could mean two things.
  if (!odd || !even || (!odd->where.empty() && !even->where.empty())) return std::nullopt;
  ClosedForm result = {.words = "The odd and the even part are uncorrelated, and their kernels add",
                       .where = odd->where.empty() ? even->where : odd->where,
                       .value = odd->value + even->value,
                       .slope = odd->slope + even->slope,
                       .name = odd->name + " + " + even->name};
  const std::string& cites = odd->words.find("cite") == std::string::npos ? even->words : odd->words;
  if (const auto at = cites.find(" \\cite"); at != std::string::npos)
    result.words += cites.substr(at, cites.find('}', at) + 1 - at);
  return result;
}

}  // namespace

std::optional<ClosedForm> find_closed_form(Program& program, NodeId function, NormalFunctions& functions,
                                           std::set<std::string>& cited) {
  const auto form = moments::normal_form(program, function);
  if (!form) return std::nullopt;
  for (Family* family : {&of_a_family, &two_parts, &any_normal_form}) {
    std::set<std::string> of_this;
    Writing writing = {program, functions, of_this};
    std::optional<ClosedForm> found = family(*form, writing);
    if (!found) continue;
    std::vector<Formula> used = {found->value, found->slope};
    for (const auto* equations : {&found->where, &found->details}) {
      for (const Equation& equation : *equations) used.push_back(equation.right);
    }
    const std::vector<Equation> names = needed(writing.constants.definitions(), used);
    found->where.insert(found->where.begin(), names.begin(), names.end());
    cited.merge(of_this);
    return found;
  }
  return std::nullopt;
}

std::string name_dual(const Program& program, NodeId function) {
  Program scratch = program;
  NormalFunctions functions;
  std::set<std::string> cited;
  Writing writing = {scratch, functions, cited};
  const auto form = moments::normal_form(scratch, function);
  std::optional<ClosedForm> found = form ? of_a_family(*form, writing) : std::nullopt;
  if (form && !found) found = two_parts(*form, writing);
  if (found) return found->name;
  return form && has_gaussian_moments(*form) ? gaussian_moments_name : "Hermite expansion";
}

}  // namespace ntkc::latex
