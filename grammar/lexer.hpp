// Source text → tokens and comments. Plain functions, no Spirit.
//
// X3 reads tokens rather than bytes: its character classes assert on bytes beyond 0x7F (Boost 1.74), its
// numeric parsers mis-round, and the rule for statement ends needs to see the next line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast.hpp"
#include "grammar/reporter.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

struct TokenList {
  std::vector<Token> tokens;  ///< ends in end_of_file
  std::vector<ast::Comment> comments;
};

/// Whether `text` is UTF-8 without control characters. Reports every run of bytes that is not.
bool check_characters(std::string_view text, Reporter& reporter);

/// Splits a text that has passed check_characters. What is no token is reported and becomes an `invalid` one.
TokenList split_into_tokens(std::string_view text, Reporter& reporter);

/// The value of a text token: without the quotes, `\"` and `\\` replaced.
std::string text_value(std::string_view quoted);

/// A piece of source text in backticks for a message, cut if it is long.
std::string quoted(std::string_view text);

}  // namespace ntkc::grammar
