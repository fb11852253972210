// Expressions of the text form of the kernel IR, written. Internal to this folder.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// Writes a node as an operation on the texts of its operands.
class ExpressionPrinter {
 protected:
  enum class Level : std::uint8_t { sum, product, power, atom };

  /// How a node reads inside its user.
  struct Rendered {
    std::string text;
    Level level = Level::atom;
    std::size_t order = 0;  // place of its statement among all; 0 if it has none
    bool in_place = false;  // an expression rather than a name or a leaf: it could be given a name
  };

  explicit ExpressionPrinter(const Program& program);

  [[nodiscard]] Rendered compose(const Node& node) const;
  /// The name of a function that needs no definition; "" for others.
  [[nodiscard]] std::string_view predefined_name(const Node& node) const;

  const Program& program_;
  std::vector<Rendered> rendered_;  // by node
  std::map<NodeId, std::string> function_names_;
  std::string variable_ = "z";

 private:
  static std::string parenthesised(const Rendered& operand);
  static Rendered negation(const Rendered& operand);
  [[nodiscard]] std::pair<NodeId, NodeId> ordered(const Node& node, Level level) const;
  [[nodiscard]] Rendered infix(const Node& node, Level level, std::string_view sign) const;
  [[nodiscard]] Rendered call(const Node& node) const;
  [[nodiscard]] std::string attribute_text(const Node& node) const;
  [[nodiscard]] std::string compose_expectation(const Node& node) const;
  [[nodiscard]] std::string compose_expansion(const Node& node) const;

  bool has_parameter_pi_;
};

}  // namespace ntkc::kernel_ir
