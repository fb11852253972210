// A `repeat` becomes one loop in the graph. Its first iterations are written out before it where the values
// that it carries change type in them (an input becomes a layer's output, say), or where branches are
// dependent in them alone.
#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

/// How many iterations are written out because the values that they carry change type.
constexpr int most_peeled_iterations = 2;
/// So many that some are left, however many are written out for their types or their branches.
constexpr std::int64_t iterations_of_a_loop = 8;

}  // namespace

void Elaborator::elaborate_repeat(const ast::Repeat& repeat, SourceRange range) {
  const Depth depth(depth_);
  if (depth_ > deepest) {
    fail(DiagnosticKind::nesting_too_deep, range, "repeats and blocks nested too deeply");
    return;
  }
  const std::vector<Carried> carried = carried_names(repeat.body);
  const std::optional<std::int64_t> count = trip_count(repeat);
  if (!count || !check_trip_count(repeat, *count)) return poison(carried);
  std::int64_t iterations = *count;
  if (open_repeats_ == 0 && ++graph_.outermost_repeats == limits_.endless_repeat && iterations > 0) {
    graph_.iterations_of_endless = iterations;
    iterations = std::max(iterations, iterations_of_a_loop);
  }
  ++open_repeats_;
  elaborate_iterations(repeat, iterations, range);
  --open_repeats_;
}

void Elaborator::elaborate_iterations(const ast::Repeat& repeat, std::int64_t count, SourceRange range) {
  std::vector<Carried> carried = carried_names(repeat.body);
  std::int64_t left = count;
  const auto wanted = peeled_.find({range.file, range.begin});
  for (int i = wanted == peeled_.end() ? 0 : wanted->second; i > 0 && left > 1; --i, --left) {
    write_out_once(repeat, carried);
    carried = carried_names(repeat.body);
  }
  for (int peeled = 0; left > 1; ++peeled, --left) {
    const std::optional<Diagnostic> instability = elaborate_loop(repeat, carried, left, range);
    if (!instability) return;
    if (peeled == most_peeled_iterations) {
      diagnostics_.report(instability->kind, instability->range, instability->message, instability->notes,
                          instability->help);
      return poison(carried);
    }
    write_out_once(repeat, carried);
    carried = carried_names(repeat.body);
  }
  if (left == 1) write_out_once(repeat, carried);
}

std::optional<std::int64_t> Elaborator::trip_count(const ast::Repeat& repeat) {
  const SourceRange range = expression(repeat.count).range;
  const Value value = evaluate(repeat.count);
  if (std::holds_alternative<Erroneous>(value)) return std::nullopt;
  const auto* constant = std::get_if<ConstantValue>(&value);
  if (constant == nullptr) {
    fail(DiagnosticKind::not_constant, range,
         fmt::format("the count of a `repeat` is a constant, got {}", describe(value)));
    return std::nullopt;
  }
  if (constant->kind != ConstantValue::Kind::integer) {
    fail(DiagnosticKind::type_mismatch, range,
         fmt::format("the count of a `repeat` is an integer, got {}", describe(value)));
    return std::nullopt;
  }
  if (constant->integer < 0) {
    fail(DiagnosticKind::argument_out_of_range, range,
         fmt::format("the count of a `repeat` is not negative, got {}", constant->integer));
    return std::nullopt;
  }
  return constant->integer;
}

bool Elaborator::check_trip_count(const ast::Repeat& repeat, std::int64_t count) {
  if (count <= limits_.expanded_layers / multiplicity_) return true;
  diagnostics_.report(
      DiagnosticKind::limit_exceeded, expression(repeat.count).range,
      fmt::format("{} iterations{} are more than the limit of {} layers", count,
                  multiplicity_ > 1 ? fmt::format(" in each of {} around them", multiplicity_) : "",
                  limits_.expanded_layers));
  return false;
}

