// Any normal form: pair by pair of the basis functions that it is a sum of.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "compiler/duals/calculus.hpp"
#include "compiler/latex/families.hpp"
#include "compiler/latex/gaussian_moments.hpp"

namespace ntkc::latex {

using moments::NormalForm;

namespace {

constexpr const char* by_the_calculus = "By the Gaussian moments at the end of this section";
constexpr double longest_direct = 2 * line_width;
constexpr double longest_table = 250 * line_width;
constexpr std::size_t most_functions = 20;
constexpr int highest_power = 12;

/// φ and φ' over one basis.
class Decomposition {
 public:
  Decomposition(const NormalForm& form, const NormalForm& slope)
      : phi_(indexed(form)), slope_(indexed(slope)) {}

  /// Coefficient and number of basis function.
  using Sum = std::vector<std::pair<moments::Constant, std::size_t>>;
  [[nodiscard]] const std::vector<BasisFunction>& basis() const { return basis_; }
  [[nodiscard]] const Sum& phi() const { return phi_; }
  [[nodiscard]] const Sum& slope() const { return slope_; }

  /// f_i(-z) = ± f_j(z): j and the sign.
  [[nodiscard]] std::optional<std::pair<std::size_t, int>> reflection(std::size_t i) const {
    const auto [mirror, sign] = mirror_image(basis_[i]);
    const auto at = std::ranges::find(basis_, mirror);
    if (at == basis_.end()) return std::nullopt;
    return std::pair(static_cast<std::size_t>(at - basis_.begin()), sign);
  }

 private:
  Sum indexed(const NormalForm& form) {
    Sum result;
    for (const auto& [coefficient, function] : parts_of(form)) {
      const auto at = std::ranges::find(basis_, function);
      result.emplace_back(coefficient, static_cast<std::size_t>(at - basis_.begin()));
      if (at == basis_.end()) basis_.push_back(function);
    }
    return result;
  }

  std::vector<BasisFunction> basis_;
  Sum phi_;
  Sum slope_;
};

class Writer {
 public:
  Writer(const Decomposition& parts, Writing& writing, bool has_indices)
      : parts_(parts), constants_(writing.constants), moments_(constants_, functions_, has_indices) {}

  /// In one formula, if that is short.
  std::optional<WrittenDual> direct() {
    WrittenDual result;
    for (const bool is_slope : {false, true}) {
      const Decomposition::Sum& sum = is_slope ? parts_.slope() : parts_.phi();
      if (sum.size() > 4) return std::nullopt;
      Formula total;
      for (const auto& [c, i] : sum) {
        for (const auto& [d, j] : sum)
          total += distribute(constants_(c) * constants_(d), moments_(parts_.basis()[i], parts_.basis()[j]));
      }
      (is_slope ? result.slope : result.value) = factored(total);
    }
    if (width(result.value) > longest_direct || width(result.slope) > longest_direct) return std::nullopt;
    result.words = by_the_calculus;
    result.where = needed(moments_.equations(), {result.value, result.slope});
    return result;
  }

  /// As sums of the M_ij = E[f_i(s)f_j(t)], and those.
  WrittenDual table() {
    WrittenDual result;
    result.value = kernel(parts_.phi());
    result.slope = kernel(parts_.slope());
    std::vector<Equation> functions;
    for (std::size_t i = 0; i < parts_.basis().size(); ++i) {
      const Formula name = Formula::symbol(fmt::format("f_{{{}}}(z)", i + 1));
      functions.push_back({name, written(parts_.basis()[i], constants_)});
    }
    std::string lines;
    for (const std::string& line : print_equations(functions)) lines += fmt::format("  {}, \\\\\n", line);
    lines.resize(lines.size() - 5);
    const bool has_kinks = std::ranges::any_of(parts_.basis(), [](const BasisFunction& f) {
      return f.s != moments::Switch::none && f.s != moments::Switch::erf;
    });
    result.words = fmt::format(
        "With\n\\begin{{align*}}\n{}\n\\end{{align*}}\nit is ${}$ and its derivative{} is ${}$. "
        "With $M_{{ij}} = \\mathbb{{E}}[f_i(s)f_j(t)]$,",
        lines, print(linear(parts_.phi())), has_kinks ? " almost everywhere" : "",
        print(linear(parts_.slope())));
    std::vector<Formula> used;
    for (const auto& [i, j] : pairs_) {
      result.details.push_back(
          {symbol(i, j), factored(moments_(parts_.basis()[i], parts_.basis()[j])), true});
      used.push_back(result.details.back().right);
    }
    const auto where = needed(moments_.equations(), used);
    result.details.insert(result.details.begin(), where.begin(), where.end());
    const bool has_mirrors =
        std::ranges::any_of(pairs_, [](const auto& pair) { return pair.first != pair.second; });
    result.more_words = by_the_calculus;
    if (has_mirrors) result.more_words += ", $M_{ji}$ being $M_{ij}$ with $q$ and $q'$ exchanged";
    return result;
  }

