// Covariances → reals: each pair covariance becomes its complements z and z̄ (and c where somebody asks for
// it), each self covariance a real. After this pass the program is arithmetic that code generation translates
// node by node.
#include <map>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/decision.hpp"
#include "compiler/duals/hermite_rules.hpp"
#include "compiler/duals/near_pairs.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/ranges.hpp"
#include "compiler/passes/variances.hpp"

namespace ntkc::passes {
namespace {

using duals::CrossCovariance;
using duals::DeviationRange;
using duals::Expression;
using duals::LossPower;
using duals::Range;
using duals::SelfCovariance;
using kernel_ir::Carried;
using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Space;
using kernel_ir::Type;

class Expander final : public kernel_ir::Rewriter {
 public:
  Expander(const Program& program, const ExpansionOptions& options)
      : Rewriter(program),
        options_(options),
        work_(options.most_work),
        maker_(target_, options),
        hermite_(target_, options.unit_roundoff),
        deviations_(find_deviations(program, options.largest_input)),
        ranges_(find_ranges(program)),
        critical_(find_critical(program)),
        cross_(program.size()) {
    decide();
  }

  /// What is said of the duals that the roots need, each function and range of q once.
  [[nodiscard]] std::vector<duals::Use> uses() const {
    std::vector<duals::Use> result;
    for (const Dual& dual : duals_) {
      if (!dual.needed) continue;
      duals::Use use = {{}, duals::state(target_, dual.decision, *dual.needed, options_.tolerance)};
      const auto [first, last] = source_.function_names.equal_range(dual.function);
      for (auto name = first; name != last; ++name) use.names.push_back(name->second);
      result.push_back(std::move(use));
    }
    return result;
  }

 private:
  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (target_.size() > options_.most_nodes) throw std::length_error("the kernels take too many operations");
    enter_frame(node);
    if (has_complements(node)) {
      cross_[id] = expand_cross(id, node);
      cross_[id]->range = ranges_[id];
      // Over pairs of positions of one input it is read as a real, too.
      return node.dependence == Dependence::pair ? no_node : cross_[id]->c.id();
    }
    switch (node.operation) {
      case Operation::input_self:
        return target_.apply(Operation::input_square, {}, {}, target_.place_of(source_, node));
      case Operation::dual:
        return self_dual(node).id();
      case Operation::scaled: {
        const NodeId scale = image(node.operands[1]);
        return target_.multiply(target_.multiply(image(node.operands[0]), scale), scale);
      }
      case Operation::dropout:
        return target_.divide(image(node.operands[0]), image(node.operands[1]));
      case Operation::dual_derivative:
        return dual_derivative(node).id();
      case Operation::moment:
        return moment_of(node).id();
      case Operation::cross:
        return cross_[node.operands[0]]->c.id();
      case Operation::congruent:
      case Operation::diagonal: {
        const Expression value(target_, copy(id));
        return may_cancel(node) ? maximum(value, value.literal(0)).id() : value.id();
      }
      default:
        return copy(id);
    }
  }

  /// Whether it is the variance behind a matrix with entries of both signs: where that is 0, rounding may leave less.
  bool may_cancel(const Node& node) const {
    if (node.operation == Operation::diagonal) return may_cancel(source_[node.operands[0]]);
    return node.operation == Operation::congruent && node.type == Type::covariance &&
           node.dependence == Dependence::sample &&
           kernel_ir::has_negative_weights(std::get<kernel_ir::Congruent>(source_.attribute(node)));
  }

  /// Whether it becomes the complements of correlations: of two inputs, or of pairs of positions of one.
  static bool has_complements(const Node& node) {
    return node.type == Type::covariance &&
           (node.dependence == Dependence::pair || node.place.space == Space::full);
  }
  /// `first` and `second` are the sides of what is written out for a node.
  void enter_frame(const Node& node) {
    const bool is_own = node.dependence == Dependence::sample && node.place.space == Space::full;
    target_.set_frame({is_own ? Dependence::sample : Dependence::pair, node.place.space});
  }
  /// What is one number, as one at each of the positions of a source node, which maps read.
  NodeId at_positions(NodeId value, NodeId source) {
    return target_.broadcast_to(value, target_.place_of(source_, source_[source]));
  }
  NodeId input(Operation operation, const Node& node) {
    return target_.apply(operation, {}, {}, target_.place_of(source_, node));
  }

