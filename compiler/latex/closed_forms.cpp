#include "compiler/latex/closed_forms.hpp"

#include <array>

#include "compiler/duals/closed_form.hpp"
#include "compiler/latex/families.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Program;
using moments::NormalForm;

/// In the order in which they are asked.
constexpr std::array<Family*, 8> families = {
    piecewise_linear, rectified_monomial, waves,          polynomial,
    exponential,      gaussian,           error_function, odd_times_error_function};

std::optional<WrittenDual> of_a_family(const NormalForm& form, Writing& writing) {
  for (Family* family : families) {
    if (auto found = family(form, writing)) return found;
  }
  return std::nullopt;
}

/// The even and the odd part are uncorrelated: their kernels add.
std::optional<WrittenDual> of_parts(const duals::ClosedForm& dual, Writing& writing) {
  if (dual.parts().size() != 2) return std::nullopt;
  const std::optional<WrittenDual> even = of_a_family(dual.parts()[0].form, writing);
  const std::optional<WrittenDual> odd = of_a_family(dual.parts()[1].form, writing);
  // A symbol of both could mean two things.
  if (!odd || !even || (!odd->where.empty() && !even->where.empty())) return std::nullopt;
  WrittenDual result = {.words = "The odd and the even part are uncorrelated, and their kernels add",
                        .where = odd->where.empty() ? even->where : odd->where,
                        .value = odd->value + even->value,
                        .slope = odd->slope + even->slope};
  const std::string& cites = odd->words.find("cite") == std::string::npos ? even->words : odd->words;
  if (const auto at = cites.find(" \\cite"); at != std::string::npos)
    result.words += cites.substr(at, cites.find('}', at) + 1 - at);
  return result;
}

}  // namespace

std::optional<WrittenDual> find_closed_form(Program& program, NodeId function, NormalFunctions& functions,
                                            std::set<std::string>& cited) {
  const auto dual = duals::ClosedForm::find(program, function);
  if (!dual) return std::nullopt;
  const NormalForm form = moments::normal_form(program, function).value();
  // The basis that reads best: that of a family if the function or its parts are of one, else its terms.
  const auto write = [&](int attempt, Writing& writing) {
    if (attempt == 0) return of_a_family(form, writing);
    return attempt == 1 ? of_parts(*dual, writing) : any_normal_form(form, writing);
  };
  for (const int attempt : {0, 1, 2}) {
    std::set<std::string> of_this;
    Writing writing = {program, functions, of_this};
    std::optional<WrittenDual> found = write(attempt, writing);
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

}  // namespace ntkc::latex
