#include "compiler/kernel_ir/expression_printer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

bool commutes(Operation operation) {
  return operation == Operation::add || operation == Operation::multiply || operation == Operation::minimum ||
         operation == Operation::maximum;
}

}  // namespace

ExpressionPrinter::ExpressionPrinter(const Program& program)
    : program_(program),
      rendered_(program.size()),
      has_parameter_pi_(
          std::ranges::any_of(program.parameters, [](const Parameter& p) { return p.name == "pi"; })) {}

std::string_view ExpressionPrinter::predefined_name(const Node& node) const {
  if (node.operation == Operation::variable) return text_form::identity_function;
  const bool is_one = text_form::is_function_name(node.operation) &&
                      program_[node.operands[0]].operation == Operation::variable;
  return is_one ? info(node.operation).name : "";
}

ExpressionPrinter::Rendered ExpressionPrinter::compose(const Node& node) const {
  const auto operand = [&](std::size_t i) -> const Rendered& { return rendered_[node.operands[i]]; };
  switch (node.operation) {
    case Operation::literal:
      return {fmt::format("{}", program_.literal_value(node)), Level::atom, 0, false};
    case Operation::pi:
      return {has_parameter_pi_ ? "pi()" : "pi", Level::atom, 0, false};
    case Operation::parameter:
      return {program_.parameters[program_.parameter_number(node)].name, Level::atom, 0, false};
    case Operation::input_self:
    case Operation::input_cross:
    case Operation::input_square:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
      return {text_form::input_text(node.operation, node.place.space, program_.input_size)};
    case Operation::rows:
    case Operation::columns:
      return {parenthesised(operand(0)) + (node.operation == Operation::rows ? "[p]" : "[p']"), Level::atom,
              operand(0).order, true};
    case Operation::first:
    case Operation::cross:
      return operand(0);
    case Operation::second:
      return {operand(0).text + "'", Level::atom, operand(0).order, false};
    case Operation::variable:
      return {variable_, Level::atom, 0, false};
    case Operation::dual:
    case Operation::dual_derivative:
    case Operation::moment:
      return {compose_expectation(node)};
    case Operation::gaussian_mean:
    case Operation::hermite_series:
      return {compose_expansion(node)};
    case Operation::subtract:
      if (program_.is_literal(node.operands[0], 0)) return negation(operand(1));
      [[fallthrough]];
    case Operation::add:
      return infix(node, Level::sum, node.operation == Operation::add ? " + " : " - ");
    case Operation::multiply:
      if (node.operands[0] == node.operands[1])
        return {parenthesised(operand(0)) + "^2", Level::power, 0, true};
      [[fallthrough]];
    case Operation::divide:
      return infix(node, Level::product, node.operation == Operation::multiply ? "*" : "/");
    case Operation::power:
      // a^2 is the square a*a; the general power with this exponent is a call
      if (program_.is_literal(node.operands[1], 2)) return call(node);
      return {parenthesised(operand(0)) + "^" + parenthesised(operand(1)), Level::power, 0, true};
    default:
      return call(node);
  }
}

std::string ExpressionPrinter::parenthesised(const Rendered& operand) {
  const bool plain = operand.level == Level::atom && !operand.text.starts_with('-');
  return plain ? operand.text : fmt::format("({})", operand.text);
}

/// -x reads 0 - x; -2 is a number.
ExpressionPrinter::Rendered ExpressionPrinter::negation(const Rendered& operand) {
  const char begin = operand.text.front();
  const bool parenthesise = operand.level == Level::sum || begin == '-' || text_form::is_digit(begin);
  return {fmt::format(fmt::runtime(parenthesise ? "-({})" : "-{}"), operand.text), Level::sum, 0, true};
}

/// Operands in order of printing. What commutes: what needs no parentheses on the left only; in sums, and
/// in max(z, 0), what depends on pairs first and numbers last, otherwise numbers and constants first; then
/// by age and text.
std::pair<NodeId, NodeId> ExpressionPrinter::ordered(const Node& node, Level level) const {
  std::pair<NodeId, NodeId> result{node.operands[0], node.operands[1]};
  if (!commutes(node.operation)) return result;
  const bool numbers_last = node.operation == Operation::add || (node.dependence == Dependence::function &&
                                                                 node.operation != Operation::multiply);
  const auto key = [&](NodeId id) {
    const Node& operand = program_[id];
    const bool at_sample = operand.operation == Operation::first || operand.operation == Operation::second;
    const bool is_number = operand.operation == Operation::literal;
    const int dependence = is_number ? -1 : at_sample ? 1 : static_cast<int>(operand.dependence);
    const Rendered& r = rendered_[id];
    return std::tuple(r.level != level || level == Level::atom, numbers_last ? -dependence : dependence,
                      r.order, r.text.size(), std::string_view(r.text));
  };
  if (key(result.second) < key(result.first)) std::swap(result.first, result.second);
  return result;
}

