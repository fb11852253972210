#include "tests/grammar/ebnf.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <stdexcept>

namespace ntkc::grammar::testing {
namespace {

constexpr std::size_t unreachable = std::numeric_limits<std::size_t>::max() / 2;

std::size_t below(std::size_t bound, std::mt19937& random) { return random() % bound; }

}  // namespace

// ---- reading ----

class Ebnf::Reader {
 public:
  Reader(std::string_view text, Ebnf& grammar) : text_(text), grammar_(grammar) { advance(); }

  void run() {
    while (!next_.empty()) {
      const std::string name = next_;
      advance();
      expect("=");
      if (next_.front() == '/') {
        grammar_.patterns_[name] = next_.substr(1, next_.size() - 2);
        advance();
      } else {
        grammar_.rules_[name] = choice();
      }
      expect(";");
    }
  }

 private:
  std::size_t add(Kind kind, std::string name, std::vector<std::size_t> children) {
    grammar_.nodes_.push_back({kind, std::move(name), std::move(children)});
    return grammar_.nodes_.size() - 1;
  }

  std::size_t choice() {
    std::vector<std::size_t> alternatives = {sequence()};
    while (next_ == "|") {
      advance();
      alternatives.push_back(sequence());
    }
    return alternatives.size() == 1 ? alternatives.front() : add(Kind::choice, "", alternatives);
  }

  std::size_t sequence() {
    std::vector<std::size_t> parts;
    while (!next_.empty() && std::string("|;)]}").find(next_) == std::string::npos) parts.push_back(part());
    return parts.size() == 1 ? parts.front() : add(Kind::sequence, "", parts);
  }

  std::size_t part() {
    const std::string word = next_;
    advance();
    if (word == "(" || word == "[" || word == "{") {
      const std::size_t inner = choice();
      expect(word == "(" ? ")" : word == "[" ? "]" : "}");
      if (word == "(") return inner;
      return add(word == "[" ? Kind::optional : Kind::repetition, "", {inner});
    }
    if (word.front() == '"') return add(Kind::word, word.substr(1, word.size() - 2), {});
    const bool capitals = std::isupper(static_cast<unsigned char>(word.front())) != 0;
    return add(capitals ? Kind::word_class : Kind::rule, word, {});
  }

  void expect(const std::string& word) {
    if (next_ != word) throw std::runtime_error("EBNF: expected " + word + ", saw " + next_);
    advance();
  }

  /// The next word of the page: a name, a quoted word, a pattern or a sign. Empty at the end.
  void advance() {
    const auto rest = [this] { return text_.substr(at_); };
    while (at_ < text_.size()) {
      if (rest().starts_with("(*"))
        at_ = text_.find("*)", at_) + 2;
      else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0)
        ++at_;
      else
        break;
    }
    if (at_ >= text_.size()) {
      next_.clear();
      return;
    }
    std::size_t end = at_ + 1;
    const char first = text_[at_];
    if (first == '"') end = text_.find('"', at_ + 1) + 1;
    // A pattern may hold anything but ends in `/ ;`.
    if (first == '/') end = text_.find("/ ;", at_ + 1) + 1;
    const auto is_letter = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    if (is_letter(first))
      while (end < text_.size() && is_letter(text_[end])) ++end;
    next_ = std::string(text_.substr(at_, end - at_));
    at_ = end;
  }

  std::string_view text_;
  Ebnf& grammar_;
  std::size_t at_ = 0;
  std::string next_;
};

Ebnf::Ebnf(std::string_view text) {
  Reader(text, *this).run();
  for (const Node& node : nodes_)
    if (node.kind == Kind::rule && !rules_.contains(node.name))
      throw std::runtime_error("EBNF: no rule " + node.name);
  find_heights();
}

