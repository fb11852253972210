// Expressions of the text form of the kernel IR. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"
#include "compiler/kernel_ir/token_cursor.hpp"

namespace ntkc::kernel_ir::text_form {

/// Reads an expression into a tree, then builds its nodes: whether `q1 + 1` is a real or a covariance, and
/// whether q1 stands for its value at x, follows from where it is used.
class ExpressionParser : protected TokenCursor {
 protected:
  static constexpr int deepest = 200;  ///< limit on nesting: of expressions, of loops

  explicit ExpressionParser(std::string_view source) : TokenCursor(source) {}

  /// An expression where a value of this kind is wanted. What it returns may be of another kind.
  NodeId parse_value(Kind kind);
  /// 32 x 32
  Extents parse_extents();
  /// full 32 x 32
  Place parse_place();
  /// An expression that stands for a root: the name of a covariance, or a real.
  NodeId parse_root_value();

  Program program_;
  std::unordered_map<std::string, std::uint32_t> parameters_;
  std::unordered_map<std::string, NodeId> values_;     ///< that are in scope
  std::unordered_map<std::string, NodeId> functions_;  ///< that are in scope
  std::string_view variable_;  ///< of the function that is being defined; may be empty

 private:
  /// A node that is there already, or an operation on expressions, which are indices into the tree.
  struct Expression {
    NodeId node = no_node;
    Operation operation = Operation::literal;
    std::vector<std::size_t> operands;
    Attribute attribute = {};
    Place place = {};
    bool constant = true;
    int depth = 1;
  };

  NodeId at_pair(NodeId value);
  NodeId real(std::size_t index);
  NodeId covariance(std::size_t index);

  std::size_t leaf(NodeId node);
  std::size_t operation(Operation operation, std::vector<std::size_t> operands, Attribute attribute = {},
                        Place place = {});
  std::size_t parse_sum();
  std::size_t parse_product();
  std::size_t parse_power();
  std::size_t parse_primary();
  NodeId expect_value();
  std::vector<std::size_t> parse_arguments();
  std::size_t parse_call();
  /// What a call says behind its operands; the place is that which the operation is to have.
  Attribute parse_attribute(Operation operation, Place& place);
  Coupled parse_coupled();
  Congruent parse_congruent();
  Window parse_window();
  PositionMatrix parse_matrix();
  NodeId parse_operand();
  std::size_t parse_expectation(Operation operation);
  std::size_t parse_expansion(Operation operation);
  NodeId parse_function();

  int nesting_ = 0;
  std::vector<Expression> tree_;  // of the expression at hand
};

}  // namespace ntkc::kernel_ir::text_form