  CrossCovariance expand_cross(NodeId id, const Node& node) {
    const NodeId a = node.operands.empty() ? no_node : node.operands[0];
    switch (node.operation) {
      case Operation::input_cross:
        return from_complements(id, input(Operation::input_complement, node),
                                input(Operation::input_cocomplement, node));
      case Operation::input_self:
        return from_complements(id, input(Operation::input_self_complement, node),
                                input(Operation::input_self_cocomplement, node));
      case Operation::loop_result: {
        const auto& [z, zbar] = loop_complements_.at(node.operands[0]).at(source_.carried_number(node));
        return from_complements(id, z, zbar);
      }
      case Operation::diagonal: {
        const auto on_diagonal = [this](Expression all) {
          return Expression(target_, target_.diagonal(all.id()));
        };
        const CrossCovariance& k = *cross_[a];
        return {self_of(id), on_diagonal(k.complement), on_diagonal(k.cocomplement), on_diagonal(k.c), {}};
      }
      case Operation::scaled: {
        const CrossCovariance& k = *cross_[a];
        const Expression scale(target_, image(node.operands[1]));
        return {self_of(id), k.complement, k.cocomplement, k.c * scale.both(), {}};
      }
      case Operation::dropout:
        return dropout(id, node);
      case Operation::separate:
        return separate(id, node);
      case Operation::coupled:
        return coupled(id, node);
      case Operation::congruent:
        return congruent(id, node);
      case Operation::trainable:
        return *cross_[a];
      case Operation::add:
        return sum(branch(a), branch(node.operands[1]), self_of(id));
      case Operation::multiply:
        return multiply(id, node);
      case Operation::dual:
        return cross_dual(id, node);
      default:
        return *cross_[a];
    }
  }

  // --- decisions, which come first: what rounding takes of closed forms is stated where q is met

  struct Dual {
    NodeId function = no_node;  ///< of the source
    duals::Decision decision = {};
    std::optional<duals::Asked> needed = {};  ///< of what is asked for, what the roots need
  };
  using Place = std::pair<NodeId, NodeId>;  ///< function and self covariance, of the source

  void decide() {
    const std::vector<bool> live = kernel_ir::find_live(source_, source_.roots);
    std::vector<bool> is_function(source_.size(), false);
    using Key = std::tuple<NodeId, double, double>;  // function and range of √q
    struct Request {
      duals::Asked asked = {};
      std::optional<duals::Asked> needed = {};
    };
    std::map<Key, Request> requests;
    std::map<Place, Key> keys;
    for (NodeId id = 0; id < source_.size(); ++id) {
      const Node& node = source_[id];
      const bool is_slope = node.operation == Operation::dual_derivative;
      if (!is_slope && node.operation != Operation::dual) continue;
      const NodeId self = source_.variance(node.operands[0]);
      const Key key = {node.operands[1], deviations_[self].low, deviations_[self].high};
      const duals::Asked asked = {!is_slope && has_complements(node), is_slope};
      is_function[node.operands[1]] = true;
      keys[{node.operands[1], self}] = key;
      Request& request = requests[key];
      request.asked = request.asked | asked;
      if (live[id]) request.needed = request.needed.value_or(duals::Asked{}) | asked;
    }
    copy_functions(std::move(is_function));
    std::map<Key, std::size_t> known;
    for (const auto& [key, request] : requests) {
      const auto& [function, low, high] = key;
      known[key] = duals_.size();
      duals_.push_back(
          {function, maker_.decide(image(function), {low, high}, request.asked), request.needed});
    }
    for (const auto& [place, key] : keys) {
      dual_at_[place] = known.at(key);
      duals_of_.emplace(place.second, known.at(key));
    }
  }

