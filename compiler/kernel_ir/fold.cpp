#include "compiler/kernel_ir/fold.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/kernel_ir/arithmetic.hpp"

namespace ntkc::kernel_ir {

std::optional<double> fold(Operation operation, const std::vector<double>& a) {
  switch (operation) {
    case Operation::pi:
      return std::numbers::pi;
    case Operation::add:
      return a[0] + a[1];
    case Operation::subtract:
      return a[0] - a[1];
    case Operation::multiply:
      return a[0] * a[1];
    case Operation::divide:
      return a[0] / a[1];
    case Operation::square_root:
      return std::sqrt(a[0]);
    case Operation::reciprocal_or_zero:
      return a[0] == 0 ? 0 : 1 / a[0];
    case Operation::minimum:
      return std::min(a[0], a[1]);
    case Operation::maximum:
      return std::max(a[0], a[1]);
    case Operation::select_less:
      return a[0] < a[1] ? a[2] : a[3];
    case Operation::expm1:
      return std::expm1(a[0]);
    case Operation::dawson:
    case Operation::arcsine_ratio:
    case Operation::arccosine_ratio: {
      const Quad z = a[0];
      return static_cast<double>(evaluate(operation, {&z, 1}));
    }
    case Operation::power:
      return std::pow(a[0], a[1]);
    case Operation::exp:
      return std::exp(a[0]);
    case Operation::log:
      return std::log(a[0]);
    case Operation::sin:
      return std::sin(a[0]);
    case Operation::cos:
      return std::cos(a[0]);
    case Operation::tanh:
      return std::tanh(a[0]);
    case Operation::erf:
      return std::erf(a[0]);
    case Operation::abs:
      return std::fabs(a[0]);
    case Operation::sign:
      return a[0] > 0 ? 1 : a[0] < 0 ? -1 : 0;
    default:
      return std::nullopt;
  }
}

}  // namespace ntkc::kernel_ir
