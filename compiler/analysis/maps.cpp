#include "compiler/analysis/maps.hpp"

#include <cmath>
#include <utility>

#include "compiler/analysis/limit_form.hpp"

namespace ntkc::analysis {

namespace {

/// The first evaluator serves inputs with |x|²/d up to `first_limit`, each further one `limit_step` times as
/// much as the one before.
constexpr double first_limit = 4;
constexpr double limit_step = 16;
constexpr double last_limit = 1e16;
/// √q from which on activations are taken as what they tend to.
constexpr double large_deviation = 100;

}  // namespace

State State::with_distance(const VectorXd& q, const VectorXd& distance) {
  return {q, distance / 2, VectorXd::Ones(q.size()) - distance / 2};
}

Maps::Maps(RecursionPrograms programs, const passes::ExpansionOptions& expansions)
    : programs_(std::move(programs)),
      expansions_(expansions),
      size_(static_cast<Eigen::Index>(programs_.followed.size())),
      entry_(expand(programs_.entry, first_limit)) {
  steps_.push_back(make(first_limit));
}

std::unique_ptr<LoopEvaluator> Maps::expand(const kernel_ir::Program& program, double limit) const {
  // Only the passes that write the loop out as arithmetic: what it carries stays as it is.
  passes::PipelineOptions options = {
      {"simplify", "peel", "simplify-reals", "remove-dead"}, nullptr, expansions_};
  options.expansions.largest_input = limit;
  options.expansions.state_losses = false;
  auto evaluator = std::make_unique<LoopEvaluator>(passes::run(program, options));
  evaluator->enter(1, 0, 1);  // what does not depend on the state
  return evaluator;
}

Maps::Served& Maps::serve(const VectorXd& q) {
  const double largest = q.maxCoeff();
  for (Served& served : steps_)
    if (largest <= served.limit) return served;
  double limit = steps_.back().limit;
  while (limit < largest && limit < last_limit) limit *= limit_step;
  if (limit > steps_.back().limit) steps_.push_back(make(limit));
  return steps_.back();
}

/// Where expansions converge badly, activations are nearly what they tend to.
Maps::Served Maps::make(double limit) const {
  const double least = std::sqrt(limit / limit_step);
  if (least < large_deviation) {
    auto evaluator = expand(programs_.step, limit);
    const double remainder = evaluator->remainder();
    if (std::isfinite(remainder)) return {limit, remainder, std::move(evaluator)};
  }
  // The ranges of q that expansions are made for begin at a thousandth of the limit.
  auto evaluator = expand(limit_form(programs_.step, limit, least / 8), limit);
  const double remainder = std::max(evaluator->remainder(), 1 / least);
  return {limit, remainder, std::move(evaluator)};
}

double Maps::work() const {
  double sum = 0;
  for (const Served& served : steps_) sum += served.evaluator->work();
  return sum;
}

StateWithTheta Maps::enter(double distance) {
  const Evaluated entered = unpack(entry_->enter(1, distance / 2, 1 - distance / 2));
  return {entered.state, entered.theta};
}

State Maps::iterate(const State& state) {
  const VectorXd none = VectorXd::Zero(size_);
  return evaluate(state, none, none).state;
}

StateWithTheta Maps::iterate(const StateWithTheta& from) {
  Evaluated next = evaluate(from.state, from.theta, VectorXd::Zero(size_));
  return {std::move(next.state), std::move(next.theta)};
}

VectorXd Maps::variances(const VectorXd& q) {
  const VectorXd none = VectorXd::Zero(size_);
  return unpack(serve(q).evaluator->iterate(pack(State::of_variances(q), none, none), Part::samples)).state.q;
}

MatrixXd Maps::slopes(const State& state) {
  MatrixXd result(size_, size_);
  const VectorXd none = VectorXd::Zero(size_);
  for (Eigen::Index j = 0; j < size_; ++j)
    result.col(j) = evaluate(state, none, VectorXd::Unit(size_, j)).tangent;
  return result;
}

Maps::Evaluated Maps::evaluate(const State& state, const VectorXd& theta, const VectorXd& tangent) {
  return unpack(serve(state.q).evaluator->iterate(pack(state, theta, tangent), Part::all));
}

/// What the loop carries: q, z and z̄ of each value, and then a tangent of each value for all seeds together
/// (which nobody asks for), one for the seeds of the layers, and one for the seed of what enters.
std::vector<double> Maps::pack(const State& state, const VectorXd& theta, const VectorXd& tangent) const {
  std::vector<double> carried;
  for (Eigen::Index i = 0; i < size_; ++i)
    carried.insert(carried.end(), {state.q[i], state.complement[i], state.cocomplement[i]});
  carried.insert(carried.end(), static_cast<std::size_t>(size_), 0.0);
  carried.insert(carried.end(), theta.begin(), theta.end());
  carried.insert(carried.end(), tangent.begin(), tangent.end());
  return carried;
}

Maps::Evaluated Maps::unpack(const std::vector<double>& carried) const {
  Evaluated result = {{VectorXd(size_), VectorXd(size_), VectorXd(size_)}, VectorXd(size_), VectorXd(size_)};
  const auto at = [&](Eigen::Index i) { return carried[static_cast<std::size_t>(i)]; };
  for (Eigen::Index i = 0; i < size_; ++i) {
    result.state.q[i] = at(3 * i);
    result.state.complement[i] = at(3 * i + 1);
    result.state.cocomplement[i] = at(3 * i + 2);
    result.theta[i] = at(4 * size_ + i);
    result.tangent[i] = at(5 * size_ + i);
  }
  return result;
}

}  // namespace ntkc::analysis
