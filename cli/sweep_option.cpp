#include "cli/sweep_option.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "cli/command.hpp"

namespace ntkc::cli {

namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& cause) {
  throw UsageError(
      fmt::format("`--sweep {}`: {}; write NAME=FROM:TO:STEP, as in --sweep w=0.5:3:0.05", text, cause));
}

}  // namespace

Sweep parse_sweep(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) refuse(text, "no parameter is named");
  std::array<double, 3> numbers{};
  const char* at = text.data() + equals + 1;
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto [rest, error] = std::from_chars(at, end, numbers[i]);
    const bool last = i + 1 == numbers.size();
    if (error != std::errc() || !std::isfinite(numbers[i]) ||
        (last ? rest != end : rest == end || *rest != ':'))
      refuse(text, "three numbers are wanted");
    at = rest + 1;
  }
  const auto [from, to, step] = numbers;
  if (!(step > 0) || !(to > from)) refuse(text, "the range is empty");
  // A last value that misses `to` by rounding only is `to`.
  const double steps = std::floor((to - from) / step + 1e-9);
  if (steps < 1) refuse(text, "the range has one value only");
  if (!(steps < static_cast<double>(max_sweep_values)))
    refuse(text, fmt::format("more than {} values", max_sweep_values));
  Sweep sweep;
  sweep.parameter = text.substr(0, equals);
  for (double k = 0; k <= steps; ++k) {
    // Rounded to 12 digits of the step: 0.15000000000000002 is meant to be 0.15.
    const double value = from + k * step;
    const double grain = std::pow(10.0, std::floor(std::log10(step)) - 12);
    sweep.values.push_back(std::abs(value) < 1e-9 * step ? 0 : std::round(value / grain) * grain);
  }
  return sweep;
}

}  // namespace ntkc::cli
