#include "compiler/elementary/enclosure.hpp"

#include <cmath>
#include <numbers>

#include "compiler/elementary/region.hpp"
#include "compiler/hermite/work.hpp"

namespace ntkc::elementary {
namespace {

using Step = Function<double>::Step;

/// Which of two values is the smaller all along the panel.
enum class Order { first, second, undecided };
Order order(const Region& first, const Region& second) {
  if (first.re.low >= second.re.high) return Order::second;
  return first.re.high <= second.re.low ? Order::first : Order::undecided;
}

/// Of min(a, b), max(a, b), |a|, sign a and a < b ? c : d: the operation as it is on one side of its break.
class Switches {
 public:
  Switches(const std::vector<Region>& on_panel, const std::vector<Region>& values, bool is_real)
      : on_panel_(on_panel), values_(values), is_real_(is_real) {}

  [[nodiscard]] Region operator()(const Step& step) const {
    const auto [a, b, c, d] = step.operands;
    const Region zero = real_region({0, 0});
    switch (step.operation) {
      case Operation::minimum:
        return choose(order(on_panel_[a], on_panel_[b]), values_[a], values_[b]);
      case Operation::maximum:
        return choose(order(on_panel_[a], on_panel_[b]), values_[b], values_[a]);
      case Operation::select_less:
        return choose(order(on_panel_[a], on_panel_[b]), values_[c], values_[d]);
      case Operation::abs:
        return choose(order(on_panel_[a], zero), negative(values_[a]), values_[a]);
      default:  // sign
        return choose(order(on_panel_[a], zero), real_region({-1, -1}), real_region({1, 1}));
    }
  }

 private:
  [[nodiscard]] Region choose(Order order, const Region& first, const Region& second) const {
    if (order == Order::first) return first;
    if (order == Order::second) return second;
    return is_real_ ? united(first, second) : everything();
  }

  const std::vector<Region>& on_panel_;
  const std::vector<Region>& values_;
  bool is_real_;
};

Region operation_on(const Step& step, const std::vector<Region>& values) {
  const Region& a = values[step.operands[0]];
  const Region& b = values[step.operands[1]];
  switch (step.operation) {
    case Operation::add:
      return add(a, b);
    case Operation::subtract:
      return add(a, negative(b));
    case Operation::multiply:
      return step.operands[0] == step.operands[1] ? square(a) : multiply(a, b);
    case Operation::divide:
      return multiply(a, inverse(b));
    case Operation::reciprocal_or_zero:
      return inverse(a);
    case Operation::square_root:
      return power(a, 0.5);
    case Operation::power:
      if (is_real(b) && b.re.low == b.re.high) return power(a, b.re.low);
      return exp(multiply(b, log(a)));
    case Operation::exp:
      return exp(a);
    case Operation::expm1:
      return add(exp(a), real_region({-1, -1}));
    case Operation::log:
      return log(a);
    case Operation::sin:
      return sin(a);
    case Operation::cos:
      return cos(a);
    case Operation::tanh:
      return tanh(a);
    case Operation::erf:
      return erf(a);
    default:
      return everything();
  }
}

bool is_switch(Operation operation) {
  const Regularity regularity = info(operation).regularity;
  return regularity == Regularity::switches_at_zero || regularity == Regularity::switches_where_equal;
}

}  // namespace

void Enclosure::evaluate(const Region& variable, const std::vector<Region>* on_panel,
                         std::vector<Region>& values) const {
  values.clear();
  const Switches choose(on_panel == nullptr ? values : *on_panel, values, on_panel == nullptr);
  for (const Step& step : f_.steps()) {
    switch (step.operation) {
      case Operation::literal:
        values.push_back(real_region({step.value, step.value}));
        break;
      case Operation::pi:
        values.push_back(real_region({std::numbers::pi, std::numbers::pi}));
        break;
      case Operation::variable:
        values.push_back(variable);
        break;
      default:
        values.push_back(is_switch(step.operation) ? choose(step) : operation_on(step, values));
    }
  }
}

double Enclosure::largest(double low, double high, double rho) const {
  constexpr double products = 16;  // beside an operation in double precision
  hermite::WorkLimit::spend(products * hermite::products_of_step * static_cast<double>(f_.steps().size()));
  thread_local std::vector<Region> on_panel;
  thread_local std::vector<Region> values;
  evaluate(real_region({low, high}), nullptr, on_panel);
  if (rho <= 1) return on_panel.back().modulus.high;
  const double centre = (low + high) / 2;
  const double half = (high - low) / 2;
  const double length = half * (rho + 1 / rho) / 2;
  const double height = half * (rho - 1 / rho) / 2;
  const Interval re = {centre - length, centre + length};
  Region variable = real_region(re);
  variable.im = {-height, height};
  variable.modulus.high = std::hypot(variable.modulus.high, height);
  const double angle = std::atan2(height, re.low);
  variable.argument = re.low > 0 ? Interval{-angle, angle} : Interval{-HUGE_VAL, HUGE_VAL};
  evaluate(variable, &on_panel, values);
  return values.back().modulus.high;
}

}  // namespace ntkc::elementary
