// Evaluates an optimized program whose values have positions in double precision, in the order in which it is
// written: what machine code for it computes, but for the elementary functions and the order of sums.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

#include "compiler/kernel_ir/evaluator.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "tests/support/evaluate.hpp"

namespace ntkc::test {

/// One number for each position or pair of positions; of a value of one input at x and at x'.
struct Numbers {
  std::vector<double> first;
  std::vector<double> second;
};

class PositionEvaluator final : kernel_ir::Evaluator<Numbers> {
 public:
  PositionEvaluator(const kernel_ir::Program& program, const kernel_ir::InputCovariances& input)
      : Evaluator(program),
        input_(input),
        positions_(static_cast<std::size_t>(kernel_ir::position_count(program.input_positions))) {
    run(0);
  }

  /// The first number of a root.
  [[nodiscard]] double root(std::string_view name) const { return at(program_.root(name)).first[0]; }

 private:
  using Node = kernel_ir::Node;
  using Operation = kernel_ir::Operation;
  using Quad = kernel_ir::Quad;
  using Space = kernel_ir::Space;

  /// Of a value that is over pairs of positions or at equal ones: makes each number.
  template <typename Make>
  std::vector<double> make(Space space, std::size_t count, Make number) const {
    std::vector<double> result;
    for (std::size_t p = 0; p < count; ++p) {
      if (space != Space::full) {
        result.push_back(number(p, p));
        continue;
      }
      for (std::size_t q = 0; q < count; ++q) result.push_back(number(p, q));
    }
    return result;
  }

  /// (1 - u)/2, or (1 + u)/2, of inputs at positions, rounded once.
  std::vector<double> complement(const Node& node, bool of_opposite, const std::vector<Quad>& left,
                                 const std::vector<Quad>& right, const std::vector<Quad>& cross) const {
    return make(node.place.space, positions_, [&](std::size_t p, std::size_t q) {
      const double m =
          half_complement({left[p * positions_ + p], right[q * positions_ + q], cross[p * positions_ + q]});
      const bool is_negative = std::signbit(m);
      return is_negative == of_opposite ? std::fabs(m) : 1 - std::fabs(m);
    });
  }

  template <typename Compute>
  Numbers both(Compute compute) const {
    return {compute(false), compute(true)};
  }
  [[nodiscard]] const std::vector<double>& side(const Node& node, std::size_t i, bool second) const {
    const Numbers& value = operand(node, i);
    return second && program_[node.operands[i]].dependence == kernel_ir::Dependence::sample ? value.second
                                                                                            : value.first;
  }

  Numbers evaluate(kernel_ir::NodeId id) override {
    const Node& node = program_[id];
    switch (node.operation) {
      case Operation::literal:
        return both([&](bool) { return std::vector{program_.literal_value(node)}; });
      case Operation::input_square:
        return both([&](bool second) {
          const auto& own = second ? input_.second : input_.first;
          return make(node.place.space, positions_, [&](std::size_t p, std::size_t q) {
            return static_cast<double>(own[p * positions_ + q]);
          });
        });
      case Operation::input_complement:
      case Operation::input_cocomplement:
        return {complement(node, node.operation == Operation::input_cocomplement, input_.first, input_.second,
                           input_.cross),
                {}};
      case Operation::input_self_complement:
      case Operation::input_self_cocomplement:
        return both([&](bool second) {
          const auto& own = second ? input_.second : input_.first;
          return complement(node, node.operation == Operation::input_self_cocomplement, own, own, own);
        });
      case Operation::identity:
      case Operation::self_identity:
        return both([&](bool) {
          return make(node.place.space, positions_of(node), [&](std::size_t p, std::size_t q) {
            const bool is_one = node.operation == Operation::self_identity || input_.is_same;
            return is_one && p == q ? 1.0 : 0.0;
          });
        });
      case Operation::first:
        return {operand(node, 0).first, {}};
      case Operation::second:
        return {operand(node, 0).second, {}};
      default:
        return both([&](bool second) { return computed_at(node, second); });
    }
  }