const Ebnf& Ebnf::of_language() {
  static const Ebnf grammar = [] {
    std::ifstream stream(NTKC_SOURCE_DIR "/grammar/arch.ebnf", std::ios::binary);
    return Ebnf(std::string(std::istreambuf_iterator<char>(stream), {}));
  }();
  return grammar;
}

std::vector<std::string> Ebnf::quoted_words() const {
  std::set<std::string> words;
  for (const Node& node : nodes_)
    if (node.kind == Kind::word) words.insert(node.name);
  return {words.begin(), words.end()};
}

// ---- sentences ----

void Ebnf::find_heights() {
  heights_.assign(nodes_.size(), unreachable);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const Node& node = nodes_[i];
      std::size_t height = 0;
      if (node.kind == Kind::choice) height = unreachable;
      for (const std::size_t child : node.children) {
        if (node.kind == Kind::sequence) height = std::max(height, heights_[child]);
        if (node.kind == Kind::choice) height = std::min(height, heights_[child]);
      }
      if (node.kind == Kind::rule) height = std::min(unreachable, heights_[rules_.at(node.name)] + 1);
      changed = changed || height != heights_[i];
      heights_[i] = height;
    }
  }
}

void Ebnf::make(std::size_t index, std::size_t depth, std::mt19937& random, Words& words) const {
  static const std::map<std::string, Words> spellings = {
      {"NAME", {"x", "h", "relu", "dense", "W_std", "a_1", "_", "ntk", "standard", "vector"}},
      {"INTEGER", {"0", "1", "2", "64", "2147483647", "007"}},
      {"REAL", {"0.5", "1e-3", "2.5E+2", "3.0", "1e0"}},
      {"TEXT", {"\"a\"", "\"\"", "\"#\\\"\\\\\"", "\"\u00e9 (\""}},
      {"NEWLINE", {"\n"}},
      {"END", {"\n"}}};
  const Node& node = nodes_[index];
  const auto fits = [&](std::size_t child) { return heights_[child] <= depth; };
  switch (node.kind) {
    case Kind::word:
      words.push_back(node.name);
      break;
    case Kind::word_class: {
      const Words& choice = spellings.at(node.name);
      words.push_back(choice[below(choice.size(), random)]);
      break;
    }
    case Kind::rule:
      make(rules_.at(node.name), depth == 0 ? 0 : depth - 1, random, words);
      break;
    case Kind::sequence:
      for (const std::size_t child : node.children) make(child, depth, random, words);
      break;
    case Kind::optional:
    case Kind::repetition:
      for (std::size_t i = 0; i < (node.kind == Kind::optional ? 1 : 4); ++i) {
        if (!fits(node.children[0]) || below(2, random) == 0) break;
        make(node.children[0], depth, random, words);
      }
      break;
    case Kind::choice: {
      std::vector<std::size_t> possible;
      for (const std::size_t child : node.children)
        if (fits(child)) possible.push_back(child);
      const auto lowest = std::min_element(node.children.begin(), node.children.end(),
                                           [&](auto a, auto b) { return heights_[a] < heights_[b]; });
      if (possible.empty()) possible.push_back(*lowest);
      make(possible[below(possible.size(), random)], depth, random, words);
    }
  }
}

Words Ebnf::sentence(const std::string& rule, std::size_t depth, std::mt19937& random) const {
  Words words;
  make(rules_.at(rule), depth, random, words);
  return words;
}

// ---- recognising ----

class Ebnf::Recogniser {
 public:
  Recogniser(const Ebnf& grammar, const std::vector<Token>& tokens, std::string_view text)
      : grammar_(grammar), tokens_(tokens), text_(text) {}

  using Places = std::set<std::size_t>;

  const Places& ends(std::size_t index, std::size_t begin) {
    const auto known = memory_.find({index, begin});
    if (known != memory_.end()) return known->second;
    Places found = find_ends(grammar_.nodes_[index], begin);
    return memory_[{index, begin}] = std::move(found);
  }

