// What quadrature and its like have taken so far, so that it can be limited by a count that is the same on every
// machine.
#pragma once

#include <limits>
#include <stdexcept>

#include "ntkc/cancellation.hpp"

namespace ntkc::hermite {

class TooMuchWork : public std::length_error {
 public:
  TooMuchWork() : std::length_error("expansions take too much quadrature") {}
};

/// While it lives, `spend` on this thread throws TooMuchWork once more than `most` has been spent since. The
/// innermost one counts.
class WorkLimit {
 public:
  explicit WorkLimit(double most) : around_(current()) { current() = {most, 0}; }
  ~WorkLimit() { current() = {around_.left, around_.spent + current().spent}; }
  WorkLimit(const WorkLimit&) = delete;
  WorkLimit& operator=(const WorkLimit&) = delete;

  /// In products of a coefficient and a node, about 2 ns each.
  static void spend(double products) {
    CancellationScope::poll();
    current().left -= products;
    current().spent += products;
    if (current().left < 0) throw TooMuchWork();
  }
  /// In all.
  static double spent() { return current().spent; }

 private:
  struct State {
    double left = std::numeric_limits<double>::infinity();
    double spent = 0;
  };
  static State& current() {
    thread_local State state;
    return state;
  }

  State around_;
};

/// An operation of a function that is evaluated, in double and in quadruple precision.
inline constexpr double products_of_step = 8;
inline constexpr double products_of_quad = 40;

}  // namespace ntkc::hermite
