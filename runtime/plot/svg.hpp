// Elements of SVG, as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/plot.hpp"
#include "runtime/plot/geometry.hpp"

namespace ntkc::plot {

enum class Anchor : std::uint8_t { start, middle, end };

struct TextStyle {
  Anchor anchor = Anchor::start;
  double size = 12;
  std::string_view colour = "#222222";
  bool bold = false;
  bool upwards = false;  ///< turned by 90°, read from below
  bool halo = false;     ///< a white rim, for text on colours
};

/// Collects elements. Coordinates are rounded to 1/100 pixel.
class Svg {
 public:
  void line(Point from, Point to, std::string_view colour, double width, std::string_view dashes = "");
  /// Several open polylines of one look.
  void polylines(const std::vector<std::vector<Point>>& lines, std::string_view colour, double width,
                 std::string_view dashes);
  void polygon(const std::vector<Point>& corners, std::string_view colour, double opacity);
  void box(const Box& box, std::string_view fill, std::string_view stroke = "none");
  /// A cell of a heat map: no smoothing at its edges, else seams would show.
  void cell(const Box& box, std::string_view fill);
  void marker(Marker shape, Point at, std::string_view colour);
  void text(Point at, std::string_view text, const TextStyle& style);

  void append(const Svg& other) { text_ += other.text_; }
  [[nodiscard]] const std::string& elements() const { return text_; }

 private:
  std::string text_;
};

/// "12.3", "-4", "0".
std::string coordinate(double value);

}  // namespace ntkc::plot
