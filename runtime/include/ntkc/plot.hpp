// Charts as SVG: what is to be seen, and `render`, which makes a text of it.
//
// Every text may hold subscripts and superscripts, written `_{w}` and `^{2}`; all else is literal and
// escaped. The same figure gives the same text on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ntkc/errors.hpp"

#pragma GCC visibility push(default)
namespace ntkc::plot {

enum class Scale : std::uint8_t { linear, logarithmic };

struct Axis {
  std::string label = {};
  Scale scale = Scale::linear;
  std::optional<double> minimum = {};  ///< of what is shown; the data decide if it is left out
  std::optional<double> maximum = {};
  std::vector<double> ticks = {};  ///< where to put numbers; chosen if empty
};

enum class Line : std::uint8_t { none, solid, dashed, dotted };
enum class Marker : std::uint8_t { none, circle, square, triangle, diamond };

/// Points in order, joined by a line, marked, or both. A point that is not finite (or not positive, on a
/// logarithmic axis) is left out and interrupts the line.
struct Series {
  std::string label = {};  ///< in the legend; not there if empty
  std::vector<double> x = {};
  std::vector<double> y = {};
  std::vector<double> error = {};  ///< half lengths of vertical error bars; none if empty
  Line line = Line::solid;
  Marker marker = Marker::none;
  std::string colour = {};  ///< "#0072b2"; the next of the palette if empty
};

/// The area between two curves over x.
struct Band {
  std::string label = {};
  std::vector<double> x = {};
  std::vector<double> lower = {};
  std::vector<double> upper = {};
  std::string colour = {};  ///< the next of the palette if empty
};

enum class Direction : std::uint8_t { horizontal, vertical };

/// A dashed grey line across the chart.
struct Reference {
  Direction direction = Direction::horizontal;
  double value = 0;
  std::string label = {};  ///< beside the line
};

/// Text at a place, centred.
struct Note {
  double x = 0;
  double y = 0;
  std::string text = {};
};

/// Values on a grid as colours, with a colour bar. Cells that are not finite are left blank.
struct HeatMap {
  std::vector<double> x = {};         ///< centres of columns, ascending, at least two
  std::vector<double> y = {};         ///< centres of rows, ascending, at least two
  std::vector<double> values = {};    ///< values[j * x.size() + i] at (x[i], y[j])
  Axis values_axis = {};              ///< label, scale and limits of the colour bar
  std::optional<double> centre = {};  ///< two-sided colours, white at this value
};

struct Chart {
  std::string title = {};
  Axis x = {};
  Axis y = {};
  std::vector<Series> series = {};
  std::vector<Band> bands = {};
  std::vector<Reference> references = {};
  std::vector<Note> notes = {};
  std::optional<HeatMap> heat_map = {};
};

/// Charts side by side, row by row.
struct Figure {
  std::string title = {};
  std::vector<Chart> charts = {};
  int columns = 3;  ///< at most this many in a row
  double chart_width = 400;
  double chart_height = 300;
};

/// Throws InputError if there is nothing to draw, lengths do not agree or limits make no sense; it names the
/// chart.
std::string render(const Figure& figure);
std::string render(const Chart& chart);

/// Colours that people with colour blindness can tell apart (Okabe and Ito 2008), in order and again from the
/// start.
std::string palette(std::size_t index);
/// A colour for an ordered quantity such as depth: dark blue at 0, green in between, light at 1. It is
/// ordered by lightness too.
std::string sequential(double fraction);

}  // namespace ntkc::plot
#pragma GCC visibility pop
