#include "grammar/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/diagnostics/utf8.hpp"
#include "grammar/number.hpp"
#include "grammar/parser.hpp"

namespace ntkc::grammar {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Symbol {
  std::string_view spelling;
  TokenKind kind;
};

/// Longer spellings before their beginnings.
constexpr std::array symbols = {
    Symbol{"|>", TokenKind::pipe},
    Symbol{"==", TokenKind::equal_equal},
    Symbol{"!=", TokenKind::not_equal},
    Symbol{"<=", TokenKind::less_equal},
    Symbol{">=", TokenKind::greater_equal},
    Symbol{"<", TokenKind::less},
    Symbol{">", TokenKind::greater},
    Symbol{"=", TokenKind::assign},
    Symbol{"+", TokenKind::plus},
    Symbol{"-", TokenKind::minus},
    Symbol{"*", TokenKind::star},
    Symbol{"/", TokenKind::slash},
    Symbol{"^", TokenKind::caret},
    Symbol{":", TokenKind::colon},
    Symbol{",", TokenKind::comma},
    Symbol{"(", TokenKind::left_parenthesis},
    Symbol{")", TokenKind::right_parenthesis},
    Symbol{"[", TokenKind::left_bracket},
    Symbol{"]", TokenKind::right_bracket},
    Symbol{"{", TokenKind::left_brace},
    Symbol{"}", TokenKind::right_brace},
};

struct Stranger {
  std::string_view character;
  std::string_view help;
};

/// Characters that belong to no token but are likely to be typed or pasted.
constexpr std::array strangers = {
    Stranger{".", "names have no prefix: write `dense`, not `stax.Dense` or `nn.Linear`"},
    Stranger{"|", "a pipe is written `|>`"},
    Stranger{"!", "unequal is written `!=`"},
    Stranger{"'", "a text is written in double quotes"},
    Stranger{"\u2018", "a text is written in double quotes"},
    Stranger{"\u2019", "a text is written in double quotes"},
    Stranger{"\u201C", "a text is written in plain double quotes, `\"`"},
    Stranger{"\u201D", "a text is written in plain double quotes, `\"`"},
    Stranger{"\u2212", "write `-`"},
    Stranger{"\u2013", "write `-`"},
    Stranger{"\u00D7", "write `*`"},
    Stranger{"\u00B7", "write `*`"},
    Stranger{"\u2264", "write `<=`"},
    Stranger{"\u2265", "write `>=`"},
    Stranger{"\u2260", "write `!=`"},
    Stranger{"\u03C0", "write `pi`"},
    Stranger{"\u221A", "write `sqrt(…)`"},
    Stranger{"\u00A0", "write a plain space"},
};

class Lexer {
 public:
  Lexer(std::string_view text, Reporter& reporter) : text_(text), reporter_(reporter) {}

  TokenList run() {
    while (next_ < text_.size()) step();
    add(TokenKind::end_of_file, text_.size());
    return std::move(list_);
  }

 private:
  void step() {
    const char c = text_[next_];
    if (c == ' ' || c == '\t' || c == '\r')
      ++next_;  // check_characters has seen to it that a `\n` follows a `\r`
    else if (c == '\n')
      add(TokenKind::newline, next_ + 1);
    else if (c == '#')
      comment();
    else if (c == '"')
      text_token();
    else if (is_digit(c) || (c == '.' && next_ + 1 < text_.size() && is_digit(text_[next_ + 1])))
      number();
    else if (is_word(c))
      word();
    else if (c == ';')
      semicolon();
    else if (!symbol())
      stranger();
  }

  Token& add(TokenKind kind, std::size_t end) {
    Token token;
    token.kind = kind;
    token.reported = kind == TokenKind::invalid;
    token.begin = static_cast<std::uint32_t>(next_);
    token.end = static_cast<std::uint32_t>(end);
    list_.tokens.push_back(token);
    next_ = end;
    return list_.tokens.back();
  }

  void report(DiagnosticKind kind, std::size_t end, std::string message, std::string help = {}) {
    const auto range = reporter_.range(static_cast<std::uint32_t>(next_), static_cast<std::uint32_t>(end));
    reporter_.report(kind, range, std::move(message), std::move(help));
  }

  void comment() {
    std::size_t end = std::min(text_.find('\n', next_), text_.size());
    if (text_[end - 1] == '\r') --end;
    list_.comments.push_back(
        {reporter_.range(static_cast<std::uint32_t>(next_), static_cast<std::uint32_t>(end))});
    next_ = end;
  }

  void word() {
    std::size_t end = next_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    const std::string_view word = text_.substr(next_, end - next_);
    const std::vector<std::string_view>& words = keywords();
    const auto found = std::lower_bound(words.begin(), words.end(), word);
    if (found == words.end() || *found != word) {
      add(TokenKind::name, end);
    } else {
      const auto first = static_cast<std::size_t>(TokenKind::keyword_activation);
      add(static_cast<TokenKind>(first + static_cast<std::size_t>(found - words.begin())), end);
    }
  }

