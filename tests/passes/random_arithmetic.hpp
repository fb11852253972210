// Programs of arithmetic at random, made to have like terms, common factors, signs and constants; each with
// its mirror image, the samples exchanged.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::test {

class RandomArithmetic {
 public:
  using NodeId = kernel_ir::NodeId;
  using Operation = kernel_ir::Operation;

  explicit RandomArithmetic(std::uint64_t seed) : random_(seed) {}

  /// Roots: a value, one that a loop makes.
  kernel_ir::Program build() {
    start();
    const NodeId value = pairs_.back().value;
    program_.roots = {{"Value", value}, {"Loop", loop()}};
    return std::move(program_);
  }
  /// Roots: a value and its mirror image, their sum and their difference.
  kernel_ir::Program build_symmetric() {
    start();
    const auto [value, image] = pairs_.back();
    program_.roots = {{"Sum", program_.add(value, image)}, {"Difference", program_.subtract(value, image)}};
    return std::move(program_);
  }

 private:
  struct Mirrored {
    NodeId value;
    NodeId image;
  };

  void start() {
    program_.name = "random";
    program_.input_size = 3;
    const NodeId q = program_.input_square();
    samples_ = {q, program_.square_root(q), program_.add(q, program_.literal(1))};
    define(program_.input_complement());
    define(program_.input_cocomplement());
    define_mirrored(program_.first(samples_[1]), program_.second(samples_[1]));
    define_mirrored(program_.second(samples_[2]), program_.first(samples_[2]));
    grow(12 + pick(30));
  }

  std::size_t pick(std::size_t count) { return random_() % count; }
  template <typename T>
  T any(const std::vector<T>& values) {
    return pick(3) == 0 ? values[pick(values.size())]
                        : values[values.size() - 1 - pick(std::min<std::size_t>(6, values.size()))];
  }
  NodeId literal() {
    constexpr double values[] = {0.5, 2, -1, 3, 0.1, -0.25, 1, 0, 1.4142135623730951, -3};
    return program_.literal(values[pick(std::size(values))]);
  }
  void define(NodeId id) { pairs_.push_back({id, id}); }
  void define_mirrored(NodeId id, NodeId image) { pairs_.push_back({id, image}); }

  void grow(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      if (pick(4) == 0) {
        const NodeId a = any(samples_);
        const NodeId b = pick(3) == 0 ? literal() : any(samples_);
        samples_.push_back(apply(pick(operations), {a, b}, literal()));
        const NodeId made = samples_.back();
        define_mirrored(program_.first(made), program_.second(made));
        continue;
      }
      const Mirrored a = any(pairs_);
      const NodeId number = literal();
      const Mirrored b = pick(3) == 0 ? Mirrored{number, number} : any(pairs_);
      const std::size_t which = pick(operations);
      const NodeId c = literal();
      define_mirrored(apply(which, {a.value, b.value}, c), apply(which, {a.image, b.image}, c));
    }
  }

  static constexpr std::size_t operations = 24;
  NodeId apply(std::size_t which, std::vector<NodeId> a, NodeId c) {
    switch (which) {
      case 0:
      case 1:
        return program_.subtract(program_.literal(0), a[0]);
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return program_.add(a[0], a[1]);
      case 7:
      case 8:
      case 9:
      case 10:
        return program_.subtract(a[0], a[1]);
      case 11:
      case 12:
      case 13:
      case 14:
        return program_.multiply(a[0], a[1]);
      case 15:
        return program_.multiply(c, a[0]);
      case 16:  // of a denominator of 1 at least
        return program_.divide(a[0], program_.add(program_.square(a[1]), program_.literal(1)));
      case 17:
        return program_.divide(a[0], program_.literal(3));
      case 18:
        return program_.real(Operation::minimum, a);
      case 19:
        return program_.real(Operation::select_less, {a[0], a[1], c, a[0]});
      case 20:
        return program_.real(Operation::erf, {a[0]});
      case 21:
        return program_.real(Operation::maximum,
                             {program_.real(Operation::abs, {a[0]}), program_.literal(0)});
      case 22:
        return program_.multiply(
            a[1], program_.real(Operation::select_less, {a[0], c, program_.literal(0), program_.literal(1)}));
      default:
        return program_.square_root(program_.add(program_.square(a[0]), program_.literal(2)));
    }
  }

  NodeId loop() {
    const NodeId start = any(pairs_).value;
    const NodeId sample = any(samples_);
    const auto region =
        program_.begin_loop({{start, kernel_ir::Dependence::pair, kernel_ir::Carried::no_self},
                             {sample, kernel_ir::Dependence::sample, kernel_ir::Carried::no_self}},
                            2);
    const std::vector<NodeId> arguments = program_.regions()[region].arguments;
    define(arguments[0]);
    samples_.push_back(arguments[1]);
    define_mirrored(program_.first(arguments[1]), program_.second(arguments[1]));
    grow(12);
    const NodeId next = program_.real(Operation::erf, {any(pairs_).value});
    return program_.end_loop({next, program_.real(Operation::erf, {any(samples_)})})[0];
  }

  std::mt19937_64 random_;
  kernel_ir::Program program_;
  std::vector<NodeId> samples_;
  std::vector<Mirrored> pairs_;
};

}  // namespace ntkc::test
