#include "compiler/duals/rounding.hpp"

#include <fmt/format.h>
#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/closed_form.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/kernel_ir/evaluator.hpp"
#include "compiler/kernel_ir/live.hpp"

namespace ntkc::duals {
namespace {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;

/// A value and what it may be off by, in units of the roundoff.
struct Rounded {
  Quad value = 0;
  Quad error = 0;
};

Rounded rounded_number(double number) {
  const double scaled = std::ldexp(number, 20);
  return {number, scaled == std::floor(scaled) ? Quad(0) : fabsq(number)};
}

/// Running errors of the nodes that some values are made of: numbers, parameters and arithmetic. One parameter has
/// the value q.
class RunningError final : public kernel_ir::Evaluator<Rounded> {
 public:
  RunningError(const Program& program, const std::vector<kernel_ir::Root>& roots, std::uint32_t variance,
               double q)
      : Evaluator(program), needed_(kernel_ir::find_live(program, roots)), variance_(variance), q_(q) {
    hermite::WorkLimit::spend(hermite::products_of_quad *
                              static_cast<double>(std::ranges::count(needed_, true)));
    run(0);
  }
  [[nodiscard]] const Rounded& of(NodeId id) const { return at(id); }

 private:
  [[nodiscard]] bool is_wanted(NodeId id) const override { return needed_[id]; }

  Rounded evaluate(NodeId id) override {
    const Node& node = program_[id];
    if (node.operation == Operation::literal) return rounded_number(program_.literal_value(node));
    if (node.operation == Operation::parameter) {
      const std::uint32_t number = program_.parameter_number(node);
      return {number == variance_ ? q_ : program_.parameters[number].value, 0};
    }
    return rounded_operation(node);
  }

  /// An operation on what is off: its own roundings, and those of the operands times the derivatives.
  [[nodiscard]] Rounded rounded_operation(const Node& node) const {
    const elementary::OperationInfo& known = kernel_ir::traits(node.operation);
    std::array<Quad, elementary::most_operands> values{};
    const std::size_t count = node.operands.size();
    for (std::size_t i = 0; i < count; ++i) values.at(i) = operand(node, i).value;
    const std::span<const Quad> operands = std::span(values).first(count);
    Rounded result = {kernel_ir::evaluate(node.operation, operands), 0};
    if (result.value != 0 && loses_exponent(node)) return {result.value, HUGE_VALQ};
    result.error = known.roundings * fabsq(result.value);
    // Of what nearly all of a program is made of, the derivatives are known without evaluating it again.
    switch (node.operation) {
      case Operation::add:
      case Operation::subtract:
        result.error += operand(node, 0).error + operand(node, 1).error;
        return result;
      case Operation::multiply:
        result.error += fabsq(values[1]) * operand(node, 0).error + fabsq(values[0]) * operand(node, 1).error;
        return result;
      default:
        result.error += passed_on(node, values, result.value, known.regularity);
        return result;
    }
  }

  /// The errors of the operands times the derivatives, by differences; `here` is the value.
  [[nodiscard]] Quad passed_on(const Node& node, std::array<Quad, elementary::most_operands>& values,
                               Quad here, elementary::Regularity regularity) const {
    const std::size_t count = node.operands.size();
    const std::span<const Quad> operands = std::span(values).first(count);
    Quad result = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto [value, error] = operand(node, i);
      if (error == 0 || (value == 0 && regularity != elementary::Regularity::smooth)) continue;
      // Small enough for the squares in exponents.
      const Quad step = Quad(1e-20) * (value == 0 ? Quad(1) : fabsq(value));
      values.at(i) = value + step;
      result += fabsq((kernel_ir::evaluate(node.operation, operands) - here) / step) * error;
      values.at(i) = value;
    }
    return result;
  }

  /// Whether an exponent is off by so much that the power of e is not what its derivative says.
  [[nodiscard]] bool loses_exponent(const Node& node) const {
    const bool has_exponent = node.operation == Operation::exp || node.operation == Operation::normal_tail ||
                              node.operation == Operation::normal_orthant;
    return has_exponent && operand(node, node.operands.size() - 1).error * Quad(double_roundoff) > Quad(0.01);
  }

  std::vector<bool> needed_;
  std::uint32_t variance_;
  double q_;
};

}  // namespace

