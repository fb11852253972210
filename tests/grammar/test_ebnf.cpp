// grammar/arch.ebnf says what the parser does.
#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "grammar/layout.hpp"
#include "grammar/lexer.hpp"
#include "tests/grammar/ebnf.hpp"
#include "tests/grammar/parsing.hpp"

using namespace ntkc;
using namespace ntkc::grammar;
using namespace ntkc::grammar::testing;

namespace {

struct Verdicts {
  bool parser = false;
  bool page = false;
};

/// What the parser and arch.ebnf say of a text. `rule` is `network` or `library`.
Verdicts verdicts(const std::string& rule, const std::string& text) {
  Parsed parsed;
  parse_into(parsed, text, rule + "_t.arch");
  Reporter reporter(0);
  TokenList list = split_into_tokens(text, reporter);
  const std::vector<Token> tokens = lay_out(std::move(list.tokens), text, Limits{}.nesting, reporter);
  return {parsed.file.has_value(), reporter.empty() && Ebnf::of_language().accepts(rule, tokens, text)};
}

/// A sentence with some words removed, doubled, replaced, inserted or exchanged.
Words mutated(Words words, std::mt19937& random) {
  static const Words others = [] {
    Words all = Ebnf::of_language().quoted_words();
    for (const char* word : {"x", "h", "2", "0.5", "\"t\"", "\n"}) all.emplace_back(word);
    return all;
  }();
  const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random()) % bound; };
  for (std::size_t edits = 1 + below(3); edits > 0 && !words.empty(); --edits) {
    const std::size_t at = below(words.size());
    const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(5)) {
      case 0:
        words.erase(place);
        break;
      case 1:
        words.insert(place, words[at]);
        break;
      case 2:
        words[at] = others[below(others.size())];
        break;
      case 3:
        words.insert(place, others[below(others.size())]);
        break;
      default:
        std::swap(words[at], words[below(words.size())]);
    }
  }
  return words;
}

}  // namespace

TEST_CASE("the parser accepts every sentence of arch.ebnf") {
  for (const std::string rule : {"network", "library"}) {
    std::size_t words = 0;
    for (unsigned seed = 0; seed < 2000; ++seed) {
      std::mt19937 random(seed);
      const Words sentence = Ebnf::of_language().sentence(rule, 3 + seed % 20, random);
      const std::string text = laid_out(sentence, random, true);
      words += sentence.size();
      Parsed parsed;
      parse_into(parsed, text, rule + "_t.arch");
      CAPTURE(text);
      REQUIRE_MESSAGE(parsed.file, parsed.text());
    }
    CHECK(words > 20000);
  }
}

TEST_CASE("of sentences with mistakes, the parser accepts those that arch.ebnf allows, and no others") {
  std::size_t accepted = 0;
  constexpr unsigned most = 10000;
  for (unsigned seed = 0; seed < most; ++seed) {
    std::mt19937 random(seed);
    const std::string rule = seed % 3 == 0 ? "library" : "network";
    const Words sentence = mutated(Ebnf::of_language().sentence(rule, 3 + seed % 13, random), random);
    const std::string text = laid_out(sentence, random, false);
    CAPTURE(text);
    const Verdicts of = verdicts(rule, text);
    REQUIRE(of.parser == of.page);
    accepted += of.parser ? 1 : 0;
  }
  CHECK(accepted > most / 20);
  CHECK(accepted < most * 19 / 20);
}

TEST_CASE("arch.ebnf agrees with the parser on the cases") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NTKC_SOURCE_DIR "/tests/grammar/cases")) {
    const std::string name = entry.path().filename().string();
    // Those are too deep or too strange for a grammar to say.
    if (!name.ends_with(".arch") || name.starts_with("deep") || name.starts_with("numbers")) continue;
    CAPTURE(name);
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    Reporter reporter(0);
    if (!check_characters(text, reporter)) continue;
    const Verdicts of = verdicts(name.starts_with("library_") ? "library" : "network", text);
    CHECK(of.parser == of.page);
    ++files;
  }
  CHECK(files > 10);
}

TEST_CASE("the words of arch.ebnf are the keywords and the signs of the lexer") {
  std::vector<std::string> words;
  TokenKinds signs = 0;
  for (const std::string& word : Ebnf::of_language().quoted_words()) {
    if (std::isalpha(static_cast<unsigned char>(word.front())) != 0) {
      words.push_back(word);
    } else if (word != "1") {
      Reporter reporter(0);
      const std::vector<Token> tokens = split_into_tokens(word, reporter).tokens;
      CHECK_MESSAGE(tokens.size() == 2, word);
      signs |= bit(tokens[0].kind);
    }
  }
  // Names of parametrizations are keywords on their line only.
  for (const std::string parametrization : {"cntk", "ntk", "standard"}) std::erase(words, parametrization);
  CHECK(words == std::vector<std::string>(keywords().begin(), keywords().end()));
  CHECK(signs == range_of(TokenKind::pipe, TokenKind::right_brace));
}

TEST_CASE("the patterns of arch.ebnf are what the lexer reads") {
  const std::vector<std::pair<std::string, TokenKind>> classes = {{"NAME", TokenKind::name},
                                                                  {"INTEGER", TokenKind::integer},
                                                                  {"REAL", TokenKind::real},
                                                                  {"TEXT", TokenKind::text}};
  std::vector<std::regex> patterns;
  for (const auto& [name, kind] : classes) patterns.emplace_back(Ebnf::of_language().pattern(name));
  std::vector<std::size_t> matched(classes.size(), 0);
  const std::string alphabet = "0123.eE+-_aZx\"\\# (";
  for (unsigned seed = 0; seed < 40000; ++seed) {
    std::mt19937 random(seed);
    std::string word;
    for (std::size_t length = 1 + random() % 7; length > 0; --length)
      word += alphabet[random() % alphabet.size()];
    if (seed % 4 == 0) word = "\"" + word + "\"";
    CAPTURE(word);
    Reporter reporter(0);
    const std::vector<Token> tokens = split_into_tokens(word, reporter).tokens;
    // A number that does not fit is of its kind all the same.
    const bool one = tokens.size() == 2 && tokens[0].begin == 0 && tokens[0].end == word.size();
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const bool matches = std::regex_match(word, patterns[i]);
      REQUIRE(matches == (one && tokens[0].kind == classes[i].second));
      matched[i] += matches ? 1 : 0;
    }
  }
  for (const std::size_t count : matched) CHECK(count > 50);
}
