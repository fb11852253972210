#include "runtime/plot/colours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "ntkc/plot.hpp"

namespace ntkc::plot {

namespace {

struct Colour {
  double red, green, blue;  // 0 … 255
};

/// Linear between equally spaced colours.
std::string interpolate(std::span<const Colour> stops, double fraction) {
  const double place = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(place), stops.size() - 2);
  const double t = place - static_cast<double>(i);
  const auto mix = [t](double a, double b) { return static_cast<int>(std::lround(a + t * (b - a))); };
  return fmt::format("#{:02x}{:02x}{:02x}", mix(stops[i].red, stops[i + 1].red),
                     mix(stops[i].green, stops[i + 1].green), mix(stops[i].blue, stops[i + 1].blue));
}

}  // namespace

std::string palette(std::size_t index) {
  static constexpr std::array<const char*, 7> colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                         "#e69f00", "#56b4e9", "#000000"};
  return colours[index % colours.size()];
}

std::string sequential(double fraction) {
  static constexpr std::array<Colour, 6> stops = {
      {{48, 18, 92}, {49, 71, 138}, {33, 122, 141}, {39, 168, 118}, {134, 205, 70}, {245, 230, 60}}};
  return interpolate(stops, fraction);
}

std::string diverging(double fraction) {
  static constexpr std::array<Colour, 5> stops = {
      {{0, 82, 140}, {110, 170, 212}, {250, 250, 248}, {236, 150, 100}, {178, 64, 0}}};
  return interpolate(stops, fraction);
}

}  // namespace ntkc::plot
