// Reads the text form of the kernel IR token by token. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::kernel_ir::text_form {

struct Token {
  enum class Kind : std::uint8_t { name, number, symbol, newline, end };
  Kind kind = Kind::end;
  std::string_view text;   ///< of symbols: one character
  std::size_t offset = 0;  ///< in the text
  std::size_t line = 1;
};

/// A text and a place in it. What is expected and not found is a std::invalid_argument "line N: ...".
class TokenCursor {
 public:
  explicit TokenCursor(std::string_view source);

  [[noreturn]] void fail(std::string_view message) const;
  [[noreturn]] void fail_expecting(std::string_view what) const;

  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
  [[nodiscard]] const Token& previous() const { return tokens_[position_ - 1]; }
  [[nodiscard]] bool at(std::string_view name_or_symbol) const;
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::end; }

  bool accept(std::string_view name_or_symbol);
  bool accept_comma();  ///< after a comma the line may end
  void expect(std::string_view name_or_symbol);
  std::string_view expect_name();
  std::int64_t expect_count(std::string_view what);  ///< an integer, at least 1
  double expect_real();                              ///< with an optional minus

  void skip_newlines();
  void end_line();
  void skip_line();
  /// What follows the previous token on its line, trimmed.
  [[nodiscard]] std::string_view rest_of_line(bool with_comment) const;

  [[nodiscard]] static std::string shown(const Token& token);

 private:
  template <typename Number>
  Number expect_number(std::string_view what);

  std::string_view source_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

}  // namespace ntkc::kernel_ir::text_form