  /// Functions and the constants in them.
  void copy_functions(std::vector<bool> is_needed) {
    for (NodeId id = source_.size(); id-- > 0;) {
      if (!is_needed[id]) continue;
      for (const NodeId operand : source_[id].operands) is_needed[operand] = true;
    }
    for (NodeId id = 0; id < source_.size(); ++id) {
      if (is_needed[id] && source_[id].region == 0) set_image(id, copy(id));
    }
  }

  [[nodiscard]] const duals::Decision& decision(NodeId function, NodeId self) const {
    return duals_[dual_at_.at({function, self})].decision;
  }
  /// On the dual of a covariance, or of its derivative.
  [[nodiscard]] const duals::Decision& decision_of(const Node& node) const {
    return decision(node.operands[1], source_.variance(node.operands[0]));
  }

  // --- expectations as they were decided

  Expression self_dual(const Node& node) {
    const duals::Decision& dual = decision_of(node);
    const SelfCovariance q = self(node.operands[0]);
    return dual.value ? hermite_.self(q, *dual.value) : dual.closed->self(q);
  }

  CrossCovariance cross_dual(NodeId id, const Node& node) {
    const duals::Decision& dual = decision_of(node);
    const CrossCovariance& k = *cross_[node.operands[0]];
    if (!dual.value) return dual.closed->cross(k, self_of(id), critical_[id]);
    const CrossCovariance value = hermite_.cross(k, self_of(id), *dual.value, critical_[id]);
    return critical_[id] && dual.value->split ? duals::exact_if_equal(value, k, hermite::Parity::none)
                                              : value;
  }

  Expression dual_derivative(const Node& node) {
    const duals::Decision& dual = decision_of(node);
    const CrossCovariance& k = *cross_[node.operands[0]];
    return dual.slope ? hermite_.moment(k, *dual.slope, *dual.slope) : dual.closed->derivative(k);
  }

  Expression moment_of(const Node& node) {
    const NodeId covariance = node.operands[0];
    const auto f = moments::normal_form(target_, image(node.operands[1]));
    const auto g = moments::normal_form(target_, image(node.operands[2]));
    const bool is_pair = node.dependence == Dependence::pair;
    if (f && g && duals::has_moment(*f, *g)) {
      const Expression q = is_pair ? cross_[covariance]->c : real(covariance);
      return duals::moment(*f, *g,
                           is_pair ? duals::gaussian_pair(*cross_[covariance]) : duals::equal_pair(q));
    }
    const NodeId first = image(node.operands[1]);
    const NodeId second = image(node.operands[2]);
    // Parameters are not bound yet; `bind-parameters` finds the number.
    if (node.dependence == Dependence::constant)
      return {target_, target_.moment(image(covariance), first, second)};
    duals::ExpansionPlanner& planner = maker_.planner();
    if (is_pair) {
      const DeviationRange deviations = deviations_[source_.variance(covariance)];
      return hermite_.moment(*cross_[covariance], planner.find(first, deviations),
                             planner.find(second, deviations));
    }
    const NodeId product = target_.multiply(first, second);
    return hermite_.mean(self(covariance), product, planner.plan(product, deviations_[covariance]));
  }

  /// q with what rounding takes of the closed forms of functions there, where that may exceed the tolerance.
  Expression stated(NodeId covariance) {
    const auto known = stated_.find(covariance);
    if (known != stated_.end()) return known->second;
    Expression q(target_, image(covariance));
    // Not where W_std = 0 leaves a constant.
    if (target_[q.id()].dependence == Dependence::sample) {
      std::optional<Expression> largest;
      const auto [first, last] = duals_of_.equal_range(covariance);
      for (auto dual = first; dual != last; ++dual) {
        if (!duals_[dual->second].decision.rounding) continue;
        for (const LossPower& power : duals_[dual->second].decision.rounding->powers) {
          const Expression each = power.of(q);
          largest = largest ? maximum(*largest, each) : each;
        }
      }
      if (largest) q = with_loss(q, *largest);
    }
    stated_.emplace(covariance, q);
    return q;
  }

