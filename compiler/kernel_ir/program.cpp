#include "compiler/kernel_ir/program.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace ntkc::kernel_ir {

namespace {

/// Mixes words into a hash.
class Hash {
 public:
  void mix(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x9E3779B97F4A7C15U;
    value_ ^= value_ >> 29;
  }
  void mix(double number) { mix(std::bit_cast<std::uint64_t>(number)); }
  [[nodiscard]] std::size_t value() const { return value_; }

 private:
  std::size_t value_ = 0;
};

void mix(Hash&, const std::monostate&) {}
void mix(Hash& hash, const Literal& literal) { hash.mix(literal.value); }
void mix(Hash& hash, const ParameterNumber& parameter) { hash.mix(std::uint64_t{parameter.number}); }
void mix(Hash& hash, const Loop& loop) { hash.mix(std::uint64_t{loop.body}); }
void mix(Hash& hash, const CarriedNumber& carried) { hash.mix(std::uint64_t{carried.number}); }
void mix(Hash& hash, const TrainableLayer& layer) { hash.mix(std::uint64_t{layer.number}); }
void mix(Hash& hash, const Domain& domain) { hash.mix(domain.end); }
void mix(Hash& hash, const hermite::Rule& rule) { hash.mix(static_cast<std::uint64_t>(rule.nodes)); }
void mix(Hash& hash, const Expansion& expansion) {
  hash.mix(static_cast<std::uint64_t>(expansion.terms.count));
  hash.mix(expansion.remainder);
  hash.mix(static_cast<std::uint64_t>(expansion.terms.tail) << 32U |
           static_cast<std::uint64_t>(expansion.terms.first));
  mix(hash, expansion.terms.rule);
}
void mix(Hash& hash, const Window& window) {
  for (const std::int64_t number :
       {window.size, window.stride, window.dilation, window.base_dilation, window.low, window.high})
    hash.mix(static_cast<std::uint64_t>(number));
}
void mix(Hash& hash, const PositionMatrix& matrix) {
  for (const auto& row : matrix.rows) {
    hash.mix(std::uint64_t{row.size()});
    for (const auto& [input, weight] : row) {
      hash.mix(static_cast<std::uint64_t>(input));
      hash.mix(weight);
    }
  }
}
void mix(Hash& hash, const Coupled& map) {
  for (const Window& window : map.windows) mix(hash, window);
}
void mix(Hash& hash, const Congruent& map) {
  for (const Congruent::Factor& factor : map.factors)
    std::visit([&](const auto& kind) { mix(hash, kind); }, factor);
}

}  // namespace

std::size_t AttributeHash::operator()(const Attribute& attribute) const {
  Hash hash;
  hash.mix(std::uint64_t{attribute.index()});
  std::visit([&](const auto& kind) { mix(hash, kind); }, attribute);
  return hash.value();
}

std::size_t Program::KeyHash::operator()(const Node& node) const {
  Hash hash;
  hash.mix(static_cast<std::uint64_t>(node.operation));
  hash.mix(static_cast<std::uint64_t>(node.region) << 32U | node.attribute);
  hash.mix(static_cast<std::uint64_t>(node.place.space) << 32U | node.place.extents);
  for (const NodeId operand : node.operands) hash.mix(std::uint64_t{operand});
  return hash.value();
}

NodeId Program::intern(Node node) {
  const auto [position, inserted] = interned_.try_emplace(node, size());
  if (inserted) nodes_.push_back(std::move(node));
  return position->second;
}

AttributeId Program::intern(Attribute attribute) {
  if (std::holds_alternative<std::monostate>(attribute)) return no_attribute;
  const auto [position, inserted] =
      interned_attributes_.try_emplace(attribute, static_cast<AttributeId>(attributes_.size()));
  if (inserted) attributes_.push_back(std::move(attribute));
  return position->second;
}