std::vector<Elaborator::Carried> Elaborator::carried_names(const std::vector<ast::StatementId>& body) const {
  std::vector<Carried> carried;
  std::set<std::string> seen;
  std::vector<ast::StatementId> open(body.rbegin(), body.rend());
  while (!open.empty()) {
    const ast::Statement& statement = (*expressions_)[open.back()];
    open.pop_back();
    if (const auto* nested = std::get_if<ast::Repeat>(&statement.node)) {
      open.insert(open.end(), nested->body.rbegin(), nested->body.rend());
    } else if (const auto* assignment = std::get_if<ast::Assignment>(&statement.node)) {
      const std::string& name = assignment->name.name;
      const Binding* before = scope_.find(name);
      if (before == nullptr || before->role != Binding::Role::variable || !seen.insert(name).second) continue;
      carried.push_back({name, *before});
    }
  }
  return carried;
}

std::vector<Binding> Elaborator::elaborate_body(const ast::Repeat& repeat,
                                                const std::vector<Carried>& carried) {
  const Scope::Mark mark = scope_.mark();
  elaborate_statements(repeat.body);
  std::vector<Binding> after;
  after.reserve(carried.size());
  for (const Carried& value : carried) after.push_back(*scope_.find(value.name));
  scope_.undo(mark);
  return after;
}

void Elaborator::write_out_once(const ast::Repeat& repeat, const std::vector<Carried>& carried) {
  const std::vector<Binding> after = elaborate_body(repeat, carried);
  elaborate_depth(repeat, carried, after);
  for (std::size_t i = 0; i < carried.size(); ++i) scope_.bind(carried[i].name, after[i]);
}

void Elaborator::elaborate_depth(const ast::Repeat& repeat, const std::vector<Carried>& carried,
                                 const std::vector<Binding>& after) {
  if (!limits_.all_depths) return;
  const auto last =
      std::find_if(file_.statements.rbegin(), file_.statements.rend(),
                   [&](ast::StatementId id) { return std::holds_alternative<ast::Repeat>(file_[id].node); });
  if (&std::get<ast::Repeat>(file_[*last].node) != &repeat) return;
  const Scope::Mark mark = scope_.mark();
  for (std::size_t i = 0; i < carried.size(); ++i) scope_.bind(carried[i].name, after[i]);
  for (auto id = last.base(); id != file_.statements.end(); ++id) {
    if (const auto* assignment = std::get_if<ast::Assignment>(&file_[*id].node))
      elaborate_assignment(*assignment);
    if (const auto* output = std::get_if<ast::Output>(&file_[*id].node)) {
      const SourceRange range = expression(output->value).range;
      if (const auto node = node_of(evaluate(output->value), range)) graph_.depths.push_back(*node);
    }
  }
  scope_.undo(mark);
}

std::optional<Diagnostic> Elaborator::elaborate_loop(const ast::Repeat& repeat,
                                                     const std::vector<Carried>& carried, std::int64_t count,
                                                     SourceRange range) {
  const Checkpoint start = checkpoint();
  const Scope::Mark mark = scope_.mark();
  const RegionId outside = region_;
  const auto body = static_cast<RegionId>(graph_.regions.size());
  LoopNode loop{.body = body, .count = count, .initial = {}};
  for (const Carried& value : carried) {
    if (const auto* node = std::get_if<NodeId>(&value.before.value)) loop.initial.push_back(*node);
  }
  const NodeId loop_id = add_node(loop, {}, "", range);
  graph_.regions.push_back({.loop = loop_id, .nodes = {}, .arguments = {}, .results = {}});

  region_ = body;
  multiplicity_ *= count;
  for (const Carried& value : carried) {
    const auto* initial = std::get_if<NodeId>(&value.before.value);
    if (initial == nullptr) continue;
    const auto index = static_cast<std::uint32_t>(graph_.regions[body].arguments.size());
    const ValueType type = graph_.nodes[*initial].type;
    const NodeId argument = add_node(LoopArgumentNode{body, index}, type, value.name, value.before.range);
    graph_.regions[body].arguments.push_back(argument);
    scope_.bind(value.name,
                {.value = argument, .role = Binding::Role::variable, .range = value.before.range});
  }
  const std::size_t errors = diagnostics_.error_count();
  const std::vector<Binding> after = elaborate_body(repeat, carried);
  scope_.undo(mark);
  region_ = outside;
  multiplicity_ /= count;

  // A mistake in one iteration is a mistake, whatever comes of the loop.
  const auto is_erroneous = [](const Binding& value) {
    return std::holds_alternative<Erroneous>(value.value);
  };
  if (diagnostics_.error_count() != errors || std::ranges::any_of(after, is_erroneous)) {
    roll_back(start);
    poison(carried);
    return std::nullopt;
  }
  std::optional<Diagnostic> unstable;
  for (std::size_t i = 0; i < carried.size() && !unstable; ++i) unstable = instability(carried[i], after[i]);
  if (unstable) {
    roll_back(start);
    return unstable;
  }
  region_ = body;
  multiplicity_ *= count;
  elaborate_depth(repeat, carried, after);
  region_ = outside;
  multiplicity_ /= count;
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < carried.size(); ++i) {
    if (!std::holds_alternative<NodeId>(carried[i].before.value)) continue;  // the constant that it was
    const auto* result = std::get_if<NodeId>(&after[i].value);
    if (result == nullptr) throw std::logic_error("a stable loop carries a network value that is none");
    graph_.regions[body].results.push_back(*result);
    const ValueType type = graph_.nodes[*result].type;
    const NodeId node = add_node(LoopResultNode{loop_id, index++}, type, carried[i].name, after[i].range);
    scope_.bind(carried[i].name, {.value = node, .role = Binding::Role::variable, .range = after[i].range});
  }
  return std::nullopt;
}

