#include "simulator/network.hpp"

#include <algorithm>
#include <utility>

#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

/// to += coefficient · from; columns that one of them lacks are zero there.
void add_scaled(Matrix& to, double coefficient, const Matrix& from) {
  if (to.columns() < from.columns()) {
    Matrix wider(from.rows(), from.columns());
    if (to.columns() > 0) add_scaled(wider, 1, to);
    to = std::move(wider);
  }
  for (std::ptrdiff_t i = 0; i < from.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns(); ++j) to(i, j) += coefficient * from(i, j);
  }
}

Matrix scaled(double factor, MatrixView<const double> from) {
  Matrix result(from.rows, from.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < from.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns; ++j) result(i, j) = factor * from(i, j);
  }
  return result;
}

struct ForwardRule {
  const Plan& plan;
  const Weights& weights;
  MatrixView<const double> inputs;
  int threads;
  const Values& values;

  Matrix operator()(const InputStep& step) const { return scaled(step.scale, inputs); }
  Matrix operator()(const DenseStep& step) const {
    return apply_layer(step, weights, values[step.operand], threads);
  }
  Matrix operator()(const ActivationStep& step) const {
    const Matrix& z = values[step.operand];
    Matrix result(z.rows(), z.columns(), Uninitialized{});
    plan.functions[step.function].evaluate(z.data(), z.rows() * z.columns(), result.data(), nullptr);
    return step.scale == 1 ? std::move(result) : scaled(step.scale, std::as_const(result).view());
  }
  Matrix operator()(const SumStep& step) const {
    Matrix result;
    for (const SumStep::Term& term : step.terms) add_scaled(result, term.coefficient, values[term.operand]);
    return result;
  }
  Matrix operator()(const ProductStep& step) const {
    const Matrix& left = values[step.factors[0]];
    const Matrix& right = values[step.factors[1]];
    Matrix result(left.rows(), left.columns(), Uninitialized{});
    for (std::ptrdiff_t i = 0; i < left.rows(); ++i) {
      for (std::ptrdiff_t j = 0; j < left.columns(); ++j) result(i, j) = left(i, j) * right(i, j);
    }
    return result;
  }
  Matrix operator()(const ConcatStep& step) const {
    std::ptrdiff_t columns = 0;
    for (const ConcatStep::Part& part : step.parts) columns += values[part.value].columns();
    Matrix result(inputs.rows, columns, Uninitialized{});
    std::ptrdiff_t first = 0;
    for (const ConcatStep::Part& part : step.parts) {
      const Matrix& value = values[part.value];
      for (std::ptrdiff_t i = 0; i < value.rows(); ++i) {
        for (std::ptrdiff_t j = 0; j < value.columns(); ++j) result(i, first + j) = part.scale * value(i, j);
      }
      first += value.columns();
    }
    return result;
  }
};

/// Adds to the signals of the operands what a step passes on of its own.
struct BackwardRule {
  const Plan& plan;
  const Weights& weights;
  const Values& values;
  int threads;
  const DenseVisitor& visit;
  std::vector<Matrix>& signals;
  const std::vector<bool>& trained;

  void operator()(const InputStep& /*step*/, Matrix /*signal*/) const {}
  void operator()(const DenseStep& step, Matrix signal) const {
    visit(step, values[step.operand], signal);
    if (trained[step.operand]) pass(step.operand, apply_transposed(step, weights, signal, threads));
  }
  void operator()(const ActivationStep& step, Matrix signal) const {
    const Matrix& z = values[step.operand];
    Matrix slope(z.rows(), z.columns(), Uninitialized{});
    plan.functions[step.function].evaluate(z.data(), z.rows() * z.columns(), nullptr, slope.data());
    const std::ptrdiff_t functions = signal.rows() / z.rows();
    for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
      for (std::ptrdiff_t j = 0; j < signal.columns(); ++j)
        signal(i, j) *= step.scale * slope(i / functions, j);
    }
    pass(step.operand, std::move(signal));
  }
  void operator()(const SumStep& step, Matrix signal) const {
    for (const SumStep::Term& term : step.terms) add_scaled(signals[term.operand], term.coefficient, signal);
  }

  void operator()(const ProductStep& step, const Matrix& signal) const {
    for (std::size_t k = 0; k < 2; ++k) {
      const Matrix& other = values[step.factors[1 - k]];
      const std::ptrdiff_t functions = signal.rows() / other.rows();
      Matrix part(signal.rows(), signal.columns(), Uninitialized{});
      for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
        for (std::ptrdiff_t j = 0; j < signal.columns(); ++j)
          part(i, j) = signal(i, j) * other(i / functions, j);
      }
      pass(step.factors[k], std::move(part));
    }
  }
  void operator()(const ConcatStep& step, const Matrix& signal) const {
    std::ptrdiff_t first = 0;
    for (const ConcatStep::Part& part : step.parts) {
      // The signal may end within the values: the rest of it is zero.
      const std::ptrdiff_t columns = std::min(values[part.value].columns(), signal.columns() - first);
      if (columns <= 0) break;
      Matrix passed(signal.rows(), columns, Uninitialized{});
      for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
        for (std::ptrdiff_t j = 0; j < columns; ++j) passed(i, j) = part.scale * signal(i, first + j);
      }
      pass(part.value, std::move(passed));
      first += columns;
    }
  }

  void pass(StepId to, Matrix signal) const {
    if (signals[to].columns() == 0)
      signals[to] = std::move(signal);
    else
      add_scaled(signals[to], 1, signal);
  }
};

/// By step: whether parameters that are trained stand at or before it.
std::vector<bool> find_trained(const Plan& plan) {
  std::vector<bool> trained;
  for (const Step& step : plan.steps) {
    const auto* const dense = std::get_if<DenseStep>(&step.operation);
    const bool here = dense != nullptr && (dense->weights.rate > 0 || (dense->bias && dense->bias->rate > 0));
    trained.push_back(here || std::ranges::any_of(operands_of(step), [&](StepId operand) {
                        return static_cast<bool>(trained[operand]);
                      }));
  }
  return trained;
}

}  // namespace

Values forward(const Plan& plan, const Weights& weights, MatrixView<const double> inputs, int threads) {
  Values values;
  values.reserve(plan.steps.size());
  for (const Step& step : plan.steps)
    values.push_back(std::visit(ForwardRule{plan, weights, inputs, threads, values}, step.operation));
  return values;
}

void backward(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, int threads,
              const DenseVisitor& visit) {
  std::vector<Matrix> signals(plan.steps.size());
  signals[plan.output] = std::move(signal);
  const std::vector<bool> trained = find_trained(plan);
  const BackwardRule rule{plan, weights, values, threads, visit, signals, trained};
  for (StepId id = plan.steps.size(); id-- > 0;) {
    if (signals[id].columns() == 0 || !trained[id]) continue;
    std::visit([&](const auto& step) { rule(step, std::exchange(signals[id], Matrix())); },
               plan.steps[id].operation);
  }
}

}  // namespace ntkc::simulator
