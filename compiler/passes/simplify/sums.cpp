// Rules for sums: they collect like terms and take out common factors.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "compiler/passes/simplify/rules.hpp"

namespace ntkc::passes {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Quad;

namespace {

/// How many summands are looked through for each one, and how many factors.
constexpr int longest_sum = 64;
constexpr std::size_t longest_product = 32;

}  // namespace

NodeId Rules::sum(const Applied& node) {
  const bool minus = node.operation == Operation::subtract;
  if ((node.operation != Operation::add && !minus) || !is_arithmetic(node)) return no_node;
  const NodeId a = node.a[0];
  const NodeId b = node.a[1];
  if (minus && is(a, 0)) return no_node;
  const Scaled p = scaled(a);
  Scaled q = scaled(b);
  if (minus) q.c = -q.c;
  if (p.x == q.x) return times(p.c + q.c, p.x);
  // a - S = -(S - a)
  const bool a_is_sum = is_sum(a) && is_own(a, b);
  const bool b_is_sum = is_sum(b) && is_own(b, a);
  const auto turned = [&](NodeId result) { return result == no_node || !minus ? result : negative(result); };
  NodeId result = no_node;
  int budget = longest_sum;
  if (a_is_sum) result = absorbed(a, q, Merging::any, budget);
  if (result == no_node && b_is_sum)
    result = turned(absorbed(b, {minus ? -p.c : p.c, p.x}, Merging::any, budget));
  if (result == no_node && a_is_sum && b_is_sum) {
    const bool are_short = has_two_terms(a) && has_two_terms(b);
    if (const auto found = moved(a, b, minus, are_short, budget))
      result = signed_sum(false, found->first, minus, found->second);
  }
  if (!factoring_ || result != no_node) return result;
  Factors factors;
  collect(b, b, factors);
  result = common_factor(a, minus, b, factors);
  budget = longest_sum;
  if (result == no_node && a_is_sum) result = grouped(a, minus, b, factors, budget);
  if (result != no_node || !b_is_sum) return result;
  factors = {};
  collect(a, a, factors);
  return turned(grouped(b, minus, a, factors, budget));
}

/// Returns `sum` + `term` where a summand is a multiple of the same value. The sum has no other use.
NodeId Rules::absorbed(NodeId sum, Scaled term, Merging merging, int& budget) {
  if (--budget < 0) return no_node;
  const std::array operands = {at(sum).operands[0], at(sum).operands[1]};  // nodes are added
  const bool is_difference = at(sum).operation == Operation::subtract;
  for (const std::size_t i : {0, 1}) {
    const NodeId other = operands[1 - i];
    const bool minus = is_difference && i == 1;
    const Quad c = minus ? -term.c : term.c;
    NodeId replaced = no_node;
    if (multiple(operands[i]).x == term.x) {
      const Scaled own = scaled(operands[i]);
      if (merging != Merging::any && own.c != -c) continue;
      if (merging == Merging::cancelling_free && !may_move(operands[i], other)) continue;
      replaced = times(own.c + c, own.x);
      if (replaced == no_node) return no_node;
    } else if (is_sum(operands[i]) && is_own(operands[i], other)) {
      replaced = absorbed(operands[i], {c, term.x}, merging, budget);
    }
    if (replaced == no_node) continue;
    return i == 0 ? signed_sum(false, replaced, is_difference, other)
                  : signed_sum(false, other, is_difference, replaced);
  }
  return no_node;
}

bool Rules::has_two_terms(NodeId sum) const {
  const std::vector<NodeId>& x = at(sum).operands;
  return !(is_sum(x[0]) && is_own(x[0], x[1])) && !(is_sum(x[1]) && is_own(x[1], x[0]));
}

/// Moves a summand of the second of two sums to the first, and returns both. Sums of pairs may be mirror
/// images, so there a summand moves only to one that it cancels, and only where one of the two may move or
/// both sums are short: then one bounds the other.
std::optional<std::pair<NodeId, NodeId>> Rules::moved(NodeId sum, NodeId from, bool minus, bool is_free,
                                                      int& budget) {
  if (--budget < 0) return std::nullopt;
  const std::array operands = {at(from).operands[0], at(from).operands[1]};  // nodes are added
  const bool is_difference = at(from).operation == Operation::subtract;
  for (const std::size_t i : {0, 1}) {
    const NodeId other = operands[1 - i];
    const bool inner_minus = minus != (is_difference && i == 1);
    if (is_sum(operands[i]) && is_own(operands[i], other)) {
      auto found = moved(sum, operands[i], inner_minus, is_free, budget);
      if (!found) continue;
      found->second = i == 0 ? signed_sum(false, found->second, is_difference, other)
                             : signed_sum(false, other, is_difference, found->second);
      return found;
    }
    Scaled term = scaled(operands[i]);
    if (inner_minus) term.c = -term.c;
    const bool is_of_pair = at(from).dependence == kernel_ir::Dependence::pair;
    const Merging merging = !is_of_pair                               ? Merging::any
                            : is_free || may_move(operands[i], other) ? Merging::cancelling
                                                                      : Merging::cancelling_free;
    const NodeId absorbing = absorbed(sum, term, merging, budget);
    if (absorbing != no_node) return std::pair(absorbing, is_difference && i == 0 ? negative(other) : other);
  }
  return std::nullopt;
}

/// A summand may leave its place beside a sum. What depends on one input may leave any place.
bool Rules::may_move(NodeId id, NodeId beside) const {
  const bool is_of_sample = std::max(at(id).dependence, at(beside).dependence) != kernel_ir::Dependence::pair;
  return is_of_sample || (is_sum(beside) && is_own(beside, id));
}

/// Returns `sum` ± `term` where the term has a factor in common with a summand that may move.
NodeId Rules::grouped(NodeId sum, bool minus, NodeId term, const Factors& factors, int& budget) {
  if (--budget < 0) return no_node;
  const std::array operands = {at(sum).operands[0], at(sum).operands[1]};  // nodes are added
  const bool is_difference = at(sum).operation == Operation::subtract;
  for (const std::size_t i : {0, 1}) {
    const NodeId other = operands[1 - i];
    const bool inner_minus = minus != (is_difference && i == 1);
    NodeId replaced = no_node;
    if (is_sum(operands[i]) && is_own(operands[i], other)) {
      replaced = grouped(operands[i], inner_minus, term, factors, budget);
    } else if (may_move(operands[i], other)) {
      replaced = common_factor(operands[i], inner_minus, term, factors);
    }
    if (replaced == no_node) continue;
    return i == 0 ? signed_sum(false, replaced, is_difference, other)
                  : signed_sum(false, other, is_difference, replaced);
  }
  return no_node;
}

/// ab ± ac = a (b ± c), c x ± c y = c (x ± y), a/d ± b/d = (a ± b)/d, for products that have no other use.
NodeId Rules::common_factor(NodeId a, bool minus, NodeId b, const Factors& of_b) {
  if (of_b.size() > longest_product || !is_own(a, b) || !is_own(b, a)) return no_node;
  Factors p;
  collect(a, a, p);
  if (p.size() > longest_product || !may_share(p, of_b)) return no_node;
  Factors q = of_b;
  find_common(p.above, q.above);
  find_common(p.below, q.below);
  const auto is_common = [](const Factor& factor) { return factor.is_common; };
  const bool has_factor = std::ranges::any_of(p.above, is_common) || std::ranges::any_of(p.below, is_common);
  const Quad p_number = p.number();
  const Quad q_number = q.number();
  const Quad size = p_number < 0 ? -p_number : p_number;
  const bool same_size = q_number == size || -q_number == size;
  const Quad c = same_size ? size : 1;
  if (!has_factor && c == 1) return no_node;
  const NodeId rest_a = remaining(a, p, false);
  const NodeId rest_b = remaining(b, q, false);
  // a + ab is as long as a (1 + b)
  if ((rest_a == no_node || rest_b == no_node) && c == 1 && same_size) return no_node;
  const NodeId first = times(p_number / c, rest_a);
  const NodeId second = times(q_number / c, rest_b);
  if (first == no_node || second == no_node) return no_node;
  NodeId result = signed_sum(false, first, minus, second);
  if (const NodeId common = remaining(a, p, true); common != no_node)
    result = make(Operation::multiply, {common, result});
  for (const Factor& factor : p.below) {
    if (factor.is_common) result = make(Operation::divide, {result, factor.id});
  }
  return times(c, result);
}

Quad Rules::Factors::number() const {
  Quad result = 1;
  for (const double value : numbers) result *= value;
  return result;
}

/// A quick test: it is false for most products that have nothing in common.
bool Rules::may_share(const Factors& x, const Factors& y) {
  const auto meet = [](const std::vector<Factor>& a, const std::vector<Factor>& b) {
    return std::ranges::any_of(
        a, [&](const Factor& factor) { return std::ranges::find(b, factor.id, &Factor::id) != b.end(); });
  };
  const bool have_numbers = !x.numbers.empty() && !y.numbers.empty();
  const bool have_one = x.numbers.size() == 1 && y.numbers.size() == 1;
  return (have_numbers && (!have_one || std::fabs(x.numbers[0]) == std::fabs(y.numbers[0]))) ||
         meet(x.above, y.above) || meet(x.below, y.below);
}

void Rules::find_common(std::vector<Factor>& x, std::vector<Factor>& y) {
  for (Factor& factor : x) {
    const auto same = std::ranges::find_if(
        y, [&](const Factor& other) { return other.id == factor.id && !other.is_common; });
    if (same != y.end()) factor.is_common = same->is_common = true;
  }
}

/// Whether a factor of the product `top` is to be taken apart.
bool Rules::opens(NodeId id, NodeId top) const {
  const Node& node = at(id);
  const bool is_product = node.operation == Operation::multiply || node.operation == Operation::divide;
  const bool is_own_factor = id >= uses_.size() || uses_[id] <= 1;
  return is_product && node.type == kernel_ir::Type::real &&
         (id == top || (is_own_factor && node.region == at(top).region &&
                        node.dependence == at(top).dependence && node.operands[0] != node.operands[1]));
}

/// Takes a product apart from left to right. All numbers above the line are one factor.
void Rules::collect(NodeId id, NodeId top, Factors& factors) {
  if (factors.size() > longest_product) return;
  if (is_literal(id)) {
    factors.numbers.push_back(literal_value(id));
  } else if (is_negation(id)) {
    factors.numbers.push_back(-1);
    collect(negative(id), id == top ? negative(id) : top, factors);
  } else if (!opens(id, top)) {
    factors.above.push_back({id, false});
  } else {
    collect(at(id).operands[0], top, factors);
    if (at(id).operation == Operation::multiply) {
      collect(at(id).operands[1], top, factors);
    } else {
      factors.below.push_back({at(id).operands[1], false});
    }
  }
}

/// Multiplies the common factors above the line, or all other factors above and below it, in the order in
/// which they were. Returns no_node if there are none.
NodeId Rules::remaining(NodeId top, const Factors& factors, bool common) {
  std::size_t above = 0;
  std::size_t below = 0;
  const std::function<NodeId(NodeId)> walk = [&](NodeId id) -> NodeId {
    if (is_literal(id)) return no_node;
    if (is_negation(id)) return walk(negative(id));
    if (!opens(id, top)) return factors.above[above++].is_common == common ? id : no_node;
    const Node node = at(id);  // a copy: nodes are added
    const NodeId left = walk(node.operands[0]);
    if (node.operation == Operation::multiply) {
      const NodeId right = walk(node.operands[1]);
      if (left == no_node || right == no_node) return left == no_node ? right : left;
      return make(Operation::multiply, {left, right});
    }
    if (common || factors.below[below++].is_common) return left;
    return make(Operation::divide, {left == no_node ? target_.literal(1) : left, node.operands[1]});
  };
  return walk(top);
}

}  // namespace ntkc::passes
