#include "runtime/plot/axis_scale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace ntkc::plot {

namespace {

/// With a real minus sign. Zero has none.
std::string with_minus(std::string text) {
  if (text.empty() || text.front() != '-') return text;
  text.erase(0, 1);
  return text.find_first_not_of("0.") == std::string::npos ? text : "\u2212" + text;
}

std::string power_of_ten(int exponent) { return "10^{" + with_minus(fmt::format("{}", exponent)) + "}"; }

/// mantissa · 10^exponent, correctly rounded for small exponents.
double scaled(double mantissa, int exponent) {
  return exponent < 0 ? mantissa / std::pow(10.0, -exponent) : mantissa * std::pow(10.0, exponent);
}

/// A step of 1, 2 or 5 times a power of ten, at least `smallest`.
struct Step {
  int mantissa = 1;
  int exponent = 0;
};
Step nice_step(double smallest) {
  const int exponent = static_cast<int>(std::floor(std::log10(smallest)));
  for (const int mantissa : {1, 2, 5})
    if (scaled(mantissa, exponent) >= smallest * (1 - 1e-12)) return {mantissa, exponent};
  return {1, exponent + 1};
}

bool within(double value, const Mapping& mapping) {
  const double fraction = mapping.fraction(value);
  return fraction > -1e-9 && fraction < 1 + 1e-9;
}

Ticks linear_ticks(const Mapping& mapping, int wanted) {
  const Step step = nice_step((mapping.high - mapping.low) / wanted);
  const double size = scaled(step.mantissa, step.exponent);
  const double largest = std::max(std::abs(mapping.low), std::abs(mapping.high));
  int common = static_cast<int>(std::floor(std::log10(largest)));
  if (common > -4 && common < 5) common = 0;
  Ticks result;
  if (common != 0) result.factor = "×" + power_of_ten(common);
  const int decimals = std::clamp(common - step.exponent, 0, 15);
  const double first = std::ceil(mapping.low / size - 1e-9);
  for (double k = first; within(k * size, mapping) && result.ticks.size() < 100; ++k) {
    const double value = scaled(k * step.mantissa, step.exponent);
    result.ticks.push_back({value, with_minus(fmt::format("{:.{}f}", scaled(value, -common), decimals))});
  }
  return result;
}

std::string plain_number(int mantissa, int exponent) {
  if (exponent >= -3 && exponent < 5) return fmt::format("{:g}", scaled(mantissa, exponent));
  return mantissa == 1 ? power_of_ten(exponent) : fmt::format("{}·{}", mantissa, power_of_ten(exponent));
}

Ticks logarithmic_ticks(const Mapping& mapping, int wanted) {
  const double decades = std::log10(mapping.high) - std::log10(mapping.low);
  const int first = static_cast<int>(std::floor(std::log10(mapping.low)));
  const int last = static_cast<int>(std::ceil(std::log10(mapping.high)));
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / wanted)));
  const bool few = decades < 2;
  Ticks result;
  std::size_t labelled = 0;
  for (int exponent = first; exponent <= last; ++exponent)
    for (int mantissa = 1; mantissa < 10; ++mantissa) {
      const double value = scaled(mantissa, exponent);
      if (!within(value, mapping)) continue;
      std::string label;
      if (few && (mantissa == 1 || mantissa == 2 || mantissa == 5)) label = plain_number(mantissa, exponent);
      if (!few && mantissa == 1 && exponent % stride == 0) label = power_of_ten(exponent);
      if (label.empty() && (stride > 1 || decades > 10)) continue;
      labelled += label.empty() ? 0 : 1;
      result.ticks.push_back({value, label});
    }
  return labelled >= 2 ? result : linear_ticks(mapping, wanted);
}

}  // namespace

bool drawable(double value, Scale scale) {
  constexpr double most = 1e300;
  return scale == Scale::linear ? std::abs(value) <= most : value >= 1 / most && value <= most;
}

void Extent::include(double value) {
  if (!drawable(value, scale_)) return;
  if (empty()) low_ = high_ = value;
  low_ = std::min(low_, value);
  high_ = std::max(high_, value);
}

double Mapping::fraction(double value) const {
  if (scale == Scale::linear) return (value - low) / (high - low);
  return std::log(value / low) / std::log(high / low);
}

Mapping make_mapping(const Axis& axis, const Extent& data, double padding, const std::string& place) {
  const char* const kind = axis.scale == Scale::linear ? "finite" : "finite and positive";
  for (const std::optional<double>& limit : {axis.minimum, axis.maximum})
    if (limit && !drawable(*limit, axis.scale))
      throw InputError(fmt::format("{}: the limit {} of an axis is not {}", place, *limit, kind));
  Mapping mapping;
  mapping.scale = axis.scale;
  double low = axis.minimum.value_or(data.low());
  double high = axis.maximum.value_or(data.high());
  if (axis.minimum && axis.maximum && low >= high)
    throw InputError(fmt::format("{}: an axis from {} to {} is empty", place, low, high));
  const bool logarithmic = axis.scale == Scale::logarithmic;
  // A range so narrow that its ticks could not be told apart becomes wider, on the sides that are free.
  const double size = std::max(std::abs(low), std::abs(high));
  constexpr double tiny = 1e-290;
  if (high - low <= 1e-12 * size || (!logarithmic && high - low < tiny)) {
    const double step = size > tiny ? 0.1 * size : 1;
    if (axis.maximum) low = high;
    if (!axis.minimum) low = logarithmic ? low / 2 : low - step;
    if (!axis.maximum) high = logarithmic ? std::max(low, high) * 2 : std::max(low, high) + step;
  }
  const double span = logarithmic ? std::log(high / low) : high - low;
  if (!axis.minimum) low = logarithmic ? low * std::exp(-padding * span) : low - padding * span;
  if (!axis.maximum) high = logarithmic ? high * std::exp(padding * span) : high + padding * span;
  mapping.low = low;
  mapping.high = high;
  return mapping;
}

Ticks make_ticks(const Axis& axis, const Mapping& mapping, int wanted) {
  if (axis.ticks.empty())
    return axis.scale == Scale::linear ? linear_ticks(mapping, wanted) : logarithmic_ticks(mapping, wanted);
  Ticks result;
  for (const double value : axis.ticks)
    if (drawable(value, axis.scale) && within(value, mapping))
      result.ticks.push_back({value, with_minus(fmt::format("{:g}", value))});
  return result;
}

}  // namespace ntkc::plot
