// Literals of numbers: `12`, `1.5`, `2e-3`. A point has digits on both sides, so that `1.` and `.5` are
// mistakes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/diagnostics/diagnostic.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

/// What a literal denotes. If `message` is not empty, it is to be reported as `fault`; `kind` is `invalid` if
/// the spelling is wrong, and integer or real with some value if only the magnitude is, so that parsing can
/// go on.
struct Number {
  TokenKind kind = TokenKind::invalid;
  std::int32_t integer = 0;
  double real = 0;
  DiagnosticKind fault = DiagnosticKind::syntax_error;
  std::string message = {};
  std::string help = {};
};

/// The number of characters at the start of `text` that were meant as one number, well formed or not.
std::size_t number_length(std::string_view text);

/// Reads one literal. There are no negative literals, so -2147483648 is written `-2147483647 - 1`.
/// Reals are rounded correctly (std::from_chars).
Number read_number(std::string_view literal);

}  // namespace ntkc::grammar
