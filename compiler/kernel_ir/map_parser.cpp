// What calls say behind their operands: domains, maps of positions, places.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/kernel_ir/expression_parser.hpp"

namespace ntkc::kernel_ir::text_form {

Extents ExpressionParser::parse_extents() {
  Extents result;
  do result.push_back(expect_count("an extent"));
  while (accept("x"));
  return result;
}

Place ExpressionParser::parse_place() {
  const std::string_view name = expect_name();
  const auto* found = std::ranges::find(space_names, name);
  if (found == std::end(space_names)) fail(fmt::format("there is no space `{}`", name));
  const auto space = static_cast<Space>(found - std::begin(space_names));
  return space == Space::point ? Place{} : program_.place(space, parse_extents());
}

Attribute ExpressionParser::parse_attribute(Operation operation, Place& place) {
  switch (operation) {
    case Operation::arcsine_ratio:
    case Operation::arccosine_ratio:
      expect(";");
      return Domain{expect_real()};
    case Operation::broadcast:
    case Operation::identity:
    case Operation::self_identity:
      expect(";");
      place = parse_place();
      return {};
    case Operation::coupled:
      expect(";");
      return parse_coupled();
    case Operation::congruent:
      expect(";");
      return parse_congruent();
    case Operation::tap_product: {
      expect(";");
      Coupled map = parse_coupled();
      place.space = accept("full") ? Space::full : Space::diagonal;
      return map;
    }
    default:
      return {};
  }
}

Coupled ExpressionParser::parse_coupled() {
  Coupled map;
  do map.windows.push_back(parse_window());
  while (accept_comma());
  if (accept("to")) {
    expect("point");
    map.to_point = true;
  }
  return map;
}

Congruent ExpressionParser::parse_congruent() {
  Congruent map;
  do {
    if (at("matrix")) {
      map.factors.emplace_back(parse_matrix());
    } else {
      map.factors.emplace_back(parse_window());
    }
  } while (accept_comma());
  if (accept("giving")) map.joint = parse_extents();
  if (accept("to")) {
    expect("point");
    map.to_point = true;
  }
  return map;
}

/// 3 stride 2 low 0 high 1 circular
Window ExpressionParser::parse_window() {
  Window window;
  window.size = expect_count("the number of taps");
  if (accept("stride")) window.stride = expect_count("a stride");
  if (accept("dilation")) window.dilation = expect_count("a dilation");
  if (accept("base")) window.base_dilation = expect_count("a dilation");
  for (auto [name, padding] : {std::pair("low", &window.low), std::pair("high", &window.high)}) {
    if (!accept(name)) continue;
    const bool is_negative = accept("-");
    *padding = expect_count("padding") * (is_negative ? -1 : 1);
  }
  window.circular = accept("circular");
  return window;
}

/// matrix 3 [0 0.5, 1 0.5] [2 1]: the number of columns, then of each row its columns and entries
PositionMatrix ExpressionParser::parse_matrix() {
  expect("matrix");
  PositionMatrix matrix;
  matrix.inputs = expect_count("the number of columns");
  while (accept("[")) {
    auto& row = matrix.rows.emplace_back();
    while (!at("]")) {
      if (!row.empty() && !accept_comma()) fail_expecting("`,` or `]`");
      const double column = expect_real();
      if (column != std::floor(column) || std::fabs(column) > 1e9) fail("a column is not a number of one");
      row.push_back({static_cast<std::int64_t>(column), expect_real()});
    }
    expect("]");
  }
  return matrix;
}

}  // namespace ntkc::kernel_ir::text_form