ExpressionPrinter::Rendered ExpressionPrinter::infix(const Node& node, Level level,
                                                     std::string_view sign) const {
  const auto [a, b] = ordered(node, level);
  const Rendered& left = rendered_[a];
  const Rendered& right = rendered_[b];
  const std::string left_text = left.level < level ? fmt::format("({})", left.text) : left.text;
  const bool parenthesise = right.level <= level || right.text.starts_with('-');
  return {fmt::format(fmt::runtime(parenthesise ? "{}{}({})" : "{}{}{}"), left_text, sign, right.text), level,
          0, true};
}

ExpressionPrinter::Rendered ExpressionPrinter::call(const Node& node) const {
  std::vector<NodeId> operands = node.operands;
  if (operands.size() == 2) {
    const auto [a, b] = ordered(node, Level::atom);
    operands = {a, b};
  }
  std::string text = fmt::format("{}(", info(node.operation).name);
  for (std::size_t i = 0; i < operands.size(); ++i) text += (i > 0 ? ", " : "") + rendered_[operands[i]].text;
  if (const std::string more = attribute_text(node); !more.empty()) text += "; " + more;
  const bool is_part = node.operation == Operation::congruent && node.place.space == Space::diagonal;
  return {is_part ? fmt::format("diagonal({}))", text) : text + ")", Level::atom, 0, true};
}

/// What a call says behind its operands.
std::string ExpressionPrinter::attribute_text(const Node& node) const {
  switch (node.operation) {
    case Operation::arcsine_ratio:
    case Operation::arccosine_ratio:
      return fmt::format("{}", program_.domain_end(node));
    case Operation::broadcast:
    case Operation::identity:
    case Operation::self_identity:
      return text_form::place_text(program_, node.place);
    case Operation::coupled:
      return text_form::map_text(std::get<Coupled>(program_.attribute(node)));
    case Operation::congruent:
      return text_form::map_text(std::get<Congruent>(program_.attribute(node)));
    case Operation::tap_product: {
      const std::string text = text_form::map_text(std::get<Coupled>(program_.attribute(node)));
      return node.place.space == Space::full ? text + " full" : text;
    }
    default:
      return "";
  }
}

std::string ExpressionPrinter::compose_expectation(const Node& node) const {
  const NodeId covariance = node.operands[0];
  const std::string& c = rendered_[covariance].text;
  std::string of = c;
  if (node.dependence == Dependence::pair)
    of = fmt::format("{0}, {0}', {1}", rendered_[program_.variance(covariance)].text, c);
  std::string functions = function_names_.at(node.operands[1]);
  if (node.operation == Operation::moment) functions += ", " + function_names_.at(node.operands[2]);
  return fmt::format("{}({}; {})", text_form::expectation_name(node.operation), functions, of);
}

/// gaussian_mean(f; s1; nodes 57, reach 13), hermite_series(f; s1, s2; 84 odd, nodes 109, reach 13,
/// remainder 9e-13)
std::string ExpressionPrinter::compose_expansion(const Node& node) const {
  const bool is_series = node.operation == Operation::hermite_series;
  const hermite::Rule& rule = program_.rule(node);
  std::string text = fmt::format("{}({}; {}", info(node.operation).name,
                                 function_names_.at(node.operands.back()), rendered_[node.operands[0]].text);
  if (is_series) {
    const hermite::Terms& terms = program_.expansion(node).terms;
    text += fmt::format(", {}; {}{}", rendered_[node.operands[1]].text, terms.count,
                        text_form::parity_names[static_cast<std::size_t>(terms.parity)]);
    if (terms.turned) text += " turned";
    if (terms.tail > 0)
      text += fmt::format(" from {} to {} more, order {}", terms.first, terms.tail, terms.order);
  }
  text += fmt::format("{}nodes {}", is_series ? ", " : "; ", rule.nodes);
  if (!rule.breaks.empty()) text += fmt::format(" split at {}", fmt::join(rule.breaks, " and "));
  text += fmt::format(", reach {}", rule.reach);
  if (rule.extent > 0) text += fmt::format(" within {}", rule.extent);
  if (is_series) text += fmt::format(", remainder {}", program_.expansion(node).remainder);
  return text + ")";
}

}  // namespace ntkc::kernel_ir
