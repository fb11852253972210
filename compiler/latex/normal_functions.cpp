#include "compiler/latex/normal_functions.hpp"

#include <fmt/format.h>

namespace ntkc::latex {

Formula NormalFunctions::normal(const Formula& x) {
  uses_normal_ = true;
  return x.is(0) ? Formula(1) / 2 : Formula::call("\\Phi", {x});
}

Formula NormalFunctions::density(const Formula& x) {
  uses_normal_ = true;
  return x.is(0) ? 1 / sqrt(2 * Formula::pi()) : Formula::call("\\Phi'", {x});
}

Formula NormalFunctions::tail(int n, const Formula& x) {
  if (n == 0) return normal(-x);
  if (x.is(0) && n <= 2) return n == 1 ? density(0) : Formula(1) / 2;
  uses_normal_ = true;
  tails_.insert(n);
  return Formula::call(fmt::format("\\Lambda_{{{}}}", n), {x});
}

Formula NormalFunctions::orthant(int n, int m, const Formula& h, const Formula& k, const Formula& rho) {
  if (n < m) return orthant(m, n, k, h, rho);
  orthants_.emplace(n, m);
  const std::string index = n < 10 ? fmt::format("_{{{}{}}}", n, m) : fmt::format("_{{{},{}}}", n, m);
  return Formula::call("L" + (n == 0 ? "" : index), {h, k, rho});
}

void NormalFunctions::merge(const NormalFunctions& other) {
  uses_normal_ = uses_normal_ || other.uses_normal_;
  uses_noise_ = uses_noise_ || other.uses_noise_;
  uses_dawson_ = uses_dawson_ || other.uses_dawson_;
  uses_calculus_ = uses_calculus_ || other.uses_calculus_;
  tails_.insert(other.tails_.begin(), other.tails_.end());
  orthants_.insert(other.orthants_.begin(), other.orthants_.end());
}

// E[(U - h) F] = -h E[F] + E[∂_U F] + ρ E[∂_V F] with F = (U - h)₊ⁿ⁻¹ (V - k)₊ᵐ. Where a power is 0 the
// derivative is a δ, at which the other variable is normal with mean ρ times the first's and variance σ².
std::vector<Equation> NormalFunctions::definitions() const {
  const Formula h = Formula::symbol("h");
  const Formula k = Formula::symbol("k");
  const Formula x = Formula::symbol("x");
  const Formula rho = Formula::symbol("\\rho");
  const Formula sigma = Formula::symbol("\\sigma");
  NormalFunctions all = *this;  // what the definitions use is defined, too
  std::vector<Equation> result;
  std::set<std::pair<int, int>> written;
  for (bool grows = true; grows;) {
    grows = false;
    const auto orthants = all.orthants_;
    for (const auto& [n, m] : orthants) {
      if (n == 0 || !written.emplace(n, m).second) continue;
      grows = true;
      Formula value = -h * all.orthant(n - 1, m, h, k, rho);
      if (n > 1) value += (n - 1) * all.orthant(n - 2, m, h, k, rho);
      if (m > 0) value += m * rho * all.orthant(n - 1, m - 1, h, k, rho);
      if (n == 1) value += power(sigma, m) * all.density(h) * all.tail(m, Formula::symbol("\\hat{k}"));
      if (m == 0)
        value += rho * power(sigma, n - 1) * all.density(k) * all.tail(n - 1, Formula::symbol("\\hat{h}"));
      result.push_back({all.orthant(n, m, h, k, rho), value, true});
    }
  }
  std::vector<Formula> used;
  for (const Equation& equation : result) used.push_back(equation.right);
  const std::vector<Equation> standard = needed({{sigma, sqrt(1 - square(rho))},
                                                 {Formula::symbol("\\hat{h}"), (h - rho * k) / sigma},
                                                 {Formula::symbol("\\hat{k}"), (k - rho * h) / sigma}},
                                                used);
  result.insert(result.end(), standard.begin(), standard.end());
  const int highest = all.tails_.empty() ? 0 : *all.tails_.rbegin();
  for (int n = 1; n <= highest; ++n) {
    const Formula before = n == 1 ? all.density(x) : (n - 1) * all.tail(n - 2, x);
    result.push_back({all.tail(n, x), before - x * all.tail(n - 1, x)});
  }
  return result;
}

}  // namespace ntkc::latex
