// Abstract syntax of one .arch file. Plain values, no Spirit.
//
// Nodes live in arenas and refer to each other by index, so that trees of any depth are copied, walked and
// freed without recursion over pointers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc::ast {

struct ExpressionId {
  std::uint32_t index = 0;
};
struct StatementId {
  std::uint32_t index = 0;
};

struct Identifier {
  std::string name;
  SourceRange range;
};

/// Integers and reals are distinct: `2` is an integer, `2.0` and `2e0` are reals.
struct Integer {
  std::int32_t value = 0;
};
struct Real {
  double value = 0;
};
struct Boolean {
  bool value = false;
};
struct Text {
  std::string value;
};
struct Name {
  std::string name;
};
struct List {
  std::vector<ExpressionId> items;
};

struct Argument {
  std::optional<Identifier> keyword;
  ExpressionId value;
};

/// `callee(arguments)`. A pipe is kept apart as Pipe, so that the source can be printed as it was written.
struct Call {
  Identifier callee;
  std::vector<Argument> arguments;
};

/// `value |> function`; `function` is a Name or a Call.
struct Pipe {
  ExpressionId value;
  ExpressionId function;
};

enum class UnaryOperator : std::uint8_t { negate };
struct Unary {
  UnaryOperator op;
  ExpressionId operand;
};

enum class BinaryOperator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};
struct Binary {
  BinaryOperator op;
  SourceRange op_range;
  ExpressionId left;
  ExpressionId right;
};

struct Conditional {
  ExpressionId condition;
  ExpressionId then_value;
  ExpressionId else_value;
};

struct Expression {
  SourceRange range;
  std::variant<Integer, Real, Boolean, Text, Name, List, Call, Pipe, Unary, Binary, Conditional> node;
};

/// `input x : vector(d)`
struct Input {
  Identifier name;
  Identifier type;
  std::vector<ExpressionId> sizes;
};
/// `name = value`
struct Assignment {
  Identifier name;
  ExpressionId value;
};
/// `repeat count { body }`
struct Repeat {
  ExpressionId count;
  std::vector<StatementId> body;
};
struct Output {
  ExpressionId value;
};

/// Of a network, a `def` or an `activation`. Without a default the argument must be given; parameters of a
/// network always have one.
struct Parameter {
  Identifier name;
  std::optional<ExpressionId> default_value;
};

/// `import "path"`
struct Import {
  std::string path;
  SourceRange path_range;
};
/// `activation name(variable, parameters) = value`
struct ActivationDefinition {
  Identifier name;
  Identifier variable;
  std::vector<Parameter> parameters;
  ExpressionId value;
};
/// `def name(parameters) { body; return result }`. The first parameter is the value it is applied to.
struct BlockDefinition {
  Identifier name;
  std::vector<Parameter> parameters;
  std::vector<StatementId> body;
  ExpressionId result;
};

struct Statement {
  SourceRange range;
  std::variant<Input, Assignment, Repeat, Output, Import, ActivationDefinition, BlockDefinition> node;
};

struct Comment {
  SourceRange range;  ///< from `#` to the last character before the line end
};

/// A network, or a library: a file to be imported, which holds definitions and imports only and has no
/// network. Definitions may stand before the `network` line; `statements` holds them all in the order of the
/// text.
struct File {
  std::uint32_t source = 0;  ///< index of the file in the SourceManager
  std::optional<std::int32_t> language_version;
  Identifier network;  ///< its name is empty in a library
  std::vector<Parameter> parameters;
  std::optional<Identifier> parametrization;
  std::vector<StatementId> statements;
  std::vector<Comment> comments;

  std::vector<Expression> expression_arena;
  std::vector<Statement> statement_arena;

  [[nodiscard]] const Expression& operator[](ExpressionId id) const { return expression_arena[id.index]; }
  [[nodiscard]] const Statement& operator[](StatementId id) const { return statement_arena[id.index]; }
};

/// The tree as indented text, one node a line, with source positions left out: `--emit=ast`.
std::string print(const File& file);

}  // namespace ntkc::ast
