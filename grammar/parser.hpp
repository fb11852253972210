// .arch text → AST. The only door to Boost.Spirit, which stays inside parser.cpp and
// token_parsers.hpp.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/diagnostics/source.hpp"
#include "grammar/ast.hpp"

namespace ntkc::grammar {

/// Limits on a source text, checked before anything is built from it.
struct Limits {
  std::uint32_t file_bytes = 1U << 20;
  std::uint32_t nesting = 256;  ///< parsing recurses as deep: at most `most_nesting`
  std::int32_t integer = std::numeric_limits<std::int32_t>::max();
};
/// A level of nesting takes about 1 kB of the stack, ten times as much under a sanitizer.
inline constexpr std::uint32_t most_nesting = 1024;

/// Parses file `source` of `sources`, which holds a network. Reports every mistake it finds (it recovers at
/// statement ends) and returns nothing if there was one.
std::optional<ast::File> parse(const SourceManager& sources, std::uint32_t source,
                               DiagnosticConsumer& diagnostics, const Limits& limits = {});

/// The same of a file to be imported. It holds `import`, `activation` and `def` only; File::network has no
/// name.
std::optional<ast::File> parse_library(const SourceManager& sources, std::uint32_t source,
                                       DiagnosticConsumer& diagnostics, const Limits& limits = {});

/// Parses a file of either kind: a network if it has a `network`, an `input` or an `output`, else a file to
/// be imported.
std::optional<ast::File> parse_either(const SourceManager& sources, std::uint32_t source,
                                      DiagnosticConsumer& diagnostics, const Limits& limits = {});

/// Parses a constant expression, the value of `-D name=value`. The expression is the last of the arena; the
/// rest of the File is empty.
std::optional<ast::File> parse_constant(const SourceManager& sources, std::uint32_t source,
                                        DiagnosticConsumer& diagnostics, const Limits& limits = {});

/// Words that cannot be names: keywords, `true`, `false`. Sorted.
const std::vector<std::string_view>& keywords();

}  // namespace ntkc::grammar