  std::vector<double> computed_at(const Node& node, bool second) const {
    const std::vector<double>& a = side(node, 0, second);
    const kernel_ir::Extents extents = program_.extents(program_[node.operands[0]].place);
    const auto count = static_cast<std::size_t>(kernel_ir::position_count(extents));
    switch (node.operation) {
      case Operation::with_loss:
        return a;
      case Operation::broadcast:
        return make(node.place.space, positions_of(node), [&](std::size_t, std::size_t) { return a[0]; });
      case Operation::rows:
        return make(Space::full, count, [&](std::size_t p, std::size_t) { return a[p]; });
      case Operation::columns:
        return make(Space::full, count, [&](std::size_t, std::size_t q) { return a[q]; });
      case Operation::diagonal:
        return make(Space::diagonal, count, [&](std::size_t p, std::size_t q) { return a[p * count + q]; });
      case Operation::separate:
        return make(Space::full, count,
                    [&](std::size_t p, std::size_t q) { return p == q ? a[p * count + q] : 0.0; });
      case Operation::coupled:
        return coupled(node, extents, count, a);
      case Operation::congruent:
        return congruent(node, extents, count, a);
      case Operation::tap_product:
        return tap_product(node, extents, second);
      default:
        return elementwise(node, second);
    }
  }

  [[nodiscard]] std::size_t positions_of(const Node& node) const {
    return static_cast<std::size_t>(kernel_ir::position_count(program_.extents(node.place)));
  }

  std::vector<double> coupled(const Node& node, const kernel_ir::Extents& extents, std::size_t count,
                              const std::vector<double>& a) const {
    const auto read = kernel_ir::taps(std::get<kernel_ir::Coupled>(program_.attribute(node)), extents);
    return make(node.place.space, read.size(), [&](std::size_t p, std::size_t q) {
      double sum = 0;
      for (std::size_t t = 0; t < read[p].size(); ++t) {
        if (read[p][t] == kernel_ir::outside || read[q][t] == kernel_ir::outside) continue;
        const auto row = static_cast<std::size_t>(read[p][t]);
        const auto column = static_cast<std::size_t>(read[q][t]);
        sum += a[a.size() == count ? row : row * count + column];
      }
      return sum / static_cast<double>(read[p].size());
    });
  }

  std::vector<double> congruent(const Node& node, const kernel_ir::Extents& extents, std::size_t count,
                                const std::vector<double>& a) const {
    const auto matrix = kernel_ir::rows(std::get<kernel_ir::Congruent>(program_.attribute(node)), extents);
    return make(node.place.space, matrix.size(), [&](std::size_t p, std::size_t q) {
      double sum = 0;
      for (const auto& [row, left] : matrix[p]) {
        for (const auto& [column, right] : matrix[q])
          sum += static_cast<double>(left * right) *
                 a[static_cast<std::size_t>(row) * count + static_cast<std::size_t>(column)];
      }
      return sum;
    });
  }

  std::vector<double> tap_product(const Node& node, const kernel_ir::Extents& extents, bool second) const {
    const auto read = kernel_ir::taps(std::get<kernel_ir::Coupled>(program_.attribute(node)), extents);
    return make(node.place.space, read.size(), [&](std::size_t p, std::size_t q) {
      double sum = 0;
      for (std::size_t t = 0; t < read[p].size(); ++t) {
        const auto scaled = [&](std::size_t i) {
          const std::size_t output = i % 2 == 0 ? p : q;
          if (read[output][t] == kernel_ir::outside) return 0.0;
          const std::vector<double>& scale = side(node, 2 * i + 1, second);
          return side(node, 2 * i, second)[static_cast<std::size_t>(read[output][t])] *
                 (scale.size() == 1 ? scale[0] : scale[output]);
        };
        sum += (scaled(0) - scaled(1)) * (scaled(2) - scaled(3));
      }
      return sum / static_cast<double>(read[p].size());
    });
  }

  std::vector<double> elementwise(const Node& node, bool second) const {
    if (!kernel_ir::has_value(node.operation))
      throw std::logic_error("an operation that is not evaluated here");
    std::size_t size = 1;
    for (std::size_t i = 0; i < node.operands.size(); ++i)
      size = std::max(size, side(node, i, second).size());
    std::vector<double> result(size);
    std::vector<double> operands(node.operands.size());
    for (std::size_t k = 0; k < size; ++k) {
      for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::vector<double>& a = side(node, i, second);
        operands[i] = a.size() == 1 ? a[0] : a[k];
      }
      result[k] = kernel_ir::evaluate(node.operation, std::span<const double>(operands));
    }
    return result;
  }

  kernel_ir::InputCovariances input_;
  std::size_t positions_;
};

}  // namespace ntkc::test
