// A grammar in EBNF as data: read from text, to make sentences of, and to recognise them by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/token.hpp"

namespace ntkc::grammar::testing {

/// One token as text; a NEWLINE is "\n".
using Words = std::vector<std::string>;

class Ebnf {
 public:
  /// Throws std::runtime_error for a text that is no EBNF or names a rule that it does not define.
  explicit Ebnf(std::string_view text);
  /// grammar/arch.ebnf
  static const Ebnf& of_language();

  /// The words in quotes, sorted, each once.
  [[nodiscard]] std::vector<std::string> quoted_words() const;
  /// The regular expression of a class of words.
  [[nodiscard]] const std::string& pattern(const std::string& word_class) const {
    return patterns_.at(word_class);
  }

  /// A random sentence. About `depth` rules deep, then as short as it can be.
  [[nodiscard]] Words sentence(const std::string& rule, std::size_t depth, std::mt19937& random) const;

  /// Whether these tokens of the lexer, laid out, are a sentence: the set of places where each rule can end
  /// is worked out from every place it can begin at.
  [[nodiscard]] bool accepts(const std::string& rule, const std::vector<Token>& tokens,
                             std::string_view text) const;

 private:
  enum class Kind : std::uint8_t { sequence, choice, optional, repetition, word, rule, word_class };
  struct Node {
    Kind kind = Kind::sequence;
    std::string name = {};
    std::vector<std::size_t> children = {};
  };
  class Reader;
  class Recogniser;

  void find_heights();
  void make(std::size_t node, std::size_t depth, std::mt19937& random, Words& words) const;

  std::vector<Node> nodes_;
  std::vector<std::size_t> heights_;  ///< of each node: how many rules deep its shortest sentence is
  std::map<std::string, std::size_t> rules_;
  std::map<std::string, std::string> patterns_;
};

/// The words as a text: every gap where the language allows it gets, at random, a blank, a line end or a
/// comment.
std::string laid_out(const Words& words, std::mt19937& random, bool comments);

}  // namespace ntkc::grammar::testing
