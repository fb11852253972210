// What quadrature has taken so far, so that it can be limited by a count that is the same on every machine.
#pragma once

namespace ntkc::hermite {

/// Of this thread, in products of a coefficient and a node; a value of a function counts as `products_of_value`.
inline double& work() {
  thread_local double products = 0;
  return products;
}

inline constexpr double products_of_value = 20;

}  // namespace ntkc::hermite
