// Constants of the language and their arithmetic. An integer and a boolean are folded; a real keeps its
// expression in the scalar table. (An integer has its expression too, for where it is used as a real.)
//
// `+ - *` and `^` (of a non-negative exponent) of two integers give an integer, everything else a real: `1 /
// 2` is 0.5, and a count such as `depth / 2` is refused rather than rounded.
//
// The body of an activation is evaluated with its argument bound to a real that wraps the scalar `variable`:
// what comes out is the function.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/scalar_table.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

struct ConstantList;

struct ConstantValue {
  enum class Kind : std::uint8_t {
    integer,
    real,  ///< a number, or a function of the argument of an activation
    boolean,
    condition,  ///< a comparison of functions
    list,
  };
  Kind kind = Kind::integer;
  std::int64_t integer = 0;
  bool boolean = false;
  ScalarId scalar = 0;                                 ///< of a number
  Condition condition = {};                            ///< if that is its kind
  std::shared_ptr<const ConstantList> list = nullptr;  ///< of a list

  [[nodiscard]] bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
  friend bool operator==(const ConstantValue& left, const ConstantValue& right);
};

/// Numbers in a row, or a matrix, one row after the other. Nothing is computed with lists: they are what some
/// arguments are.
struct ConstantList {
  std::vector<ConstantValue> numbers;  ///< at least one
  std::size_t rows = 0;                ///< of a matrix; 0: no matrix

  friend bool operator==(const ConstantList&, const ConstantList&) = default;
};

struct ConstantError {
  DiagnosticKind kind;
  std::string message;
};
using ConstantResult = std::variant<ConstantValue, ConstantError>;

/// What functions of numbers are made of.
struct ElementaryFunction {
  std::string_view name;
  std::size_t operands;
  ScalarOperation operation;
};
/// The `language` operations of the table of elementary operations, and where(condition, then, else).
const std::vector<ElementaryFunction>& elementary_functions();
/// Nothing if there is none of that name.
const ElementaryFunction* find_elementary_function(std::string_view name);

ConstantValue make_integer(ScalarTable& scalars, std::int64_t value);
ConstantValue make_real(ScalarTable& scalars, double value);
ConstantValue make_boolean(bool value);
ConstantValue make_list(ConstantList list);

ConstantResult negate(ScalarTable& scalars, const ConstantValue& operand);
ConstantResult binary(ScalarTable& scalars, ast::BinaryOperator op, const ConstantValue& left,
                      const ConstantValue& right);
/// `operands` are as many as the function has. `abs min max sign` of integers are integers.
ConstantResult call(ScalarTable& scalars, const ElementaryFunction& function,
                    const std::vector<ConstantValue>& operands);

/// "the integer 3", "the real 0.5", "the boolean true", "the list [1, 0.5]", "a matrix of 8 x 8 numbers"
std::string describe(const ScalarTable& scalars, const ConstantValue& constant);
std::string_view spelling(ast::BinaryOperator op);

}  // namespace ntkc::layer_graph
