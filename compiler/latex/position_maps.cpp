#include "compiler/latex/position_maps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/latex/expression.hpp"

namespace ntkc::latex {
namespace {

using kernel_ir::Congruent;
using kernel_ir::Coupled;
using kernel_ir::Extents;
using kernel_ir::Node;
using kernel_ir::Operation;
using kernel_ir::position_count;
using kernel_ir::Window;

/// "3", "3 \times 3"
std::string sizes_text(const std::vector<Window>& windows) {
  std::string text;
  for (const Window& window : windows)
    text += (text.empty() ? "" : " \\times ") + fmt::format("{}", window.size);
  return text;
}

std::string multiple(std::int64_t factor, std::string_view variable) {
  return factor == 1 ? std::string(variable) : fmt::format("{}\\,{}", factor, variable);
}

/// What the outputs read along one axis: "$p \mapsto 2\,p + t - 1$ for $t = 0, \dots, 2$".
std::string axis_text(const Window& window, std::int64_t inputs) {
  std::string place = multiple(window.stride, "p");
  if (window.size > 1) place += " + " + multiple(window.dilation, "t");
  if (window.low != 0) place += fmt::format(" {} {}", window.low > 0 ? '-' : '+', std::abs(window.low));
  if (window.base_dilation > 1) place = fmt::format("({})/{}", place, window.base_dilation);
  if (window.circular) place += fmt::format(" \\bmod {}", inputs);
  std::string text = fmt::format("$p \\mapsto {}$", place);
  if (window.size > 1) text += fmt::format(", $t = 0, \\dots, {}$", window.size - 1);
  if (window.base_dilation > 1) text += " where that is whole";
  return text;
}

std::string reading(const std::vector<Window>& windows, const Extents& inputs) {
  std::vector<std::string> axes;
  for (std::size_t d = 0; d < windows.size(); ++d) axes.push_back(axis_text(windows[d], inputs[d]));
  const bool alike = std::ranges::all_of(axes, [&](const std::string& axis) { return axis == axes.front(); });
  if (alike) return axes.front() + (axes.size() > 1 ? " along each axis" : "");
  std::string text;
  for (std::size_t d = 0; d < axes.size(); ++d)
    text += fmt::format("{}{} along axis {}", d == 0 ? "" : "; ", axes[d], d);
  return text;
}

std::string coupled_text(const Coupled& map, const Extents& inputs) {
  if (map.to_point)
    return fmt::format("is the mean of $\\Sigma_{{p,p}}$ over the {} positions", position_count(inputs));
  std::int64_t taps = 1;
  for (const Window& window : map.windows) taps *= window.size;
  if (taps == 1) return fmt::format("takes the positions {}", reading(map.windows, inputs));
  return fmt::format(
      "is the sum of $\\Sigma_{{t(p),\\,t(p')}}$ over the ${}$ taps $t$, divided by {}, 0 where a tap reads "
      "nothing: {}",
      sizes_text(map.windows), taps, reading(map.windows, inputs));
}

std::string congruent_text(const Congruent& map, const Extents& inputs) {
  if (map.to_point) return "is the mean over all pairs of positions";
  std::vector<Window> windows;
  for (const Congruent::Factor& factor : map.factors) {
    if (const auto* window = std::get_if<Window>(&factor)) windows.push_back(*window);
  }
  if (windows.size() == map.factors.size())
    return fmt::format("is $P\\Sigma P^\\top$, $P$ the mean over windows of ${}$ positions: {}",
                       sizes_text(windows), reading(windows, inputs));
  return fmt::format("is $M\\Sigma M^\\top$ with the given weights of {} positions",
                     map.joint ? position_count(*map.joint) : position_count(outputs(map, inputs)));
}

}  // namespace

std::string PositionMaps::name(kernel_ir::NodeId id) {
  const Node& node = program_[id];
  const Extents inputs = program_.extents(program_[node.operands[0]].place);
  std::string letter = "D";
  std::string text = "is $\\Sigma_{p,p'}$ where $p = p'$, and 0 elsewhere";
  if (node.operation == Operation::coupled) {
    letter = "A";
    text = coupled_text(std::get<Coupled>(program_.attribute(node)), inputs);
  } else if (node.operation == Operation::congruent) {
    letter = "P";
    text = congruent_text(std::get<Congruent>(program_.attribute(node)), inputs);
  } else if (node.operation == Operation::scaled) {
    letter = "N";
    text =
        "is $\\Sigma$ divided by the root of the product of the mean squares of $x$ and of $x'$, with what "
        "the layer adds to them";
  }
  if (node.operation == Operation::dropout) {
    letter = "K";
    const std::string keep = print(formula(program_, node.operands[1]));
    text = fmt::format(
        "is $\\Sigma/{}$ where $x$ and $x'$ are one and the same sample{}, and $\\Sigma$ elsewhere: dropout, "
        "in "
        "training mode",
        keep.size() == 1 ? keep : "(" + keep + ")", program_.input_positions.empty() ? "" : " and $p = p'$");
  }
  const auto known = std::ranges::find(named_, text, &Named::text);
  if (known != named_.end()) return known->name;
  const auto number = 1 + std::ranges::count_if(named_, [&](const Named& other) {
                        return other.name.starts_with("\\mathcal{" + letter);
                      });
  named_.push_back({fmt::format("\\mathcal{{{}}}_{{{}}}", letter, number), std::move(text)});
  return named_.back().name;
}

std::string PositionMaps::description() const {
  if (named_.empty()) return "";
  std::string text = "\nMaps of covariances, which act on $\\Theta$ likewise:\n\\begin{itemize}\n";
  if (!program_.input_positions.empty())
    text =
        "\nValues have positions $p$, and covariances are those of a unit at $p$ for $x$ and at $p'$ for "
        "$x'$; "
        "$q$ and $q'$ are "
        "those at $p$\nand $p'$. Activations act at each pair of positions. Positions are combined by linear "
        "maps, which act "
        "on $\\Theta$ likewise:\n\\begin{itemize}\n";
  for (const Named& each : named_) text += fmt::format("  \\item ${}[\\Sigma]$ {}.\n", each.name, each.text);
  return text + "\\end{itemize}\n";
}

}  // namespace ntkc::latex