 private:
  Places find_ends(const Node& node, std::size_t begin) {
    switch (node.kind) {
      case Kind::word:
        return spelling(begin) == node.name ? Places{begin + 1} : Places{};
      case Kind::word_class:
        return ends_of_class(node.name, begin);
      case Kind::rule:
        return ends(grammar_.rules_.at(node.name), begin);
      case Kind::choice: {
        Places all;
        for (const std::size_t child : node.children) all.merge(Places(ends(child, begin)));
        return all;
      }
      case Kind::optional: {
        Places all = ends(node.children[0], begin);
        all.insert(begin);
        return all;
      }
      case Kind::sequence: {
        Places here = {begin};
        for (const std::size_t child : node.children) here = after(child, here);
        return here;
      }
      case Kind::repetition: {
        Places all = {begin};
        for (Places last = all; !last.empty();) {
          Places more;
          for (const std::size_t place : after(node.children[0], last))
            if (all.insert(place).second) more.insert(place);
          last = more;
        }
        return all;
      }
    }
    return {};
  }

  Places after(std::size_t child, const Places& begins) {
    Places all;
    for (const std::size_t begin : begins) all.merge(Places(ends(child, begin)));
    return all;
  }

  Places ends_of_class(const std::string& name, std::size_t at) const {
    const TokenKind kind = tokens_[at].kind;
    if (name == "END") {
      if (kind == TokenKind::right_brace || kind == TokenKind::end_of_file) return {at};
      return kind == TokenKind::newline ? Places{at + 1} : Places{};
    }
    static const std::map<std::string, TokenKind> kinds = {{"NAME", TokenKind::name},
                                                           {"INTEGER", TokenKind::integer},
                                                           {"REAL", TokenKind::real},
                                                           {"TEXT", TokenKind::text},
                                                           {"NEWLINE", TokenKind::newline}};
    return kinds.at(name) == kind ? Places{at + 1} : Places{};
  }

  [[nodiscard]] std::string_view spelling(std::size_t at) const {
    return text_.substr(tokens_[at].begin, tokens_[at].end - tokens_[at].begin);
  }

  const Ebnf& grammar_;
  const std::vector<Token>& tokens_;
  std::string_view text_;
  std::map<std::pair<std::size_t, std::size_t>, Places> memory_;
};

bool Ebnf::accepts(const std::string& rule, const std::vector<Token>& tokens, std::string_view text) const {
  if (tokens.empty()) return false;
  return Recogniser(*this, tokens, text).ends(rules_.at(rule), 0).contains(tokens.size() - 1);
}

// ---- layout ----

std::string laid_out(const Words& words, std::mt19937& random, bool comments) {
  static const std::set<std::string> continuing = {
      "|>", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "^", "then", "else"};
  std::string text;
  std::size_t inside = 0;
  const auto comment = [&] {
    if (comments && below(4, random) == 0) text += below(2, random) == 0 ? " # why" : "#  \"(\u00e9 \t";
  };
  const auto line_ends = [&] {
    do {
      comment();
      text += below(8, random) == 0 ? "\r\n" : "\n";
    } while (below(3, random) == 0);
    text.append(below(5, random), ' ');
  };
  if (below(4, random) == 0) line_ends();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    if (word == "\n") {
      // An END may be left out where the block or the text ends.
      if ((next == "}" || next.empty()) && below(3, random) == 0)
        text += ' ';
      else
        line_ends();
      continue;
    }
    text += word;
    if (word == "(" || word == "[") ++inside;
    if ((word == ")" || word == "]") && inside > 0) --inside;
    const bool may_break = inside > 0 || continuing.contains(next) || word == "{";
    if (may_break && below(6, random) == 0)
      line_ends();
    else
      text.append(below(10, random) == 0 ? 3 : 1, ' ');
  }
  if (comments && below(4, random) == 0) text += "# last";
  return text;
}

}  // namespace ntkc::grammar::testing