std::optional<RoundingLoss> RoundingLoss::find(const Program& program, NodeId phi, Asked asked,
                                               double unit_roundoff) {
  RoundingLoss loss;
  loss.program_ = program;
  loss.unit_roundoff_ = unit_roundoff;
  const std::optional<ClosedForm> dual = ClosedForm::find(loss.program_, phi, unit_roundoff);
  if (!dual || std::ranges::none_of(dual->parts(), &ClosedPart::by_calculus)) return std::nullopt;
  loss.variance_ = static_cast<std::uint32_t>(loss.program_.parameters.size());
  loss.program_.parameters.push_back({"q", 1});
  const Expression q(loss.program_, loss.program_.parameter(loss.variance_));
  const GaussianPair equal = equal_pair(q);
  Share value;
  Share derivative;
  Expression slopes = q.literal(0);
  for (const ClosedPart& each : dual->parts()) {
    if (!each.by_calculus) continue;
    const moments::NormalForm& form = each.form;
    if (const auto small = moments::small_form(form)) {
      const double least = loss.least_variance_;
      loss.least_variance_ = least > 0 ? std::min(least, small->largest_variance) : small->largest_variance;
    }
    const moments::NormalForm steep = moments::derivative(form);
    value.parts.push_back(moment(form, form, equal).id());
    const Expression part = moment(steep, steep, equal);
    derivative.parts.push_back(part.id());
    slopes = slopes + part;  // parts by other rules would only add to it
  }
  // In quadruple precision that is an integral, and too slow: an exponential times erf, whose noise leaves u
  // and v different.
  const auto is_slow = [&](const Node& node) {
    if (node.operation != Operation::normal_orthant) return false;
    const NodeId z = node.operands[2];
    return !loss.program_.is_literal(z, 0) && !loss.program_.is_literal(z, 1);
  };
  const auto first_new = static_cast<std::ptrdiff_t>(program.size());
  if (std::any_of(loss.program_.nodes().begin() + first_new, loss.program_.nodes().end(), is_slow))
    return std::nullopt;
  value.whole = dual->self(self_covariance(q)).id();
  derivative.whole = slopes.id();
  if (asked.value) loss.shares_.push_back(std::move(value));
  const bool is_step =
      std::ranges::all_of(derivative.parts, [&](NodeId part) { return loss.program_.is_literal(part, 0); });
  if (asked.slope && !is_step) loss.shares_.push_back(std::move(derivative));
  return loss.shares_.empty() ? std::nullopt : std::optional(std::move(loss));
}

double RoundingLoss::at(double q) const {
  q = std::max(q, least_variance_);
  // All in one walk through the program.
  std::vector<kernel_ir::Root> roots;
  for (const Share& share : shares_) {
    roots.push_back({.name = "", .node = share.whole});
    for (const NodeId part : share.parts) roots.push_back({.name = "", .node = part});
  }
  const RunningError at_q(program_, roots, variance_, q);
  double worst = 0;
  for (const Share& share : shares_) {
    const Quad whole = at_q.of(share.whole).value;
    Quad error = 0;
    for (const NodeId part : share.parts) error += at_q.of(part).error;
    const bool is_normal = whole > Quad(1e-290) && whole < Quad(1e290) && finiteq(error) != 0;
    const double loss = is_normal ? unit_roundoff_ * static_cast<double>(error / whole) : std::nan("");
    if (!(loss <= worst)) worst = loss;
  }
  return worst;
}

namespace {

/// The losses from 1e-12 to 1e24, two for a factor of 10.
class Losses {
 public:
  static constexpr int last = 72;

  explicit Losses(const RoundingLoss& loss) : least_variance_(loss.least_variance()) {
    for (int i = 0; i <= last; ++i) values_.at(static_cast<std::size_t>(i)) = loss.at(variance(i));
    for (int i = 1; i <= last; ++i) best_ = std::isnan(at(best_)) || at(i) < at(best_) ? i : best_;
  }

  static double variance(int i) { return std::pow(10, (i - 24) / 2.0); }
  [[nodiscard]] double at(int i) const { return values_.at(static_cast<std::size_t>(i)); }
  [[nodiscard]] int best() const { return best_; }
  [[nodiscard]] double least_variance() const { return least_variance_; }
  /// The last before one that exceeds the tolerance, from the best in steps of ±1; nothing if none does. What
  /// is not a number is beyond double precision altogether.
  [[nodiscard]] std::optional<int> end(int step, double tolerance) const {
    int i = best_;
    while (i + step >= 0 && i + step <= last && !(at(i + step) > tolerance)) i += step;
    return i + step < 0 || i + step > last ? std::nullopt : std::optional(i);
  }
  /// The outermost that is a number, at most so many steps from one that is.
  [[nodiscard]] int outermost(int i, int step, int steps) const {
    while (steps-- > 0 && i + step >= 0 && i + step <= last && !std::isnan(at(i + step))) i += step;
    return i;
  }

