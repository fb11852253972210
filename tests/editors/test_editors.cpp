// The word lists of the editor files are those of the program. NTKC_UPDATE_GOLDENS=1 in the environment
// rewrites them.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "compiler/layer_graph/builtins.hpp"
#include "compiler/layer_graph/constant.hpp"
#include "grammar/parser.hpp"

namespace ntkc {
namespace {

const std::string vim_path = NTKC_SOURCE_DIR "/editors/vim/syntax/arch.vim";
const std::string textmate_path = NTKC_SOURCE_DIR "/editors/textmate/arch.tmLanguage.json";

using Words = std::vector<std::string>;

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The words that are coloured, by what they are.
std::map<std::string, Words> word_lists() {
  std::map<std::string, Words> lists = {{"Conditional", {"else", "if", "then"}},
                                        {"Repeat", {"repeat"}},
                                        {"Boolean", {"false", "true"}},
                                        {"Constant", {"pi"}}};
  for (const std::string_view word : grammar::keywords()) {
    const bool known = std::ranges::any_of(
        lists, [&](const auto& list) { return std::ranges::find(list.second, word) != list.second.end(); });
    if (!known) lists["Statement"].emplace_back(word);
  }
  for (const layer_graph::BuiltinInfo& builtin : layer_graph::builtins())
    lists[builtin.kind == layer_graph::BuiltinKind::activation ? "Activation" : "Layer"].emplace_back(
        builtin.name);
  for (const layer_graph::ElementaryFunction& function : layer_graph::elementary_functions())
    if (layer_graph::find_builtin(function.name) == nullptr) lists["Function"].emplace_back(function.name);
  for (auto& [name, words] : lists) std::ranges::sort(words);
  return lists;
}

/// The line of `text` that begins with `start` becomes `line`.
void replace_line(std::string& text, const std::string& start, const std::string& line) {
  const std::size_t begin = text.find(start);
  REQUIRE(begin != std::string::npos);
  text.replace(begin, text.find('\n', begin) - begin, line);
}

void compare_or_update(const std::string& path, const std::string& expected) {
  if (std::getenv("NTKC_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << expected;
  CHECK(read(path) == expected);
}

TEST_CASE("the Vim syntax file colours the keywords and the built-ins") {
  std::string text = read(vim_path);
  for (const auto& [name, words] : word_lists())
    replace_line(text, "syn keyword arch" + name,
                 fmt::format("syn keyword arch{} {}", name, fmt::join(words, " ")));
  compare_or_update(vim_path, text);
}

TEST_CASE("the TextMate grammar colours the keywords and the built-ins") {
  std::string text = read(textmate_path);
  const nlohmann::json before = nlohmann::json::parse(text);
  for (const auto& [name, words] : word_lists()) {
    std::string key = name;
    key[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(key[0])));
    const std::string scope = before.at("repository").at(key).at("name");
    const std::string start = fmt::format("    \"{}\": {{", key);
    const std::string comma = key == "operator" ? "" : ",";
    replace_line(text, start,
                 fmt::format(R"({}"name": "{}", "match": "\\b(?:{})\\b"}}{})", start, scope,
                             fmt::join(words, "|"), comma));
  }
  compare_or_update(textmate_path, text);
}

/// The scope that the TextMate grammar gives to the text at `at`: the first pattern that matches there.
std::string scope_at(const nlohmann::json& grammar, const std::string& text, std::size_t at) {
  for (const nlohmann::json& include : grammar.at("patterns")) {
    const std::string key = include.at("include").get<std::string>().substr(1);
    const nlohmann::json& rule = grammar.at("repository").at(key);
    const std::regex pattern(rule.at("match").get<std::string>());
    std::smatch match;
    const auto flags = at > 0 ? std::regex_constants::match_prev_avail : std::regex_constants::match_default;
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
    if (std::regex_search(begin, text.end(), match, pattern, flags | std::regex_constants::match_continuous))
      return rule.value("name", key);
  }
  return "";
}

TEST_CASE("the patterns of the TextMate grammar match what they are for") {
  const nlohmann::json grammar = nlohmann::json::parse(read(textmate_path));
  CHECK(grammar.at("patterns").size() == grammar.at("repository").size());
  for (const auto& [text, scope] :
       std::vector<std::pair<std::string, std::string>>{{"# x", "comment.line.number-sign.arch"},
                                                        {"\"a # \\\" b\" x", "string.quoted.double.arch"},
                                                        {"1.5e-3", "constant.numeric.arch"},
                                                        {"def f(h)", "definition"},
                                                        {"import", "keyword.control.arch"},
                                                        {"return", "keyword.control.arch"},
                                                        {"returns", ""},
                                                        {"then", "keyword.control.conditional.arch"},
                                                        {"repeat", "keyword.control.loop.arch"},
                                                        {"true", "constant.language.boolean.arch"},
                                                        {"dense(", "support.function.layer.arch"},
                                                        {"relu", "support.function.activation.arch"},
                                                        {"relux", ""},
                                                        {"sqrt(", "support.function.arch"},
                                                        {"pi", "constant.language.arch"},
                                                        {"(W_std = 2)", "argument"},
                                                        {"(a == 2)", ""},
                                                        {"|> f", "keyword.operator.arch"},
                                                        {"h", ""}}) {
    CAPTURE(text);
    CHECK(scope_at(grammar, text, 0) == scope);
  }
  CHECK(scope_at(grammar, "xrepeat", 1) == "");
}

}  // namespace
}  // namespace ntkc