std::optional<Diagnostic> Elaborator::instability(const Carried& carried, const Binding& after) const {
  const BoundValue& before = carried.before.value;
  if (std::holds_alternative<Erroneous>(before)) return std::nullopt;
  const auto* constant = std::get_if<ConstantValue>(&before);
  const auto* constant_after = std::get_if<ConstantValue>(&after.value);
  if (constant != nullptr && constant_after != nullptr) {
    if (*constant == *constant_after) return std::nullopt;
    return Diagnostic{
        .kind = DiagnosticKind::unsupported,
        .range = after.range,
        .message = fmt::format("the constant `{}` has another value in each iteration", carried.name),
        .notes = {},
        .help = "the iterations of a `repeat` are alike: write out those that are not"};
  }
  const auto type_text = [this](const BoundValue& value) {
    const auto* number = std::get_if<ConstantValue>(&value);
    return number != nullptr ? layer_graph::describe(scalars_, *number)
                             : fmt::format("`{}`", print_type(graph_.nodes[std::get<NodeId>(value)].type));
  };
  if (constant == nullptr && constant_after == nullptr &&
      graph_.nodes[std::get<NodeId>(before)].type == graph_.nodes[std::get<NodeId>(after.value)].type) {
    return std::nullopt;
  }
  return Diagnostic{.kind = DiagnosticKind::unstable_repeat,
                    .range = after.range,
                    .message = fmt::format("`{}` changes type in every iteration: from {} to {}",
                                           carried.name, type_text(before), type_text(after.value)),
                    .notes = {},
                    .help = "let each iteration end in values of the types that it began with"};
}

void Elaborator::poison(const std::vector<Carried>& carried) {
  for (const Carried& value : carried) {
    scope_.bind(value.name,
                {.value = Erroneous{}, .role = Binding::Role::variable, .range = value.before.range});
  }
}

Elaborator::Checkpoint Elaborator::checkpoint() const {
  return {graph_.nodes.size(), graph_.regions.size(), graph_.regions[region_].nodes.size(), expanded_layers_};
}

void Elaborator::roll_back(const Checkpoint& checkpoint) {
  graph_.nodes.resize(checkpoint.nodes);
  graph_.regions.resize(checkpoint.regions);
  graph_.regions[region_].nodes.resize(checkpoint.region_nodes);
  expanded_layers_ = checkpoint.expanded_layers;
  branch_sources_.erase(branch_sources_.lower_bound(static_cast<NodeId>(checkpoint.nodes)),
                        branch_sources_.end());
}

}  // namespace ntkc::layer_graph
