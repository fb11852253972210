// Constants of the language and their arithmetic. An integer and a boolean are folded; a real keeps its
// expression in the scalar table. (An integer has its expression too, for where it is used as a real.)
//
// `+ - *` and `^` (of a non-negative exponent) of two integers give an integer, everything else a real: `1 /
// 2` is 0.5, and a count such as `depth / 2` is refused rather than rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/builtins.hpp"
#include "compiler/layer_graph/scalar_table.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

struct Constant {
  enum class Kind : std::uint8_t { integer, real, boolean };
  Kind kind = Kind::integer;
  std::int64_t integer = 0;
  bool boolean = false;
  ScalarId scalar = 0;  ///< of a number

  [[nodiscard]] bool is_number() const { return kind != Kind::boolean; }
  friend bool operator==(const Constant&, const Constant&) = default;
};

struct ConstantError {
  DiagnosticKind kind;
  std::string message;
};
using ConstantResult = std::variant<Constant, ConstantError>;

/// Functions of constants that are no activations (yet).
enum class ConstantFunction : std::uint8_t { sqrt, exp, log, tanh };
std::optional<ConstantFunction> find_constant_function(std::string_view name);

Constant make_integer(ScalarTable& scalars, std::int64_t value);
Constant make_real(ScalarTable& scalars, double value);
Constant make_boolean(bool value);

ConstantResult negate(ScalarTable& scalars, const Constant& operand);
ConstantResult binary(ScalarTable& scalars, ast::BinaryOperator op, const Constant& left,
                      const Constant& right);
ConstantResult call(ScalarTable& scalars, ConstantFunction function, const Constant& operand);
/// An activation on a number; `parameters` are its own, in the order of the table.
ConstantResult activate(ScalarTable& scalars, Builtin activation, const Constant& operand,
                        const std::vector<ArgumentValue>& parameters);

/// "the integer 3", "the real 0.5", "the boolean true"
std::string describe(const ScalarTable& scalars, const Constant& constant);
std::string_view spelling(ast::BinaryOperator op);

}  // namespace ntkc::layer_graph
