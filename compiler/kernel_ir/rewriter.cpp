#include "compiler/kernel_ir/rewriter.hpp"

#include "ntkc/cancellation.hpp"

namespace ntkc::kernel_ir {
namespace {

/// Whether it reads its operands at several positions, and so must know how many they have.
bool moves_positions(Operation operation) {
  return operation == Operation::coupled || operation == Operation::congruent ||
         operation == Operation::tap_product || operation == Operation::separate;
}

}  // namespace

Rewriter::Rewriter(const Program& source)
    : source_(source),
      images_(source.size(), no_node),
      members_(source.regions().size()),
      results_(source.regions().size()) {
  for (NodeId id = 0; id < source.size(); ++id) members_[source[id].region].push_back(id);
  target_.name = source.name;
  target_.input_size = source.input_size;
  target_.input_positions = source.input_positions;
  target_.parameters = source.parameters;
}

Program Rewriter::run() {
  rewrite_region(0);
  target_.roots = source_.roots;
  for (Root& root : target_.roots) root.node = with_positions(root.node);
  for (const auto& [function, function_name] : source_.function_names) {
    if (images_[function] != no_node) target_.function_names.emplace(images_[function], function_name);
  }
  finish();
  return std::move(target_);
}

void Rewriter::rewrite_region(RegionId region) {
  for (const NodeId id : members_[region]) {
    CancellationScope::poll();
    switch (source_[id].operation) {
      case Operation::loop:
        rewrite_loop(id);
        break;
      case Operation::loop_argument:
        break;  // mapped by rewrite_loop
      default:
        images_[id] = rewrite(id);
    }
  }
}

void Rewriter::rewrite_loop(NodeId id) {
  const Node& loop = source_[id];
  const Region& body = source_.body(loop);
  const std::vector<Carried> carried = carry(loop, operand_images(loop));
  const RegionId region = target_.begin_loop(carried, source_.loop(loop).count);
  for (std::size_t i = 0; i < carried.size(); ++i)
    images_[body.arguments[i]] = target_.regions()[region].arguments[i];
  rewrite_region(source_.loop(loop).body);
  std::vector<NodeId> next;
  for (const NodeId result : body.results) next.push_back(images_[result]);
  const std::vector<NodeId> results = target_.end_loop(next);
  for (std::uint32_t i = 0; i < results.size(); ++i) map_result(id, i, results[i]);
}

std::vector<Carried> Rewriter::carry(const Node& loop, const std::vector<NodeId>& initial) {
  const Region& body = source_.body(loop);
  std::vector<Carried> carried;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const Node& argument = source_[body.arguments[i]];
    carried.push_back(
        {initial[i], argument.dependence,
         argument.self == no_node ? Carried::no_self : source_.carried_number(source_[argument.self]),
         target_.place_of(source_, argument)});
  }
  return carried;
}

std::vector<NodeId> Rewriter::operand_images(const Node& node) const {
  std::vector<NodeId> images;
  for (const NodeId operand : node.operands) images.push_back(images_[operand]);
  return images;
}

void Rewriter::map_result(NodeId loop, std::uint32_t index, NodeId to) {
  std::vector<NodeId>& results = results_[source_.loop(source_[loop]).body];
  if (results.size() <= index) results.resize(index + 1, no_node);
  results[index] = to;
}

NodeId Rewriter::copy(NodeId id) {
  const Node& node = source_[id];
  if (node.operation == Operation::loop_result)
    return results_[source_.loop(source_[node.operands[0]]).body][source_.carried_number(node)];
  std::vector<NodeId> operands = operand_images(node);
  if (moves_positions(node.operation)) {
    for (std::size_t i = 0; i < operands.size(); ++i) operands[i] = with_positions(node.operands[i]);
  }
  const Place place = target_.place_of(source_, node);
  const bool is_real = node.type == Type::real;  // of a self covariance, too, which is read as a number here
  return is_real ? target_.real(node.operation, std::move(operands), source_.attribute(node), place)
                 : target_.apply(node.operation, std::move(operands), source_.attribute(node), place);
}

NodeId Rewriter::with_positions(NodeId id) {
  const NodeId image = images_[id];
  return image == no_node ? no_node : target_.broadcast_to(image, target_.place_of(source_, source_[id]));
}

}  // namespace ntkc::kernel_ir
