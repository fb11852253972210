#include "compiler/kernel_ir/rewriter.hpp"

namespace ntkc::kernel_ir {

Rewriter::Rewriter(const Program& source)
    : source_(source),
      images_(source.size(), no_node),
      members_(source.regions().size()),
      results_(source.regions().size()) {
  for (NodeId id = 0; id < source.size(); ++id) members_[source[id].region].push_back(id);
  target_.name = source.name;
  target_.input_size = source.input_size;
  target_.parameters = source.parameters;
}

Program Rewriter::run() {
  rewrite_region(0);
  target_.roots = source_.roots;
  for (Root& root : target_.roots) root.node = images_[root.node];
  for (const auto& [function, function_name] : source_.function_names) {
    if (images_[function] != no_node) target_.function_names.emplace(images_[function], function_name);
  }
  finish();
  return std::move(target_);
}

void Rewriter::rewrite_region(RegionId region) {
  for (const NodeId id : members_[region]) {
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
  const Region& body = source_.regions()[loop.index];
  const std::vector<Carried> carried = carry(loop, operand_images(loop));
  const RegionId region = target_.begin_loop(carried, loop.count);
  for (std::size_t i = 0; i < carried.size(); ++i)
    images_[body.arguments[i]] = target_.regions()[region].arguments[i];
  rewrite_region(loop.index);
  std::vector<NodeId> next;
  for (const NodeId result : body.results) next.push_back(images_[result]);
  const std::vector<NodeId> results = target_.end_loop(next);
  for (std::uint32_t i = 0; i < results.size(); ++i) map_result(id, i, results[i]);
}

std::vector<Carried> Rewriter::carry(const Node& loop, const std::vector<NodeId>& initial) const {
  const Region& body = source_.regions()[loop.index];
  std::vector<Carried> carried;
  for (std::size_t i = 0; i < initial.size(); ++i) {
    const Node& argument = source_[body.arguments[i]];
    carried.push_back({initial[i], argument.dependence,
                       argument.self == no_node ? Carried::no_self : source_[argument.self].index});
  }
  return carried;
}

std::vector<NodeId> Rewriter::operand_images(const Node& node) const {
  std::vector<NodeId> images;
  for (const NodeId operand : node.operands) images.push_back(images_[operand]);
  return images;
}

void Rewriter::map_result(NodeId loop, std::uint32_t index, NodeId to) {
  std::vector<NodeId>& results = results_[source_[loop].index];
  if (results.size() <= index) results.resize(index + 1, no_node);
  results[index] = to;
}

NodeId Rewriter::copy(NodeId id) {
  const Node& node = source_[id];
  std::vector<NodeId> operands;
  for (const NodeId operand : node.operands) {
    if (source_[operand].operation != Operation::loop) operands.push_back(images_[operand]);
  }
  switch (node.operation) {
    case Operation::literal:
      return target_.literal(node.value);
    case Operation::parameter:
      return target_.parameter(node.index);
    case Operation::input_self:
      return target_.input_self();
    case Operation::input_cross:
      return target_.input_cross();
    case Operation::input_square:
      return target_.input_square();
    case Operation::input_complement:
      return target_.input_complement();
    case Operation::input_cocomplement:
      return target_.input_cocomplement();
    case Operation::first:
      return target_.first(operands[0]);
    case Operation::second:
      return target_.second(operands[0]);
    case Operation::add:
      return target_.add(operands[0], operands[1]);
    case Operation::multiply:
      return target_.multiply(operands[0], operands[1]);
    case Operation::variable:
      return target_.variable();
    case Operation::dual:
      return target_.dual(operands[0], operands[1]);
    case Operation::dual_derivative:
      return target_.dual_derivative(operands[0], operands[1]);
    case Operation::moment:
      return target_.moment(operands[0], operands[1], operands[2]);
    case Operation::gaussian_mean:
      return target_.gaussian_mean(operands[0], operands[1], node.terms.rule);
    case Operation::hermite_series:
      return target_.hermite_series(operands[0], operands[1], operands[2], node.terms, node.value);
    case Operation::cross:
      return target_.cross(operands[0]);
    case Operation::trainable:
      return target_.trainable(operands[0], operands[1], node.index);
    case Operation::loop_result:
      return results_[source_[node.operands[0]].index][node.index];
    default:
      return target_.real(node.operation, std::move(operands), node.value);
  }
}

}  // namespace ntkc::kernel_ir
