#include "compiler/latex/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

namespace ntkc::latex {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

std::string text(std::string_view name) {
  std::string escaped;
  for (const char c : name) escaped += c == '_' ? std::string("\\_") : std::string(1, c);
  return escaped;
}

std::string symbol(std::string_view name) {
  static constexpr std::array<std::string_view, 21> greek = {
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu",
      "nu",    "xi",   "rho",   "sigma", "tau",     "phi",  "chi", "psi",   "omega", "pi"};
  // What the document itself calls something.
  static constexpr std::array<std::string_view, 31> taken = {
      "a", "g", "i", "j", "r", "B", "C", "D", "E", "F", "J", "L",     "M",  "Q",   "T",    "c",
      "d", "e", "f", "h", "k", "q", "s", "t", "u", "x", "z", "theta", "pi", "rho", "sigma"};
  if (name.ends_with('\'')) return symbol(name.substr(0, name.size() - 1)) + "'";
  const std::size_t underscore = name.find('_');
  const std::string_view base = name.substr(0, underscore);
  std::string result;
  if (std::ranges::find(greek, base) != greek.end()) {
    result = fmt::format("\\{}", base);
  } else {
    result = base.size() == 1 ? std::string(base) : fmt::format("\\mathit{{{}}}", base);
  }
  if (underscore == std::string_view::npos || underscore + 1 == name.size())
    return std::ranges::find(taken, name) == taken.end() ? result : fmt::format("\\mathsf{{{}}}", name);
  return fmt::format("{}_{{\\mathrm{{{}}}}}", result, text(name.substr(underscore + 1)));
}

namespace {

/// By the operations.
class Reader {
 public:
  explicit Reader(const Program& program) : program_(program) {}

  Formula read(NodeId root) {
    std::vector<NodeId> pending = {root};
    while (!pending.empty()) {
      const NodeId id = pending.back();
      pending.pop_back();
      if (!known_.emplace(id, Formula()).second) continue;
      pending.insert(pending.end(), program_[id].operands.begin(), program_[id].operands.end());
    }
    for (auto& [id, formula] : known_) formula = rule(program_[id]);  // by number, which is topological
    return known_.at(root);
  }

 private:
  static Formula number(double value) {
    return value == std::numbers::pi ? Formula::pi() : Formula::number(value);
  }

  Formula rule(const Node& node) {
    const auto operand = [&](std::size_t i) -> const Formula& { return known_.at(node.operands[i]); };
    const auto call = [&](std::string_view head) {
      std::vector<Formula> operands;
      for (std::size_t i = 0; i < node.operands.size(); ++i) operands.push_back(operand(i));
      return Formula::call(std::string(head), std::move(operands));
    };
    switch (node.operation) {
      case Operation::literal:
        return number(program_.literal_value(node));
      case Operation::parameter:
        return Formula::symbol(symbol(program_.parameters[program_.parameter_number(node)].name),
                               Formula::rank_of_constants);
      case Operation::pi:
        return Formula::pi();
      case Operation::variable:
        return Formula::symbol("z");
      case Operation::add:
        return operand(0) + operand(1);
      case Operation::subtract:
        return operand(0) - operand(1);
      case Operation::multiply:
        return operand(0) * operand(1);
      case Operation::divide:
        return operand(1).is(0) ? Formula::call("\\mathrm{undefined}", {}) : operand(0) / operand(1);
      case Operation::power:
        return raised(operand(0), operand(1));
      case Operation::square_root:
        return sqrt(operand(0));
      case Operation::exp:
        return exp(operand(0));
      case Operation::expm1:
        return exp(operand(0)) - 1;
      case Operation::abs:
        return Formula::of(Atom::Kind::absolute, {operand(0)});
      case Operation::select_less:
        return Formula::of(Atom::Kind::cases, {operand(0), operand(1), operand(2), operand(3)});
      case Operation::moment: {  // of a constant variance
        const std::string expectation =
            fmt::format("\\mathbb{{E}}_{{z \\sim \\mathcal{{N}}(0, {})}}", print(operand(0)));
        return Formula::of(Atom::Kind::functional, {operand(1) * operand(2)}, expectation);
      }
      default:
        if (const std::string_view head = kernel_ir::traits(node.operation).latex; !head.empty())
          return call(head);
        return Formula::symbol(fmt::format("\\mathrm{{{}}}", text(kernel_ir::info(node.operation).name)));
    }
  }