  void number() {
    const std::size_t end = next_ + number_length(text_.substr(next_));
    const Number number = read_number(text_.substr(next_, end - next_));
    if (!number.message.empty()) report(number.fault, end, number.message, number.help);
    Token& token = add(number.kind, end);
    token.integer = number.integer;
    token.real = number.real;
  }

  void text_token() {
    std::size_t end = next_ + 1;
    bool valid = true;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\n') {
      if (text_[end] == '\\') {
        const std::string_view escape = text_.substr(end, 2);
        const bool known = escape == "\\\"" || escape == "\\\\";
        if (!known && valid) {
          const auto at = static_cast<std::uint32_t>(end);
          reporter_.report(DiagnosticKind::syntax_error, reporter_.range(at, at + 1), "a lone `\\` in a text",
                           "write `\\\\` for a backslash, `\\\"` for a quote");
        }
        valid = valid && known;
        if (known) ++end;
      }
      ++end;
    }
    if (end < text_.size() && text_[end] == '"') {
      add(valid ? TokenKind::text : TokenKind::invalid, end + 1);
      return;
    }
    if (text_[end - 1] == '\r') --end;
    report(DiagnosticKind::syntax_error, end, "a text that is not closed on its line", "end it with `\"`");
    add(TokenKind::invalid, end);
  }

  void semicolon() {
    report(DiagnosticKind::syntax_error, next_ + 1, "unexpected character `;`",
           "statements end at a line end");
    add(TokenKind::newline, next_ + 1);
  }

  bool symbol() {
    const std::string_view rest = text_.substr(next_);
    for (const Symbol& symbol : symbols) {
      if (!rest.starts_with(symbol.spelling)) continue;
      add(symbol.kind, next_ + symbol.spelling.size());
      return true;
    }
    return false;
  }

  void stranger() {
    const CodePoint point = decode_utf8(text_, next_);
    const std::string_view character = text_.substr(next_, point.bytes);
    std::string help;
    for (const Stranger& stranger : strangers)
      if (stranger.character == character) help = stranger.help;
    const bool run = !list_.tokens.empty() && list_.tokens.back().kind == TokenKind::invalid &&
                     list_.tokens.back().end == next_;
    if (point.value < 0x80) {
      if (!run)
        report(DiagnosticKind::syntax_error, next_ + 1, fmt::format("unexpected character `{}`", character),
               help);
    } else if (!run) {
      if (help.empty()) help = "outside comments and texts, source is plain ASCII";
      report(DiagnosticKind::invalid_character, next_ + point.bytes,
             fmt::format("unexpected character `{}` (U+{:04X})", character,
                         static_cast<std::uint32_t>(point.value)),
             help);
    }
    add(TokenKind::invalid, end_of_foreign_text(character).value_or(next_ + point.bytes));
  }

  /// The end of a text in quotes of another kind, which are one mistake; nothing if the character opens none.
  [[nodiscard]] std::optional<std::size_t> end_of_foreign_text(std::string_view opening) const {
    constexpr std::array<std::string_view, 5> quotes = {"'", "\u2018", "\u2019", "\u201C", "\u201D"};
    if (std::ranges::find(quotes, opening) == quotes.end()) return std::nullopt;
    const std::size_t line_end = std::min(text_.find('\n', next_), text_.size());
    std::size_t end = std::string_view::npos;
    for (const std::string_view quote : quotes) {
      const std::size_t found = text_.find(quote, next_ + opening.size());
      if (found < line_end) end = std::min(end, found + quote.size());
    }
    if (end == std::string_view::npos) return std::nullopt;
    return end;
  }

  std::string_view text_;
  Reporter& reporter_;
  std::size_t next_ = 0;
  TokenList list_;
};

}  // namespace

// `language` and `parametrization` could be told from names by where they stand. They are reserved all the
// same: a misplaced one then gets a message of its own instead of becoming an assignment, and nothing else
// need know them.
const std::vector<std::string_view>& keywords() {
  static const std::vector<std::string_view> words = {
      "activation",      "def",    "else",     "false",   "if",
      "import",          "input",  "language", "network", "output",
      "parametrization", "repeat", "return",   "then",    "true"};
  return words;
}

TokenList split_into_tokens(std::string_view text, Reporter& reporter) { return Lexer(text, reporter).run(); }

std::string text_value(std::string_view quoted_text) {
  std::string value;
  for (std::size_t i = 1; i + 1 < quoted_text.size(); ++i) {
    if (quoted_text[i] == '\\') ++i;
    value += quoted_text[i];
  }
  return value;
}

std::string quoted(std::string_view text) {
  constexpr int most_characters = 40;
  std::size_t end = 0;
  for (int i = 0; i < most_characters && end < text.size(); ++i) end += decode_utf8(text, end).bytes;
  return fmt::format("`{}{}`", text.substr(0, end), end < text.size() ? "…" : "");
}

}  // namespace ntkc::grammar
