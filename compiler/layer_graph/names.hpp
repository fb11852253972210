// The names that a piece of text uses, before anything is known of what they mean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "grammar/ast.hpp"

namespace ntkc::layer_graph {

struct NameUse {
  enum class Kind : std::uint8_t {
    value,    ///< read
    callee,   ///< applied
    binding,  ///< bound by `=`
  };
  Kind kind = Kind::value;
  std::string name;
  SourceRange range;
};

/// The names in no particular order. Those that an argument of a built-in takes as a choice (`axis =
/// channels`) are left out.
std::vector<NameUse> names_used(const ast::File& file, std::vector<ast::StatementId> statements,
                                std::vector<ast::ExpressionId> expressions);
/// The names that a `def` or an `activation` uses, in the defaults of its parameters too.
std::vector<NameUse> names_used(const ast::File& file, const ast::Statement& definition);

}  // namespace ntkc::layer_graph