  [[nodiscard]] std::size_t covariances() const { return moments_.covariances(); }
  [[nodiscard]] const NormalFunctions& functions() const { return functions_; }

 private:
  [[nodiscard]] Formula symbol(std::size_t i, std::size_t j) const {
    return Formula::symbol(parts_.basis().size() < 10 ? fmt::format("M_{{{}{}}}", i + 1, j + 1)
                                                      : fmt::format("M_{{{},{}}}", i + 1, j + 1));
  }

  /// Up to (s, t) → (-s, -t), which leaves the distribution as it is.
  Formula moment(std::size_t i, std::size_t j) {
    if (moments::is_orthogonal_by_parity(parts_.basis()[i], parts_.basis()[j])) return {};
    const auto mirror_i = parts_.reflection(i);
    const auto mirror_j = parts_.reflection(j);
    int sign = 1;
    if (mirror_i && mirror_j) {
      const std::pair mirrored(mirror_i->first, mirror_j->first);
      if (mirrored < std::pair(i, j)) {
        sign = mirror_i->second * mirror_j->second;
        std::tie(i, j) = mirrored;
      }
    }
    const std::pair ordered(std::min(i, j), std::max(i, j));
    if (std::ranges::find(pairs_, ordered) == pairs_.end()) pairs_.push_back(ordered);
    return sign * symbol(i, j);
  }

  Formula kernel(const Decomposition::Sum& sum) {
    Formula result;
    for (const auto& [c, i] : sum) result += square(constants_(c)) * moment(i, i);
    for (std::size_t a = 0; a < sum.size(); ++a) {
      const auto& [c, i] = sum[a];
      for (std::size_t b = a + 1; b < sum.size(); ++b) {
        const auto& [d, j] = sum[b];
        Formula both = moment(i, j) + moment(j, i);
        Formula factor = constants_(c) * constants_(d);
        if (both.is_negative()) {
          both = distribute(-1, both);
          factor = -factor;
        }
        result += factor * both;
      }
    }
    return result;
  }

  Formula linear(const Decomposition::Sum& sum) {
    Formula result;
    for (const auto& [c, i] : sum) result += constants_(c) * Formula::symbol(fmt::format("f_{{{}}}", i + 1));
    return result;
  }

  const Decomposition& parts_;
  NormalFunctions functions_;
  Constants& constants_;
  GaussianMoments moments_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
};

}  // namespace

std::optional<WrittenDual> any_normal_form(const NormalForm& form, Writing& writing) {
  if (!duals::has_moments(form)) return std::nullopt;
  const WrittenDual too_long = {.is_too_long = true};
  const Decomposition parts(form, moments::derivative(form));
  const auto is_high = [](const BasisFunction& f) { return f.power > highest_power; };
  if (parts.basis().size() > most_functions || std::ranges::any_of(parts.basis(), is_high)) return too_long;
  std::optional<WrittenDual> result;
  NormalFunctions functions;
  const auto write = [&](bool is_direct, bool has_indices) {
    writing.constants = Constants(writing.program);
    Writer writer(parts, writing, has_indices);
    result = is_direct ? writer.direct() : writer.table();
    if (writer.covariances() <= 1 && has_indices) return false;  // again, without
    functions = writer.functions();
    return true;
  };
  for (const bool is_direct : {true, false}) {
    if (!write(is_direct, true)) write(is_direct, false);
    if (result) break;
  }
  double room = 0;
  for (const Equation& equation : result->details) room += width(equation.right);
  if (room > longest_table) return too_long;
  writing.functions.merge(functions);
  writing.functions.use_calculus();
  return result;
}

}  // namespace ntkc::latex
