// The layer graph in the language of Graphviz: values are nodes, each `repeat` and each applied block is a
// cluster.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result + '"';
}

class DotPrinter {
 public:
  explicit DotPrinter(const LayerGraph& graph) : graph_(graph) {}

  std::string run() {
    text_ = fmt::format("digraph {} {{\n", quoted(graph_.network));
    text_ += fmt::format("  label={}; labelloc=t; fontname=\"Helvetica\"; rankdir=BT;\n", quoted(title()));
    text_ += "  node [fontname=\"Helvetica\", fontsize=11]; edge [fontname=\"Helvetica\", fontsize=10];\n";
    print_region(graph_.regions.at(0), 0, "  ");
    text_ += "  output [shape=plaintext];\n";
    put_edge(graph_.output, "output", "");
    for (const auto& edge : edges_) text_ += edge;
    return text_ + "}\n";
  }

 private:
  [[nodiscard]] std::string title() const {
    std::string text = graph_.network;
    for (std::size_t i = 0; i < graph_.parameters.size(); ++i)
      text += fmt::format("{}{} = {}", i == 0 ? "(" : ", ", graph_.parameters[i].name,
                          graph_.parameters[i].value);
    return graph_.parameters.empty() ? text : text + ")";
  }

  /// Prints the nodes of a region that stands in `block`. Those of one block follow one another.
  void print_region(const Region& region, BlockId block, const std::string& indent) {
    std::vector<BlockId> open;
    for (const NodeId id : region.nodes) {
      const Node& node = graph_.nodes.at(id);
      enter_blocks(path(node.block, block), open, indent);
      const std::string inside = indent + std::string(2 * open.size(), ' ');
      if (const auto* loop = std::get_if<LoopNode>(&node.node)) {
        print_loop(id, *loop, inside);
      } else if (!std::holds_alternative<LoopResultNode>(node.node)) {
        text_ += fmt::format("{}{} [{}, tooltip={}];\n", inside, reference(id), appearance(node),
                             quoted(print_type(node.type)));
        print_operands(id, node);
      }
    }
    enter_blocks({}, open, indent);
  }

  /// The blocks from one of those in `outermost` down to `block`.
  [[nodiscard]] std::vector<BlockId> path(BlockId block, BlockId outermost) const {
    std::vector<BlockId> blocks;
    for (; block != outermost; block = graph_.blocks.at(block).outer) blocks.push_back(block);
    std::ranges::reverse(blocks);
    return blocks;
  }

  /// Ends the open clusters that are not `wanted`, and begins those that are wanted and not open.
  void enter_blocks(const std::vector<BlockId>& wanted, std::vector<BlockId>& open,
                    const std::string& indent) {
    const auto common = static_cast<std::size_t>(std::ranges::mismatch(wanted, open).in2 - open.begin());
    for (; open.size() > common; open.pop_back())
      text_ += indent + std::string(2 * (open.size() - 1), ' ') + "}\n";
    for (; open.size() < wanted.size(); open.push_back(wanted[open.size()])) {
      const std::string margin = indent + std::string(2 * open.size(), ' ');
      const BlockId block = wanted[open.size()];
      text_ += fmt::format("{}subgraph cluster_block_{} {{\n", margin, block);
      text_ += fmt::format(
          "{}  label={}; labeljust=l; labelloc=b; fontsize=11; style=\"rounded,filled\"; color=gray80; "
          "fillcolor=\"#f7f7f4\";\n",
          margin, quoted(graph_.blocks.at(block).name));
    }
  }

  /// Prints the body in a box. What an iteration hands to the next goes back on dashed lines.
  void print_loop(NodeId id, const LoopNode& loop, const std::string& indent) {
    const Region& body = graph_.regions.at(loop.body);
    text_ += fmt::format("{}subgraph cluster_{} {{\n", indent, id);
    text_ += fmt::format(
        "{}  label=\"repeat {}\"; labeljust=l; labelloc=b; fontsize=11; style=rounded; color=gray50;\n",
        indent, loop.count);
    print_region(body, graph_.nodes.at(id).block, indent + "  ");
    text_ += indent + "}\n";
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      put_edge(loop.initial.at(i), reference(body.arguments[i]), "");
      put_edge(body.results.at(i), reference(body.arguments[i]),
               "style=dashed, constraint=false, color=gray50");
    }
  }

  void print_operands(NodeId id, const Node& node) {
    const LayerTraits* layer = traits_of(node);
    const std::vector<NodeId> operands = operands_of(node);
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const std::string label = layer == nullptr ? "" : layer->edge_label(graph_, node, i);
      put_edge(operands[i], reference(id), label.empty() ? "" : fmt::format("label={}", quoted(label)));
    }
  }

  void put_edge(NodeId from, const std::string& to, const std::string& attributes) {
    edges_.push_back(fmt::format("  {} -> {}{};\n", reference(source_of(from)), to,
                                 attributes.empty() ? "" : fmt::format(" [{}]", attributes)));
  }

  /// The result of a loop is drawn as what the last iteration made.
  [[nodiscard]] NodeId source_of(NodeId id) const {
    while (const auto* result = std::get_if<LoopResultNode>(&graph_.nodes.at(id).node)) {
      const auto& loop = std::get<LoopNode>(graph_.nodes.at(result->loop).node);
      id = graph_.regions.at(loop.body).results.at(result->index);
    }
    return id;
  }

  static std::string reference(NodeId id) { return fmt::format("n{}", id); }

  [[nodiscard]] std::string appearance(const Node& node) const {
    const LayerTraits* layer = traits_of(node);
    const bool is_carried = layer == nullptr;
    return fmt::format("label={}, {}", quoted(is_carried ? node.name : layer->label(graph_, node)),
                       is_carried ? "shape=plaintext" : layer->outline);
  }

  const LayerGraph& graph_;
  std::string text_;
  std::vector<std::string>
      edges_;  ///< behind all nodes, so that none is made by an edge outside of its cluster
};

}  // namespace

std::string print_dot(const LayerGraph& graph) { return DotPrinter(graph).run(); }

}  // namespace ntkc::layer_graph
