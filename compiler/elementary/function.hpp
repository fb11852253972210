// Functions of one real variable, made of elementary operations.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

#include "compiler/elementary/operations.hpp"

namespace ntkc::elementary {

/// In the arithmetic of `Number`, double or Quad.
template <typename Number>
class Function {
 public:
  struct Step {
    Operation operation = Operation::literal;
    Number value = 0;                         ///< of a literal
    std::array<std::uint32_t, 4> operands{};  ///< numbers of earlier steps
    friend auto operator<=>(const Step&, const Step&) = default;
  };

  Function() = default;
  /// The last step is the function.
  explicit Function(std::vector<Step> steps) : steps_(std::move(steps)) {}

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] Number operator()(Number z) const;
  /// The values of all steps.
  void evaluate(Number z, std::vector<Number>& values) const;

  /// Where |z| ≤ reach and the function or a derivative of it may jump, in ascending order: where what has
  /// its sign taken changes its sign, what is compared becomes equal, or what has its root, logarithm or
  /// power taken vanishes. What is affine in z has its zero by division; zeros of anything else are looked
  /// for where |z| ≤ limit, at 1000 places to each side and where there is a change of sign between them.
  [[nodiscard]] std::vector<Number> breaks(Number limit, Number reach) const;
  [[nodiscard]] std::vector<Number> breaks(Number limit) const { return breaks(limit, limit); }

  /// Those of the breaks at which the function itself jumps, or has no value: where the difference across
  /// does not shrink with the distance.
  [[nodiscard]] std::vector<Number> jumps(Number limit, Number reach) const;
  [[nodiscard]] bool has_jump(Number limit) const { return !jumps(limit, limit).empty(); }

  /// An order of the ways in which functions are written.
  friend auto operator<=>(const Function&, const Function&) = default;

 private:
  /// What vanishes at a break: a step, or the difference of two.
  struct Difference {
    std::uint32_t left;
    std::uint32_t right;  ///< `left` itself if there is none
  };
  [[nodiscard]] std::vector<Difference> differences() const;
  [[nodiscard]] Number value_of(const Difference& difference, Number z) const;
  void scan(const std::vector<Difference>& differences, Number limit, std::vector<Number>& zeros) const;
  [[nodiscard]] Number bisect(const Difference& difference, Number low, Number high) const;

  std::vector<Step> steps_;
};

extern template class Function<double>;
extern template class Function<Quad>;

}  // namespace ntkc::elementary
