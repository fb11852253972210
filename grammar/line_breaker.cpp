#include "grammar/line_breaker.hpp"

#include <algorithm>

namespace ntkc::grammar {
namespace {

using Kind = Piece::Kind;

/// Characters, not bytes: a text may hold any.
std::size_t width_of(std::string_view words) {
  return static_cast<std::size_t>(std::count_if(
      words.begin(), words.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_place(Kind kind) {
  return kind == Kind::line || kind == Kind::soft || kind == Kind::soft_close || kind == Kind::fill;
}

}  // namespace

/// Sums over the pieces of one statement. `before[i]` is about pieces 0 … i − 1.
struct LayoutWriter::Measures {
  std::vector<std::size_t> width_before;     ///< if all is on one line
  std::vector<std::size_t> comments_before;  ///< tokens with comments before them
  std::vector<std::size_t> next_place;       ///< the first place for a line end from i on
  std::vector<std::size_t> end;              ///< of a group that opens at i

  Measures(const LayoutWriter& writer, const std::vector<Piece>& pieces)
      : width_before(pieces.size() + 1, 0),
        comments_before(pieces.size() + 1, 0),
        next_place(pieces.size() + 1, pieces.size()),
        end(pieces.size(), 0) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const Piece& piece = pieces[i];
      std::size_t width = 0;
      if (piece.kind == Kind::token) width = width_of(writer.spelling(piece.token));
      if (piece.kind == Kind::space || piece.kind == Kind::line || piece.kind == Kind::fill) width = 1;
      const bool comment = piece.kind == Kind::token && writer.has_comments(piece.token);
      width_before[i + 1] = width_before[i] + width;
      comments_before[i + 1] = comments_before[i] + (comment ? 1 : 0);
      if (piece.kind == Kind::open) open.push_back(i);
      if (piece.kind == Kind::close) {
        end[open.back()] = i;
        open.pop_back();
      }
    }
    for (std::size_t i = pieces.size(); i-- > 0;)
      next_place[i] = is_place(pieces[i].kind) ? i : next_place[i + 1];
  }

  [[nodiscard]] std::size_t width(std::size_t first, std::size_t last) const {
    return width_before[last] - width_before[first];
  }
};

LayoutWriter::LayoutWriter(std::string_view text, const std::vector<Token>& tokens,
                           const std::vector<ast::Comment>& comments)
    : text_(text), tokens_(tokens), comments_(comments), first_comment_(tokens.size() + 1, 0) {
  std::uint32_t comment = 0;
  for (std::size_t token = 0; token < tokens.size(); ++token) {
    first_comment_[token] = comment;
    while (comment < comments.size() && comments[comment].range.begin < tokens[token].begin) ++comment;
    // Those at the very end stand before end_of_file.
    if (token + 1 == tokens.size()) comment = static_cast<std::uint32_t>(comments.size());
  }
  first_comment_.back() = comment;
}

std::string_view LayoutWriter::spelling(const ast::Comment& comment) const {
  std::string_view words = text_.substr(comment.range.begin, comment.range.end - comment.range.begin);
  while (words.back() == ' ' || words.back() == '\t') words.remove_suffix(1);
  return words;
}

std::size_t LayoutWriter::line_ends_between(std::size_t begin, std::size_t end) const {
  const std::string_view gap = text_.substr(begin, end - begin);
  return static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n'));
}

void LayoutWriter::new_line(std::size_t indent) {
  if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  column_ = indent;
}

/// The indentation is written with the first word, so that blank lines stay empty.
void LayoutWriter::append(std::string_view words) {
  if (out_.empty() || out_.back() == '\n') out_.append(column_, ' ');
  out_ += words;
  column_ += width_of(words);
}

void LayoutWriter::add_line(std::string_view line) {
  new_line(0);
  append(line);
  new_line(0);
}

std::uint32_t LayoutWriter::trailing_comment(std::uint32_t token) {
  const std::uint32_t first = first_comment_[token];
  if (token == 0 || !has_comments(token)) return first;
  if (line_ends_between(tokens_[token - 1].end, comments_[first].range.begin) > 0) return first;
  append("  ");
  append(spelling(comments_[first]));
  return first + 1;
}

void LayoutWriter::start_line(std::uint32_t token, std::size_t indent, std::size_t comment_indent,
                              bool keep_blank) {
  const std::uint32_t own_line = trailing_comment(token);
  std::size_t previous_end = token == 0 ? 0 : tokens_[token - 1].end;
  if (own_line > first_comment_[token]) previous_end = comments_[own_line - 1].range.end;
  const auto begin_line = [&](std::size_t at, std::size_t line_indent, bool blank_allowed) {
    const bool blank = blank_allowed && !block_start_ && line_ends_between(previous_end, at) >= 2;
    new_line(line_indent);
    if (blank) out_ += '\n';
    block_start_ = false;
  };
  for (std::uint32_t i = own_line; i < first_comment_[token + 1]; ++i) {
    begin_line(comments_[i].range.begin, comment_indent, true);
    append(spelling(comments_[i]));
    previous_end = comments_[i].range.end;
  }
  begin_line(tokens_[token].begin, indent, keep_blank);
}

void LayoutWriter::write_token(std::uint32_t token, std::size_t comment_indent) {
  if (has_comments(token)) {
    for (std::uint32_t i = trailing_comment(token); i < first_comment_[token + 1]; ++i) {
      new_line(comment_indent);
      append(spelling(comments_[i]));
    }
    if (!line_pending_) pending_indent_ = comment_indent;
    line_pending_ = true;
  }
  if (line_pending_)
    new_line(pending_indent_);
  else if (space_pending_)
    append(" ");
  line_pending_ = space_pending_ = false;
  append(spelling(token));
}

bool LayoutWriter::fits(const std::vector<Piece>& pieces, std::size_t indent) const {
  const Measures measures(*this, pieces);
  return measures.comments_before.back() == (has_comments(pieces.front().token) ? 1 : 0) &&
         indent + measures.width_before.back() <= width;
}

void LayoutWriter::write(const std::vector<Piece>& pieces, std::size_t indent) {
  const Measures measures(*this, pieces);
  struct Group {
    bool broken;
    std::size_t indent;
  };
  std::vector<Group> groups = {{true, indent}};
  const auto column = [&] { return line_pending_ ? pending_indent_ : column_ + (space_pending_ ? 1 : 0); };
  const auto place = [&](bool breaks, bool blank, std::size_t line_indent) {
    line_pending_ = line_pending_ || breaks;
    if (breaks) pending_indent_ = line_indent;
    space_pending_ = space_pending_ || blank;
  };
  bool first = true;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Group group = groups.back();
    switch (pieces[i].kind) {
      case Kind::token:
        // start_statement has written the comments before the first one.
        if (first)
          append(spelling(pieces[i].token));
        else
          write_token(pieces[i].token, group.indent);
        first = false;
        break;
      case Kind::space:
        place(false, true, 0);
        break;
      case Kind::line:
        place(group.broken, true, group.indent);
        break;
      case Kind::soft:
        place(group.broken, false, group.indent);
        break;
      case Kind::soft_close:
        place(group.broken, false, group.indent - step);
        break;
      case Kind::fill: {
        const std::size_t next = measures.next_place[i + 1];
        place(group.broken && column() + measures.width(i, next) > width, true, group.indent);
        break;
      }
      case Kind::open: {
        const std::size_t end = measures.end[i];
        const std::size_t next = measures.next_place[end];
        // A comment before the first token of the group stands outside of it, unless the group has a place
        // for a line end there.
        std::size_t inside = i;
        while (pieces[inside].kind == Kind::open) ++inside;
        if (pieces[inside].kind == Kind::token) ++inside;
        const bool comment = measures.comments_before[end] > measures.comments_before[inside];
        groups.push_back(
            {group.broken && (comment || column() + measures.width(i, next) > width), group.indent + step});
        break;
      }
      case Kind::close:
        groups.pop_back();
        break;
    }
  }
}

std::string LayoutWriter::finish() {
  new_line(0);
  return std::move(out_);
}

}  // namespace ntkc::grammar
