// From data to pixels: the range of an axis, its ticks, its mapping.
#pragma once

#include <string>
#include <vector>

#include "ntkc/plot.hpp"

namespace ntkc::plot {

/// Whether a value can be drawn on an axis: finite, positive on a logarithmic one, and within 1e±300, so that
/// differences stay finite.
bool drawable(double value, Scale scale);

/// Smallest and largest of the values that can be drawn.
class Extent {
 public:
  explicit Extent(Scale scale) : scale_(scale) {}
  void include(double value);
  [[nodiscard]] bool empty() const { return low_ > high_; }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

 private:
  Scale scale_;
  double low_ = 1;
  double high_ = 0;
};

/// Maps [low, high] of an axis to pixels, linearly in the value or in its logarithm.
struct Mapping {
  Scale scale = Scale::linear;
  double low = 0;
  double high = 1;
  double pixel_low = 0;
  double pixel_high = 1;

  /// 0 at `low`, 1 at `high`.
  [[nodiscard]] double fraction(double value) const;
  [[nodiscard]] double operator()(double value) const {
    return pixel_low + fraction(value) * (pixel_high - pixel_low);
  }
};

/// The range to show: the limits of the axis, else the data with `padding` (a fraction of the range) on both
/// sides. Throws InputError, beginning with `place`, if the limits make no sense. Precondition: there are
/// data.
Mapping make_mapping(const Axis& axis, const Extent& data, double padding, const std::string& place);

struct Tick {
  double value = 0;
  std::string label;  ///< as for marked_up; minor ticks have none
};
struct Ticks {
  std::vector<Tick> ticks;
  std::string factor;  ///< "×10^{6}", which all labels are to be multiplied by; mostly empty
};

/// About `wanted` numbers at multiples of 1, 2 or 5 times a power of ten; decades on a logarithmic axis, with
/// 2 and 5 between if there are few.
Ticks make_ticks(const Axis& axis, const Mapping& mapping, int wanted);

}  // namespace ntkc::plot
