// The largest of several errors.
#pragma once

namespace ntkc::test {

/// The larger of two errors, and NaN as soon as one of them is NaN. std::max(worst, NaN) is `worst`: it would
/// accept a result that is not a number.
template <typename T>
T larger_error(T worst, T error) {
  return error != error || error > worst ? error : worst;
}

}  // namespace ntkc::test