  /// A positive factor leaves z alone. For independent branches u = u_a u_b: z = z_a z̄_b + z̄_a z_b,
  /// z̄ = z_a z_b + z̄_a z̄_b.
  CrossCovariance multiply(NodeId id, const Node& node) {
    const NodeId a = node.operands[0];
    const NodeId b = node.operands[1];
    if (!cross_[a] || !cross_[b]) {
      const CrossCovariance& k = cross_[a] ? *cross_[a] : *cross_[b];
      return {self_of(id), k.complement, k.cocomplement, real(cross_[a] ? b : a) * k.c, {}};
    }
    const CrossCovariance& left = *cross_[a];
    const CrossCovariance& right = *cross_[b];
    return {self_of(id),
            left.complement * right.cocomplement + left.cocomplement * right.complement,
            left.complement * right.complement + left.cocomplement * right.cocomplement,
            left.c * right.c,
            {}};
  }

  /// Σ'[p, p'] = Σ_t w Σ[s(p) + t, s(p') + t], w = 1/k: with q_t = Σ(x, x) at tap t of p, q'_t likewise,
  /// Q = Σ_t w q_t, α_t = √(w q_t/Q) and α'_t, the rule for sums of uncorrelated branches in duals/covariance.hpp:
  ///   z' = Σ_t α_t α'_t z_t + ¼ Σ_t (α_t - α'_t)²,  z̄' = Σ_t α_t α'_t z̄_t + ¼ Σ_t (α_t - α'_t)².
  /// All terms are positive. The first sum is that of w √(q_t q'_t) z_t over √(QQ'). The second takes two operations a
  /// tap, and matters where z' is small: where it is not, (1 - C/√(QQ'))/2 is as good. That is off by some 4 roundings
  /// e, and √z' by 2e/√z', which is 2e-14 at z' = 1e-4 in double and 5e-6 at 2e-3 in single precision. Machine code
  /// computes the sums only where a lane needs them.
  CrossCovariance coupled(NodeId id, const Node& node) {
    const kernel_ir::Attribute map = source_.attribute(node);
    const CrossCovariance& k = *cross_[node.operands[0]];
    const NodeId operand = node.operands[0];
    const auto mapped = [&](Expression a) {
      return Expression(target_, target_.real(Operation::coupled, {at_positions(a.id(), operand)}, map));
    };
    enter_frame(source_[operand]);
    const Expression g = k.self.root.both();
    const Expression weighted_z = mapped(g * k.complement);
    const Expression weighted_zbar = mapped(g * k.cocomplement);
    enter_frame(node);
    const SelfCovariance self = self_of(id);
    const NodeId root = at_positions(k.self.root.id(), source_.variance(operand));
    const auto side = [&](Operation operation, NodeId a) {
      return node.dependence == Dependence::pair ? target_.apply(operation, {a}) : a;
    };
    const std::vector<NodeId> shares = {
        side(Operation::first, root), side(Operation::first, self.reciprocal.id()),
        side(Operation::second, root), side(Operation::second, self.reciprocal.id())};
    std::vector<NodeId> squared = shares;
    squared.insert(squared.end(), shares.begin(), shares.end());
    const Expression distance = {
        target_, target_.real(Operation::tap_product, std::move(squared), map, {node.place.space, 0})};
    const Expression scale = self.reciprocal.both();
    const Expression c = mapped(k.c);
    const Expression half_u = 0.5 * (scale * c);
    const Expression largest = c.literal(options_.unit_roundoff < duals::single_roundoff ? 1e-4 : 2e-3);
    const auto complement = [&](const Expression& difference, const Expression& weighted) {
      return select_less(difference, largest, scale * weighted + 0.25 * distance, difference);
    };
    const Expression z = complement(0.5 - half_u, weighted_z);
    return {self, z, ranges_[id].nonnegative ? 1.0 - z : complement(0.5 + half_u, weighted_zbar), c, {}};
  }