 private:
  std::array<double, last + 1> values_{};
  int best_ = 0;
  double least_variance_ = 0;
};

}  // namespace

namespace {

LossRange find_range(const Losses& losses, double tolerance) {
  LossRange result = {losses.at(losses.best()) <= tolerance, losses.at(losses.best()), {}, {}};
  if (!result.is_met) return result;
  const auto end = [&](int step) -> std::optional<LossRange::End> {
    const std::optional<int> i = losses.end(step, tolerance);
    if (!i) return std::nullopt;
    const int beyond = losses.outermost(*i, step, 4);  // a hundredfold
    return LossRange::End{Losses::variance(*i), Losses::variance(beyond), losses.at(beyond)};
  };
  result.low = end(-1);
  result.high = end(1);
  return result;
}

}  // namespace

Expression LossPower::of(Expression q) const {
  if (least_variance > 0) q = maximum(q, q.literal(least_variance));
  const Expression root = halves % 2 == 0 ? q : sqrt(q);
  const Expression base = halves < 0 ? reciprocal_or_zero(root) : root;
  Expression result = q.literal(factor);
  for (int i = 0; i < std::abs(halves % 2 == 0 ? halves / 2 : halves); ++i) result = result * base;
  return result;
}

namespace {

/// A power of q that is steep enough to say that all is lost a little further on.
constexpr int most_halves = 8;
constexpr double largest_kept_loss = 1e-3;

std::vector<LossPower> find_powers(const Losses& losses, double tolerance) {
  std::vector<LossPower> result;
  for (const int step : {-1, 1}) {
    const std::optional<int> end = losses.end(step, tolerance);
    if (!end) continue;
    int outermost = losses.outermost(*end, step, Losses::last);
    if (step < 0) {  // where it no longer grows
      while (outermost < *end - 2 && Losses::variance(outermost) < losses.least_variance()) ++outermost;
    }
    const double slope = 2 * step * std::log10(losses.at(outermost) / losses.at(outermost - step));
    const int halves = std::clamp(static_cast<int>(std::lround(2 * slope)), -most_halves, most_halves);
    LossPower power = {0, halves, step < 0 ? losses.least_variance() : 0};
    for (int i = *end + step; i != outermost + step; i += step)
      power.factor = std::max(power.factor,
                              losses.at(i) / std::pow(Losses::variance(i), static_cast<double>(halves) / 2));
    power.factor = std::stod(fmt::format("{:.1e}", 1.06 * power.factor));  // rounded up, to be read
    if (power.factor > 0) result.push_back(power);
    if (power.factor > 0 && power.least_variance > 0)  // beside a larger variance, at 1e-15 of its own
      result.push_back({std::sqrt(power.factor * 1e-15), -1});
  }
  // Beyond the largest q at which it is known, all may be lost at once.
  const int largest = losses.outermost(losses.best(), 1, Losses::last);
  if (largest < Losses::last)
    result.push_back(
        {largest_kept_loss * std::pow(Losses::variance(largest), -most_halves / 2), most_halves});
  return result;
}

}  // namespace

LossBounds find_loss_bounds(const RoundingLoss& loss, double tolerance) {
  const Losses losses(loss);
  return {find_range(losses, tolerance), find_powers(losses, tolerance)};
}

std::string describe(const LossRange& range, double tolerance) {
  if (!range.is_met) return fmt::format(", to {:.0e} at best", range.least);
  if (!range.low && !range.high) return {};
  const auto beyond = [](const LossRange::End& end) {
    return fmt::format("{:.0e} at q = {:.0e}", end.loss_beyond, end.beyond);
  };
  std::string text = fmt::format(", to {:.0e} for q ", tolerance);
  if (range.low && range.high)
    return text + fmt::format("from {:.0e} to {:.0e} ({}, {})", range.low->q, range.high->q,
                              beyond(*range.low), beyond(*range.high));
  if (range.low) return text + fmt::format("of {:.0e} and more ({})", range.low->q, beyond(*range.low));
  return text + fmt::format("up to {:.0e} ({})", range.high->q, beyond(*range.high));
}

}  // namespace ntkc::duals
