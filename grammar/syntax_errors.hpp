// Turns "the grammar expected A and found token B" into a message that helps, and decides where parsing
// continues.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/parser.hpp"
#include "grammar/reporter.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

/// What the grammar calls the things it expects; the words appear in messages.
namespace expected {
constexpr const char* expression = "an expression";
constexpr const char* layer = "a layer";
constexpr const char* statement = "a statement";
constexpr const char* definition = "`import`, `activation` or `def`";
constexpr const char* statement_end = "the end of the statement";
constexpr const char* shallower = "less nesting";  ///< the nesting limit is reached
}  // namespace expected

class SyntaxErrors {
 public:
  /// `end_name`: how messages call the end of the text.
  SyntaxErrors(std::string_view text, std::string_view end_name, const std::vector<Token>& tokens,
               const Limits& limits, Reporter& reporter);

  /// Reports that `wanted` was expected at `where` in the statement that begins at `start`, unless a mistake
  /// in this statement is reported already, and returns the token at which the next statement begins.
  const Token* recover(const Token* start, const Token* where, const std::string& wanted);
  /// The same in the head of a block, where parsing goes on at the `{`; nullptr, and no report, if there is
  /// none.
  const Token* recover_at_block(const Token* start, const Token* where, const std::string& wanted);
  /// The first token after the statement that `token` belongs to; for what is not parsed at all.
  [[nodiscard]] const Token* skip_statement(const Token* token) const;
  /// Reports that `network` does not stand at `where`; returns where parsing goes on.
  const Token* missing_network(const Token* where);

  /// Reports that the `def` whose body ends at `where` has no `return`, unless a mistake in the body explains
  /// it.
  const Token* missing_return(const Token* where);
  /// Reports the statement at `where`, which follows the `return` of its block. A second `return` is reported
  /// by stray_return.
  const Token* after_return(const Token* where);
  /// Reports a `network` in an imported file, and passes over all of it; otherwise returns `where`.
  const Token* refuse_network(const Token* where);

  // Mistakes that need no failure of the grammar
  void inside_block(const Token& keyword);
  void stray_return(const Token& keyword);
  void misplaced(const Token& keyword);
  void reserved(const Token& keyword);
  void check_language_version(const Token& version);
  void check_parametrization(const Token& name);

 private:
  void report_unless_known(const Token* start, const Token* end, const Token* where,
                           const std::string& wanted);
  void report(const Token* where, const std::string& wanted);
  [[nodiscard]] std::string describe(const Token& token) const;
  [[nodiscard]] std::string spelling(const Token& token) const;
  [[nodiscard]] SourceRange range(const Token& token) const {
    return reporter_.range(token.begin, token.end);
  }
  [[nodiscard]] std::string_view text_of(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  /// The token as it is repeated in the help of a message; NAME in place of a long one.
  [[nodiscard]] std::string_view short_word(const Token& token) const {
    return token.end - token.begin > 40 ? "NAME" : text_of(token);
  }
  [[nodiscard]] std::string help(const Token* where, const std::string& wanted) const;
  [[nodiscard]] std::string foreign_habit(const Token* where, bool operand) const;
  [[nodiscard]] std::string unbound_help(const Token* where) const;
  static std::string colon_help(const std::string& wanted);
  /// "" if `word` is like none of the keywords.
  [[nodiscard]] std::string misspelt_keyword(const Token* word,
                                             const std::vector<std::string_view>& keywords) const;
  /// The bracket or brace that is open at `where`, nullptr if none is.
  [[nodiscard]] const Token* innermost_opening(const Token* where) const;
  /// Whether `where` stands between the parentheses of a `def` or an `activation`.
  [[nodiscard]] bool in_signature(const Token* where) const;
  [[nodiscard]] std::vector<Note> opening_note(const Token* where, const std::string& wanted) const;
  [[nodiscard]] bool starts_statement(const Token* token) const;

  std::string_view text_;
  std::string_view end_name_;
  const std::vector<Token>& tokens_;
  const Limits& limits_;
  Reporter& reporter_;
  /// The first `{` that is never closed, or else the end: everything behind it seems to be inside a block.
  const Token* unclosed_block_;
  const Token* last_failure_ = nullptr;  ///< where the last statement failed that was recovered from
};

}  // namespace ntkc::grammar
