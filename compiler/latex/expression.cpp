#include "compiler/latex/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <numbers>

namespace ntkc::latex {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

std::string number(double value) {
  // As people write it: the last two digits of a double are often those of a rounding.
  std::string text = fmt::format("{:.15g}", value);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const std::string mantissa = text.substr(0, e);
  const int exponent = std::stoi(text.substr(e + 1));
  if (mantissa == "1") return fmt::format("10^{{{}}}", exponent);
  return fmt::format("{}\\cdot 10^{{{}}}", mantissa, exponent);
}

std::string broken(const std::string& formula) {
  constexpr int widest = 44;  // in characters, about what the page holds beside a left side
  std::string result;
  int width = 0;
  int depth = 0;  // of braces and parentheses
  for (std::size_t i = 0; i < formula.size(); ++i) {
    const std::string_view rest = std::string_view(formula).substr(i);
    if (formula[i] == '{' || formula[i] == '(' || formula[i] == '[') ++depth;
    if (formula[i] == '}' || formula[i] == ')' || formula[i] == ']') --depth;
    if (depth == 0 && width > widest && (rest.starts_with(" + ") || rest.starts_with(" - "))) {
      result += " \\\\\n  &\\qquad {}";
      width = 0;
    }
    if (formula[i] == '\\') {  // a command is about as wide as a character
      std::size_t end = i + 1;
      while (end < formula.size() && std::isalpha(static_cast<unsigned char>(formula[end])) != 0) ++end;
      result += formula.substr(i, end - i);
      i = end - 1;
      ++width;
      continue;
    }
    result += formula[i];
    if (formula[i] != '{' && formula[i] != '}' && formula[i] != '^' && formula[i] != '_') ++width;
  }
  return result;
}

std::string text(std::string_view name) {
  std::string escaped;
  for (const char c : name) escaped += c == '_' ? std::string("\\_") : std::string(1, c);
  return escaped;
}

std::string symbol(std::string_view name) {
  static constexpr std::array<std::string_view, 21> greek = {
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu",
      "nu",    "xi",   "rho",   "sigma", "tau",     "phi",  "chi", "psi",   "omega", "pi"};
  if (name.ends_with('\'')) return symbol(name.substr(0, name.size() - 1)) + "'";
  const std::size_t underscore = name.find('_');
  const std::string_view base = name.substr(0, underscore);
  std::string result;
  if (std::ranges::find(greek, base) != greek.end()) {
    result = fmt::format("\\{}", base);
  } else {
    result = base.size() == 1 ? std::string(base) : fmt::format("\\mathit{{{}}}", base);
  }
  if (underscore == std::string_view::npos || underscore + 1 == name.size()) return result;
  return fmt::format("{}_{{\\mathrm{{{}}}}}", result, text(name.substr(underscore + 1)));
}

ExpressionWriter::ExpressionWriter(const kernel_ir::Program& program)
    : program_(program), written_(program.size()) {
  for (NodeId id = 0; id < program.size(); ++id) {
    const Node& node = program[id];
    const bool readable =
        node.type == kernel_ir::Type::real && (node.dependence == kernel_ir::Dependence::constant ||
                                               node.dependence == kernel_ir::Dependence::function);
    if (readable) written_[id] = write(node);
  }
}

std::string ExpressionWriter::enclosed(const Written& written, Level least) {
  if (written.level >= least && !written.text.starts_with('-')) return written.text;
  return fmt::format("\\left({}\\right)", written.text);
}

std::string ExpressionWriter::factor(NodeId id) const {
  return is_one(id) ? "" : enclosed(written_[id], Level::product) + "\\,";
}

bool ExpressionWriter::is_negated(const Written& written) {
  return written.text.starts_with('-') && written.inner >= Level::product;
}

ExpressionWriter::Written ExpressionWriter::negated(const Written& written) {
  if (is_negated(written)) return stripped(written);
  if (written.level >= Level::product) return {"-" + written.text, Level::sum, written.level};
  return {"-" + enclosed(written, Level::product), Level::sum, Level::atom};
}

ExpressionWriter::Written ExpressionWriter::write_sum(const Written& a, const Written& b, bool minus) const {
  if (b.text == "0") return a;
  if (a.text == "0") return minus ? negated(b) : b;
  if (is_negated(b)) return write_sum(a, stripped(b), !minus);
  if (is_negated(a) && !minus) return write_sum(b, stripped(a), true);
  return {fmt::format("{} {} {}", a.text, minus ? '-' : '+', minus ? enclosed(b, Level::product) : b.text),
          Level::sum, Level::sum};
}

ExpressionWriter::Written ExpressionWriter::write_product(const Node& node) const {
  const Written& a = written_[node.operands[0]];
  const Written& b = written_[node.operands[1]];
  if (a.text == "0" || b.text == "0") return {"0"};
  const Written product =
      write_unsigned_product(node, is_negated(a) ? stripped(a) : a, is_negated(b) ? stripped(b) : b);
  return is_negated(a) != is_negated(b) ? negated(product) : product;
}

ExpressionWriter::Written ExpressionWriter::write_unsigned_product(const Node& node, Written a,
                                                                   Written b) const {
  if (a.text == "1") return b;
  if (b.text == "1") return a;
  if (node.operands[0] == node.operands[1]) {
    const Node& base = program_[node.operands[0]];
    if (base.operation == Operation::square_root) return written_[base.operands[0]];
    // 0.01 rather than 0.1^2, if that is short.
    const std::string squared = fmt::format("{:.15g}", base.value * base.value);
    if (base.operation == Operation::literal && squared.size() <= 8 && squared.find('e') == std::string::npos)
      return {squared};
    return {enclosed(a, Level::atom) + "^2", Level::power};
  }
  // Numbers first, then constants, then what depends on z.
  const auto rank = [&](NodeId id) {
    if (program_[id].operation == Operation::literal) return 0;
    return program_[id].dependence == kernel_ir::Dependence::constant ? 1 : 2;
  };
  const bool number_last = b.level >= Level::product &&
                           std::isdigit(static_cast<unsigned char>(b.text.front())) != 0 &&
                           std::isdigit(static_cast<unsigned char>(a.text.front())) == 0;
  const int order = rank(node.operands[1]) - rank(node.operands[0]);
  if (order < 0 || (order == 0 && number_last)) std::swap(a, b);
  const std::string right = enclosed(b, Level::product);
  const bool touching = right.front() >= '0' && right.front() <= '9';
  return {enclosed(a, Level::product) + (touching ? "\\cdot " : "\\,") + right, Level::product};
}

ExpressionWriter::Written ExpressionWriter::literal(double value) {
  if (value == std::numbers::pi) return {"\\pi"};
  return {number(value), value < 0 ? Level::sum : Level::atom, Level::atom};
}

ExpressionWriter::Written ExpressionWriter::write(const Node& node) const {
  const auto operand = [&](std::size_t i) -> const Written& { return written_[node.operands[i]]; };
  const auto call = [&](std::string_view name) {
    return Written{fmt::format("{}\\left({}\\right)", name, operand(0).text), Level::power};
  };
  switch (node.operation) {
    case Operation::literal:
      return literal(node.value);
    case Operation::parameter:
      return {symbol(program_.parameters[node.index].name)};
    case Operation::pi:
      return {"\\pi"};
    case Operation::variable:
      return {"z"};
    case Operation::add: {
      const Node& a = program_[node.operands[0]];
      const Node& b = program_[node.operands[1]];
      // A number of more digits than a double, as constant arithmetic leaves.
      if (a.operation == Operation::literal && b.operation == Operation::literal)
        return literal(a.value + b.value);
      return write_sum(operand(0), operand(1), false);
    }
    case Operation::subtract:
      return write_sum(operand(0), operand(1), true);
    case Operation::multiply:
      return write_product(node);
    case Operation::divide: {
      const Written& top = operand(0);
      if (operand(1).text == "1") return top;
      const Written fraction = {
          fmt::format("\\frac{{{}}}{{{}}}", is_negated(top) ? stripped(top).text : top.text, operand(1).text),
          Level::product};
      return is_negated(top) ? negated(fraction) : fraction;
    }
    case Operation::power:
      return {fmt::format("{}^{{{}}}", enclosed(operand(0), Level::atom), operand(1).text), Level::power};
    case Operation::square_root:
      return {fmt::format("\\sqrt{{{}}}", operand(0).text)};
    case Operation::exp:
      return {fmt::format("e^{{{}}}", operand(0).text), Level::power};
    case Operation::log:
      return call("\\log");
    case Operation::sin:
      return call("\\sin");
    case Operation::cos:
      return call("\\cos");
    case Operation::tanh:
      return call("\\tanh");
    case Operation::erf:
      return call("\\operatorname{erf}");
    case Operation::sign:
      return call("\\operatorname{sgn}");
    case Operation::abs:
      return {fmt::format("\\left|{}\\right|", operand(0).text)};
    case Operation::minimum:
      return {fmt::format("\\min\\left({}, {}\\right)", operand(0).text, operand(1).text), Level::power};
    case Operation::maximum:
      return {fmt::format("\\max\\left({}, {}\\right)", operand(0).text, operand(1).text), Level::power};
    case Operation::select_less:
      return {fmt::format(
                  "\\begin{{cases}} {} & \\text{{if }} {} < {} \\\\ {} & \\text{{otherwise}} \\end{{cases}}",
                  operand(2).text, operand(0).text, operand(1).text, operand(3).text),
              Level::sum};
    case Operation::moment: {  // of a constant variance
      const bool is_square = node.operands[1] == node.operands[2];
      return {fmt::format("\\mathbb{{E}}_{{z \\sim \\mathcal{{N}}(0, {})}}\\left[{}{}\\right]",
                          operand(0).text, enclosed(operand(1), Level::atom),
                          is_square ? "^2" : "\\," + enclosed(operand(2), Level::atom))};
    }
    default:
      return {fmt::format("\\mathrm{{{}}}", text(kernel_ir::info(node.operation).name))};
  }
}

}  // namespace ntkc::latex