Place Program::place(Space space, const Extents& extents) {
  if (space == Space::point || extents.empty()) return {};
  auto found = std::ranges::find(extents_, extents);  // of which a network has few
  if (found == extents_.end()) found = extents_.insert(found, extents);
  return {space, static_cast<ExtentsId>(found - extents_.begin())};
}

NodeId Program::variance(NodeId covariance) const {
  NodeId result = covariance;
  while (nodes_[result].self != no_node) result = nodes_[result].self;
  return result;
}

bool Program::is_literal(NodeId id, double value) const {
  return nodes_[id].operation == Operation::literal && literal_value(nodes_[id]) == value;
}

NodeId Program::root(std::string_view root_name) const {
  for (const Root& candidate : roots) {
    if (candidate.name == root_name && candidate.plane == 0) return candidate.node;
  }
  return no_node;
}

std::int64_t Program::planes(std::string_view root_name) const {
  std::int64_t result = 0;
  for (const Root& candidate : roots) {
    if (candidate.name == root_name) result += candidate.count;
  }
  return result;
}

int Program::depth(RegionId region) const {
  int result = 0;
  for (; region != 0; region = regions_[region].parent) ++result;
  return result;
}

std::int64_t Program::iterations(RegionId region) const {
  std::int64_t result = 1;
  for (; region != 0; region = regions_[region].parent) result *= loop(nodes_[regions_[region].loop]).count;
  return result;
}

RegionId Program::innermost(const std::vector<NodeId>& operands) const {
  RegionId result = 0;
  int deepest = 0;
  for (const NodeId operand : operands) {
    const RegionId region = nodes_[operand].region;
    if (region == result) continue;
    if (const int d = depth(region); d > deepest) {
      result = region;
      deepest = d;
    }
  }
  return result;
}

// --- loops

RegionId Program::begin_loop(const std::vector<Carried>& carried, std::int64_t count) {
  const auto region = static_cast<RegionId>(regions_.size());
  regions_.push_back(
      {.loop = no_node, .parent = open_.empty() ? 0 : open_.back().region, .arguments = {}, .results = {}});
  for (std::uint32_t i = 0; i < carried.size(); ++i) {
    Node node;
    node.operation = Operation::loop_argument;
    node.type = nodes_[carried[i].initial].type;
    node.dependence = carried[i].dependence;
    const Place initial = nodes_[carried[i].initial].place;
    node.place = initial.space == Space::point ? carried[i].place : initial;
    node.region = region;
    node.attribute = intern(CarriedNumber{i});
    if (carried[i].self != Carried::no_self) node.self = regions_[region].arguments[carried[i].self];
    const NodeId argument = intern(std::move(node));
    regions_[region].arguments.push_back(argument);
  }
  open_.push_back({region, carried, count});
  return region;
}

std::vector<NodeId> Program::end_loop(const std::vector<NodeId>& results) {
  const OpenLoop open = open_.back();
  open_.pop_back();
  Region& region = regions_[open.region];
  region.results = results;
  Node node;
  node.operation = Operation::loop;
  node.type = Type::none;
  node.region = region.parent;
  node.attribute = intern(Loop{open.region, open.count});
  for (const Carried& value : open.carried) node.operands.push_back(value.initial);
  for (const NodeId argument : region.arguments)
    node.dependence = std::max(node.dependence, nodes_[argument].dependence);
  const NodeId loop = intern(std::move(node));
  regions_[open.region].loop = loop;

  std::vector<NodeId> values;
  for (std::uint32_t i = 0; i < results.size(); ++i) {
    const Node& argument = nodes_[regions_[open.region].arguments[i]];
    Node value;
    value.operation = Operation::loop_result;
    value.type = argument.type;
    value.dependence = argument.dependence;
    value.place = argument.place;
    value.region = regions_[open.region].parent;
    value.attribute = argument.attribute;
    if (argument.self != no_node) value.self = values[carried_number(nodes_[argument.self])];
    value.operands = {loop};
    values.push_back(intern(std::move(value)));
  }
  return values;
}

}  // namespace ntkc::kernel_ir
