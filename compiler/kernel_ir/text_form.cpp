#include "compiler/kernel_ir/text_form.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ntkc::kernel_ir::text_form {
namespace {

std::string window_text(const Window& window) {
  std::string text = fmt::format("{}", window.size);
  const auto add = [&](std::string_view name, std::int64_t number, std::int64_t otherwise) {
    if (number != otherwise) text += fmt::format(" {} {}", name, number);
  };
  add("stride", window.stride, 1);
  add("dilation", window.dilation, 1);
  add("base", window.base_dilation, 1);
  add("low", window.low, 0);
  add("high", window.high, 0);
  if (window.circular) text += " circular";
  return text;
}

std::string matrix_text(const PositionMatrix& matrix) {
  std::string text = fmt::format("matrix {}", matrix.inputs);
  for (const auto& row : matrix.rows) {
    text += " [";
    for (std::size_t i = 0; i < row.size(); ++i)
      text += fmt::format("{}{} {}", i > 0 ? ", " : "", row[i].input, row[i].weight);
    text += "]";
  }
  return text;
}

std::string factor_text(const Congruent::Factor& factor) {
  const auto* window = std::get_if<Window>(&factor);
  return window != nullptr ? window_text(*window) : matrix_text(std::get<PositionMatrix>(factor));
}

}  // namespace

std::string input_text(Operation operation, Space space, std::int64_t input_size) {
  const bool is_sum = operation == Operation::input_self || operation == Operation::input_square ||
                      operation == Operation::input_cross;
  const bool is_own = operation != Operation::input_cross && operation != Operation::input_complement &&
                      operation != Operation::input_cocomplement;
  const std::string first = space == Space::point ? "x" : "x[p]";
  const std::string second = fmt::format("x{}{}", is_own ? "" : "'",
                                         space == Space::point      ? ""
                                         : space == Space::diagonal ? "[p]"
                                                                    : "[p']");
  if (is_sum && first == second) return fmt::format("|{}|^2/{}", first, input_size);
  if (is_sum) return fmt::format("{}.{}/{}", first, second, input_size);
  const bool is_cocomplement =
      operation == Operation::input_cocomplement || operation == Operation::input_self_cocomplement;
  return fmt::format("(1 {} cos({}, {}))/2", is_cocomplement ? '+' : '-', first, second);
}

std::string extents_text(const Extents& extents) { return fmt::format("{}", fmt::join(extents, " x ")); }

std::string place_text(const Program& program, const Place& place) {
  const std::string_view space = space_names[static_cast<std::size_t>(place.space)];
  if (place.space == Space::point) return std::string(space);
  return fmt::format("{} {}", space, extents_text(program.extents(place)));
}

std::string map_text(const Coupled& map) {
  std::string text;
  for (const Window& window : map.windows) text += (text.empty() ? "" : ", ") + window_text(window);
  return text + (map.to_point ? " to point" : "");
}

std::string map_text(const Congruent& map) {
  std::string text;
  for (const Congruent::Factor& factor : map.factors)
    text += (text.empty() ? "" : ", ") + factor_text(factor);
  if (map.joint) text += " giving " + extents_text(*map.joint);
  return text + (map.to_point ? " to point" : "");
}

}  // namespace ntkc::kernel_ir::text_form
