#include "compiler/latex/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ntkc::latex {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

std::string number(double value) {
  std::string text = fmt::format("{}", value);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const std::string mantissa = text.substr(0, e);
  const int exponent = std::stoi(text.substr(e + 1));
  if (mantissa == "1") return fmt::format("10^{{{}}}", exponent);
  return fmt::format("{}\\cdot 10^{{{}}}", mantissa, exponent);
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

ExpressionWriter::Written ExpressionWriter::write_sum(const Written& a, const Written& b, bool minus) const {
  if (b.text == "0") return a;
  if (a.text == "0" && !minus) return b;
  const std::string right = minus ? enclosed(b, Level::product) : b.text;
  if (a.text == "0") return {"-" + right, Level::sum};
  if (!minus && right.starts_with('-')) return {a.text + " - " + right.substr(1), Level::sum};
  return {fmt::format("{} {} {}", a.text, minus ? '-' : '+', right), Level::sum};
}

ExpressionWriter::Written ExpressionWriter::write_product(const Node& node) const {
  Written a = written_[node.operands[0]];
  Written b = written_[node.operands[1]];
  if (a.text == "0" || b.text == "0") return {"0"};
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
  if (rank(node.operands[1]) < rank(node.operands[0])) std::swap(a, b);
  const std::string right = enclosed(b, Level::product);
  const bool touching = right.front() >= '0' && right.front() <= '9';
  return {enclosed(a, Level::product) + (touching ? "\\cdot " : "\\,") + right, Level::product};
}

ExpressionWriter::Written ExpressionWriter::write(const Node& node) const {
  const auto operand = [&](std::size_t i) -> const Written& { return written_[node.operands[i]]; };
  const auto call = [&](std::string_view name) {
    return Written{fmt::format("{}\\left({}\\right)", name, operand(0).text), Level::power};
  };
  switch (node.operation) {
    case Operation::literal:
      return {number(node.value), node.value < 0 ? Level::sum : Level::atom};
    case Operation::parameter:
      return {symbol(program_.parameters[node.index].name)};
    case Operation::pi:
      return {"\\pi"};
    case Operation::variable:
      return {"z"};
    case Operation::add:
      return write_sum(operand(0), operand(1), false);
    case Operation::subtract:
      return write_sum(operand(0), operand(1), true);
    case Operation::multiply:
      return write_product(node);
    case Operation::divide:
      return {fmt::format("\\frac{{{}}}{{{}}}", operand(0).text, operand(1).text), Level::product};
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