  /// Σ' = A Σ Aᵀ has no such form: Q = Σ a_p a_r Σ(x, x)[p, r] holds covariances between positions, and Q, Q' and
  /// C differ by less than they are. z' = (1 - C/√(QQ'))/2 is off by a few roundings, which an activation with a kink
  /// behind it turns into their square root for near pairs. Of equal inputs it has to be 0, whatever the order in which
  /// C and Q are added up: what rounding may have made of 0 is 0. Sums of n terms are taken to be off by 4 + √n/2
  /// roundings: their errors are those of a random walk.
  /// Where each output is made of one input, a multiple of that, the complements are those of the inputs.
  CrossCovariance congruent(NodeId id, const Node& node) {
    const CrossCovariance& k = *cross_[node.operands[0]];
    const auto& map = std::get<kernel_ir::Congruent>(source_.attribute(node));
    const auto mapped = [&](Expression a, const kernel_ir::Attribute& by) {
      return Expression(target_, target_.real(Operation::congruent, {at_positions(a.id(), node.operands[0])},
                                              by, {node.place.space, 0}));
    };
    const Expression c = mapped(k.c, source_.attribute(node));
    const SelfCovariance self = self_of(id);
    const Expression zero = c.literal(0);
    const kernel_ir::Extents inputs = source_.extents(source_[node.operands[0]].place);
    if (const auto selection = kernel_ir::selection(map, inputs)) {
      const Expression z = mapped(k.complement, *selection);
      const Expression zbar = mapped(k.cocomplement, *selection);
      return {self, z, ranges_[id].nonnegative ? 1.0 - z : zbar, c, {}};
    }
    const Expression half_u = 0.5 * (c / maximum(sqrt(self.q.both()), c.literal(1e-30)));
    const double terms = static_cast<double>(kernel_ir::most_terms(map, inputs));
    const Expression least = c.literal(options_.unit_roundoff * (4 + terms / 2));
    const Expression difference = 0.5 - half_u;
    const Expression z = select_less(difference, least, zero, difference);
    return {self, z, ranges_[id].nonnegative ? 1.0 - z : maximum(0.5 + half_u, zero), c, {}};
  }

  /// Between different positions u = 0.
  CrossCovariance separate(NodeId id, const Node& node) {
    const CrossCovariance& k = *cross_[node.operands[0]];
    const auto on_diagonal = [&](Expression a) {
      return Expression(target_, target_.real(Operation::separate, {at_positions(a.id(), node.operands[0])}));
    };
    const Expression between = 0.5 * (1.0 - on_diagonal(k.complement.literal(1)));
    const Expression z = on_diagonal(k.complement) + between;
    return {self_of(id),
            z,
            ranges_[id].nonnegative ? 1.0 - z : on_diagonal(k.cocomplement) + between,
            on_diagonal(k.c),
            {}};
  }

  /// Variances are divided by k, and so is c of a sample with itself at one position, whose u stays; all other u are
  /// multiplied by k: z' = k z + (1 - k)/2, z̄' = k z̄ + (1 - k)/2.
  CrossCovariance dropout(NodeId id, const Node& node) {
    const CrossCovariance& k = *cross_[node.operands[0]];
    const Expression keep = real(node.operands[1]);
    const Expression zero = keep.literal(0);
    const Expression is_same(target_, target_.identity(node.dependence, target_.place_of(source_, node)));
    const Expression apart = 0.5 * (1.0 - keep);
    const auto complement = [&](const Expression& z) {
      return select_less(zero, is_same, z, keep * z + apart);
    };
    const Expression z = complement(k.complement);
    return {self_of(id),
            z,
            ranges_[id].nonnegative ? 1.0 - z : complement(k.cocomplement),
            select_less(zero, is_same, k.c / keep, k.c),
            {}};
  }

  /// A constant is a branch with u = 1.
  CrossCovariance branch(NodeId id) {
    if (cross_[id]) return *cross_[id];
    const Expression q = real(id);
    return {self_covariance(q), q.literal(0), q.literal(1), q, Range{true, 0.254}};
  }

  CrossCovariance from_complements(NodeId id, NodeId z, NodeId zbar) {
    enter_frame(source_[id]);
    const SelfCovariance q = self_of(id);
    const Expression z_expression(target_, z);
    const bool nonnegative = ranges_[id].nonnegative;
    // Where u ≥ 0, z̄ = 1 - z is exact enough and need not be carried.
    const Expression zbar_expression = nonnegative ? 1.0 - z_expression : Expression(target_, zbar);
    const Expression u = nonnegative ? 1.0 - 2.0 * z_expression : zbar_expression - z_expression;
    return {q, z_expression, zbar_expression, q.root.both() * u, ranges_[id]};
  }

