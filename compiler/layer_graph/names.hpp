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

/// In no particular order. Names that an argument of a built-in takes as a choice (`axis = channels`) are
/// left out.
std::vector<NameUse> names_used(const ast::File& file, std::vector<ast::StatementId> statements,
                                std::vector<ast::ExpressionId> expressions);
/// Those of a `def` or an `activation`, defaults of parameters included.
std::vector<NameUse> names_used(const ast::File& file, const ast::Statement& definition);

}  // namespace ntkc::layer_graph