  static Formula raised(const Formula& base, const Formula& exponent) {
    for (int n = -16; n <= 16; ++n) {
      if (exponent.is(n) && n != 0) return power(base, n);
    }
    return power(base, exponent);
  }

  const Program& program_;
  std::map<NodeId, Formula> known_;
};

Quad absolute(Quad x) { return x < 0 ? -x : x; }

/// n of value = n/m, if there is one up to the rounding of long doubles.
std::optional<std::int64_t> numerator(Quad value, std::int64_t m, std::int64_t largest) {
  const Quad n = value * Quad(m);
  const Quad nearest = std::nearbyint(static_cast<double>(n));
  const bool fits = nearest != 0 && absolute(nearest) <= Quad(largest) &&
                    absolute(n - nearest) <= Quad(0x1p-58) * absolute(n);
  return fits ? std::optional(static_cast<std::int64_t>(nearest)) : std::nullopt;
}

/// √n with squares in front of the root.
Formula root_of(std::int64_t n) {
  std::int64_t front = 1;
  for (std::int64_t i = 2; i * i <= n; ++i) {
    for (; n % (i * i) == 0; n /= i * i) front *= i;
  }
  return Formula(front) * sqrt(Formula(n));
}

/// n/m, √(n/m) and √(n/(mπ)) as such, for small n or m.
std::optional<Formula> recognised(Quad value) {
  for (const int m : {1, 2, 3, 4, 6, 8}) {
    if (const auto n = numerator(value, m, 10'000)) return Formula(*n) / Formula(m);
  }
  const Quad pi = Quad(std::numbers::pi_v<long double>);
  for (const bool over_pi : {false, true}) {
    const Quad squared = value * value * (over_pi ? pi : Quad(1));
    const auto root = [&](std::int64_t n, std::int64_t m) {
      const Formula size = root_of(n) / (over_pi ? root_of(m) * sqrt(Formula::pi()) : root_of(m));
      return value < 0 ? -size : size;
    };
    for (int m = 1; m <= 12; ++m) {
      if (const auto n = numerator(squared, m, 10'000'000))
        return root(*n / std::gcd(*n, m), m / std::gcd(*n, m));
      if (const auto n = numerator(1 / squared, m, 10'000'000))
        return root(m / std::gcd(*n, m), *n / std::gcd(*n, m));
    }
  }
  return std::nullopt;
}

bool is_long(Quad value) { return number(std::fabs(static_cast<double>(value))).size() > 8; }

}  // namespace

Formula formula(const Program& program, NodeId id) { return Reader(program).read(id); }

Formula Constants::operator()(const moments::Constant& constant) {
  Formula result;
  const Formula exact = formula(*program_, constant.node(*program_));
  for (Product term : exact.terms()) {
    Formula front = recognised(term.number.value()).value_or(Formula(0));
    if (front.is(0)) front = named(term.number);
    term.number = {};
    result += front * Formula::of(term);
  }
  return result;
}

/// By its name if it has many digits.
Formula Constants::named(const Coefficient& coefficient) {
  const Quad value = coefficient.value();
  if (!is_long(value)) return Formula::number(std::stod(fmt::format("{:.15g}", static_cast<double>(value))));
  const double size = std::fabs(static_cast<double>(value));
  const auto is_known = [&](const auto& name) { return std::fabs(name.second - size) < 1e-14 * size; };
  auto known = std::ranges::find_if(names_, is_known);
  if (known == names_.end()) {
    names_.emplace_back(
        Formula::symbol(fmt::format("\\lambda_{{{}}}", names_.size() + 1), Formula::rank_of_constants), size);
    known = names_.end() - 1;
  }
  return value < 0 ? -known->first : known->first;
}

std::vector<Equation> Constants::definitions() const {
  std::vector<Equation> result;
  for (const auto& [name, value] : names_) result.push_back({name, Formula::number(value)});
  return result;
}

}  // namespace ntkc::latex