  /// A sample covariance or a constant.
  [[nodiscard]] Expression real(NodeId id) { return stated(id); }
  [[nodiscard]] SelfCovariance self(NodeId id) { return self_covariance(real(id)); }
  /// At the positions of a cross covariance.
  [[nodiscard]] SelfCovariance self_of(NodeId id) { return self(source_.variance(id)); }

  /// Each carried pair covariance becomes two carried reals, z and z̄, at `positions[i]` and after it.
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    std::vector<Carried> carried;
    std::vector<std::uint32_t> positions;
    for (std::size_t i = 0; i < loop.operands.size(); ++i) {
      positions.push_back(static_cast<std::uint32_t>(carried.size()));
      const Dependence dependence = source_[body.arguments[i]].dependence;
      const kernel_ir::Place place = target_.place_of(source_, source_[body.arguments[i]]);
      if (const auto& k = cross_[loop.operands[i]]) {
        carried.push_back({k->complement.id(), dependence, Carried::no_self, place});
        carried.push_back({k->cocomplement.id(), dependence, Carried::no_self, place});
      } else {
        carried.push_back({image(loop.operands[i]), dependence, Carried::no_self, place});
      }
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    const std::vector<NodeId> arguments = target_.regions()[region].arguments;
    // Self covariances first: a cross covariance is made of its own.
    for (std::size_t i = 0; i < loop.operands.size(); ++i) {
      if (!cross_[loop.operands[i]]) set_image(body.arguments[i], arguments[positions[i]]);
    }
    for (std::size_t i = 0; i < loop.operands.size(); ++i) {
      if (!cross_[loop.operands[i]]) continue;
      cross_[body.arguments[i]] =
          from_complements(body.arguments[i], arguments[positions[i]], arguments[positions[i] + 1]);
      set_image(body.arguments[i], cross_[body.arguments[i]]->c.id());
    }
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (std::size_t i = 0; i < body.results.size(); ++i) {
      if (const auto& k = cross_[body.results[i]]) {
        next.push_back(k->complement.id());
        next.push_back(k->cocomplement.id());
      } else {
        next.push_back(image(body.results[i]));
      }
    }
    const std::vector<NodeId> results = target_.end_loop(next);
    for (std::uint32_t i = 0; i < positions.size(); ++i) {
      map_result(id, i, results[positions[i]]);
      if (cross_[loop.operands[i]]) {
        loop_complements_[id][i] = {results[positions[i]], results[positions[i] + 1]};
      }
    }
  }

  void finish() override {
    target_.set_frame({});
    for (std::size_t i = 0; i < source_.roots.size(); ++i) {
      const auto& k = cross_[source_.roots[i].node];
      if (k) target_.roots[i].node = k->c.id();
    }
  }

  ExpansionOptions options_;
  hermite::WorkLimit work_;
  duals::DecisionMaker maker_;
  duals::HermiteRules hermite_;
  std::vector<DeviationRange> deviations_;
  std::vector<Range> ranges_;
  std::vector<bool> critical_;
  std::vector<Dual> duals_;
  std::map<Place, std::size_t> dual_at_;
  std::multimap<NodeId, std::size_t> duals_of_;        // by self covariance
  std::unordered_map<NodeId, Expression> stated_;      // by sample covariance
  std::vector<std::optional<CrossCovariance>> cross_;  // by source node
  std::unordered_map<NodeId, std::unordered_map<std::uint32_t, std::pair<NodeId, NodeId>>> loop_complements_;
};

}  // namespace

Expanded expand_stating(const Program& program, const ExpansionOptions& options) {
  Expander expander(program, options);
  std::vector<duals::Use> uses = expander.uses();
  return {expander.run(), std::move(uses)};
}

Program expand(const Program& program, const ExpansionOptions& options) {
  return Expander(program, options).run();
}

}  // namespace ntkc::passes
