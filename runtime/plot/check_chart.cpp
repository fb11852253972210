#include "runtime/plot/check_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/plot/axis_scale.hpp"

namespace ntkc::plot {

namespace {

void check_length(const std::vector<double>& values, std::size_t length, const char* what,
                  const std::string& label, const std::string& place) {
  if (values.size() != length)
    throw InputError(fmt::format("{}: `{}` has {} points on the x axis and {} {}", place, label, length,
                                 values.size(), what));
}

void check_grid(const std::vector<double>& centres, const Axis& axis, const std::string& place) {
  const bool ascending =
      std::adjacent_find(centres.begin(), centres.end(), std::not_fn(std::less<>())) == centres.end();
  const bool all_drawable = std::all_of(centres.begin(), centres.end(),
                                        [&](double centre) { return drawable(centre, axis.scale); });
  if (centres.size() < 2 || !ascending || !all_drawable)
    throw InputError(fmt::format("{}: the rows and columns of a heat map must be two at least, ascending{}",
                                 place, axis.scale == Scale::linear ? "" : " and positive"));
}

}  // namespace

void check_chart(const Chart& chart, const std::string& place) {
  for (const Series& series : chart.series) {
    check_length(series.y, series.x.size(), "values", series.label, place);
    if (!series.error.empty()) check_length(series.error, series.x.size(), "error bars", series.label, place);
  }
  for (const Band& band : chart.bands) {
    check_length(band.lower, band.x.size(), "lower values", band.label, place);
    check_length(band.upper, band.x.size(), "upper values", band.label, place);
  }
  if (!chart.heat_map) return;
  const HeatMap& map = *chart.heat_map;
  check_grid(map.x, chart.x, place);
  check_grid(map.y, chart.y, place);
  if (map.values.size() != map.x.size() * map.y.size())
    throw InputError(fmt::format("{}: a heat map of {} × {} cells has {} values", place, map.x.size(),
                                 map.y.size(), map.values.size()));
}

}  // namespace ntkc::plot
