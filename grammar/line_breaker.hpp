// Where a statement is broken into lines, for the formatter.
//
// A statement is a sequence of pieces: its tokens, blanks, places for a line end, and groups. A group is
// printed on one line if it fits there, and else broken at every one of its places; one that holds a comment
// is always broken (D. Oppen, Prettyprinting, ACM TOPLAS 2 (1980) 465; here the widths are summed beforehand,
// so that the work is linear in the number of pieces).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/ast.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

struct Piece {
  enum class Kind : std::uint8_t {
    token,       ///< the next token
    space,       ///< a blank
    line,        ///< a blank, or a line end if the group is broken
    soft,        ///< nothing, or a line end if the group is broken
    soft_close,  ///< the same, and the next line is not indented
    fill,        ///< a blank, or a line end if the group is broken and what follows does not fit
    open,        ///< begin of a group
    close,
  };
  Kind kind = Kind::token;
  std::uint32_t token = 0;  ///< index of a token
};

/// The text as it grows: tokens with the comments that stand before them.
class LayoutWriter {
 public:
  static constexpr std::size_t width = 100;  ///< of a line, in characters
  static constexpr std::size_t step = 2;     ///< of the indentation

  LayoutWriter(std::string_view text, const std::vector<Token>& tokens,
               const std::vector<ast::Comment>& comments);

  /// Goes to a new line for a statement whose first token is `token`, after the comments before it. Blank
  /// lines of the source are kept, at most one in a row, and none where a block begins.
  void start_statement(std::uint32_t token, std::size_t indent) { start_line(token, indent, indent, true); }
  /// The same for the token that ends a block or the file.
  void end_block(std::uint32_t token, std::size_t indent, std::size_t comment_indent) {
    start_line(token, indent, comment_indent, false);
  }
  /// A `{` has been written: blank lines before the next line are dropped.
  void start_block() { block_start_ = true; }
  [[nodiscard]] bool spans_lines(const SourceRange& range) const {
    return line_ends_between(range.begin, range.end) > 0;
  }
  /// A statement that is not in the source.
  void add_line(std::string_view line);
  /// Lays the pieces of a statement out; the line of its first token has begun. Continuation lines are
  /// indented more than `indent`.
  void write(const std::vector<Piece>& pieces, std::size_t indent);
  /// Whether the pieces fit on a line of their own and no comment stands between them.
  [[nodiscard]] bool fits(const std::vector<Piece>& pieces, std::size_t indent) const;

  /// The text, which ends in a line end unless it is empty.
  std::string finish();

 private:
  struct Measures;

  void start_line(std::uint32_t token, std::size_t indent, std::size_t comment_indent, bool keep_blank);
  /// Writes the comment that shares a source line with the token before `token`, if there is one. Returns the
  /// first comment before `token` that has a line of its own.
  std::uint32_t trailing_comment(std::uint32_t token);
  void write_token(std::uint32_t token, std::size_t comment_indent);
  void new_line(std::size_t indent);
  void append(std::string_view words);

  [[nodiscard]] bool has_comments(std::uint32_t token) const {
    return first_comment_[token] < first_comment_[token + 1];
  }
  [[nodiscard]] std::string_view spelling(std::uint32_t token) const {
    return text_.substr(tokens_[token].begin, tokens_[token].end - tokens_[token].begin);
  }
  [[nodiscard]] std::string_view spelling(const ast::Comment& comment) const;
  [[nodiscard]] std::size_t line_ends_between(std::size_t begin, std::size_t end) const;

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const std::vector<ast::Comment>& comments_;
  std::vector<std::uint32_t>
      first_comment_;  ///< for each token, the first comment behind the token before it
  std::string out_;
  std::size_t column_ = 0;
  bool block_start_ = true;  ///< nothing stands in this block yet
  bool line_pending_ = false;
  bool space_pending_ = false;
  std::size_t pending_indent_ = 0;
};

}  // namespace ntkc::grammar
