// What the rules of the grammar are made of: parsers of one token, the count of nesting, and calls to
// AstBuilder and SyntaxErrors. Only parser.cpp includes this.
#pragma once

#include <boost/spirit/home/x3.hpp>
#include <string>
#include <vector>

#include "grammar/ast_builder.hpp"
#include "grammar/syntax_errors.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

namespace x3 = boost::spirit::x3;

/// What the actions of the grammar work on.
struct ParseState {
  AstBuilder builder;
  SyntaxErrors errors;
  std::uint32_t nesting_limit;
  std::uint32_t nesting = 0;
  std::vector<AstBuilder::Heights> heights = {};  ///< at the start of each statement being parsed
};

using Failure = x3::expectation_failure<const Token*>;

struct StateTag;

template <typename Context>
ParseState& state(const Context& context) {
  return x3::get<StateTag>(context).get();
}

// ---- primitives ----

/// One token of a set.
struct TokenParser : x3::parser<TokenParser> {
  using attribute_type = const Token*;
  static constexpr bool has_attribute = true;

  constexpr TokenParser(TokenKinds token_kinds, const char* token_name)
      : kinds(token_kinds), name(token_name) {}

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(const Token*& first, const Token* const& last, const Context&, RuleContext&,
             Attribute& attribute) const {
    if (first == last || !first->is(kinds)) return false;
    x3::traits::move_to(first, attribute);
    ++first;
    return true;
  }

  TokenKinds kinds;
  const char* name;
};

/// Counts how deep the subject recurses, and fails the statement before the stack is at risk.
template <typename Subject>
struct NestedDirective : x3::unary_parser<Subject, NestedDirective<Subject>> {
  using Base = x3::unary_parser<Subject, NestedDirective<Subject>>;
  static constexpr bool is_pass_through_unary = true;

  constexpr explicit NestedDirective(const Subject& counted) : Base(counted) {}

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(const Token*& first, const Token* const& last, const Context& context, RuleContext& rule_context,
             Attribute& attribute) const {
    struct Level {
      explicit Level(std::uint32_t& counter) : nesting(counter) { ++nesting; }
      Level(const Level&) = delete;
      Level& operator=(const Level&) = delete;
      ~Level() { --nesting; }
      std::uint32_t& nesting;
    };
    ParseState& current = state(context);
    if (current.nesting >= current.nesting_limit) throw Failure(first, expected::shallower);
    const Level level(current.nesting);
    return this->subject.parse(first, last, context, rule_context, attribute);
  }
};

struct NestedGenerator {
  template <typename Subject>
  constexpr auto operator[](const Subject& subject) const {
    return NestedDirective<typename x3::extension::as_parser<Subject>::value_type>(x3::as_parser(subject));
  }
};
constexpr NestedGenerator nested;

/// Lets SyntaxErrors look at the next token and decide where parsing continues.
template <auto member>
struct Step : x3::parser<Step<member>> {
  using attribute_type = x3::unused_type;
  [[maybe_unused]] static constexpr bool has_attribute = false;

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(const Token*& first, const Token* const&, const Context& context, RuleContext&,
             Attribute&) const {
    first = (state(context).errors.*member)(first);
    return true;
  }
};
constexpr Step<&SyntaxErrors::skip_statement> skip_statement;
constexpr Step<&SyntaxErrors::missing_network> missing_network;
constexpr Step<&SyntaxErrors::missing_return> missing_return;
constexpr Step<&SyntaxErrors::after_return> after_return;
constexpr Step<&SyntaxErrors::refuse_network> refuse_network;

constexpr TokenParser token(TokenKind kind, const char* name) { return {bit(kind), name}; }

// The names are what messages say was expected.
constexpr auto name = token(TokenKind::name, "a name");
constexpr auto network_name = token(TokenKind::name, "a network name");
constexpr auto parameter_name = token(TokenKind::name, "a parameter name");
constexpr auto variable_name = token(TokenKind::name, "a variable name");
constexpr auto import_path = token(TokenKind::text, "a path in quotes");
constexpr auto input_name = token(TokenKind::name, "an input name");
constexpr auto input_type = token(TokenKind::name, "a type such as `vector(3)`");
constexpr auto version = token(TokenKind::integer, "a version number");
constexpr auto assign = token(TokenKind::assign, "`=`");
constexpr auto colon = token(TokenKind::colon, "`:`");
constexpr auto comma = token(TokenKind::comma, "`,`");
constexpr auto open_group = token(TokenKind::left_parenthesis, "`(`");
constexpr auto close_group = token(TokenKind::right_parenthesis, "`)`");
constexpr auto close_items = token(TokenKind::right_parenthesis, "`,` or `)`");
constexpr auto open_list = token(TokenKind::left_bracket, "`[`");
constexpr auto close_list = token(TokenKind::right_bracket, "`,` or `]`");
constexpr auto open_block = token(TokenKind::left_brace, "`{`");
constexpr auto close_block = token(TokenKind::right_brace, "`}`");
constexpr auto newline = token(TokenKind::newline, "the end of the line");
constexpr auto end_of_file = token(TokenKind::end_of_file, "the end of the text");

constexpr auto keyword_if = token(TokenKind::keyword_if, "`if`");
constexpr auto keyword_then = token(TokenKind::keyword_then, "`then`");
constexpr auto keyword_else = token(TokenKind::keyword_else, "`else`");
constexpr auto keyword_activation = token(TokenKind::keyword_activation, "`activation`");
constexpr auto keyword_def = token(TokenKind::keyword_def, "`def`");
constexpr auto keyword_import = token(TokenKind::keyword_import, "`import`");
constexpr auto keyword_return = token(TokenKind::keyword_return, "`return`");
constexpr auto keyword_input = token(TokenKind::keyword_input, "`input`");
constexpr auto keyword_output = token(TokenKind::keyword_output, "`output`");
constexpr auto keyword_repeat = token(TokenKind::keyword_repeat, "`repeat`");
constexpr auto keyword_language = token(TokenKind::keyword_language, "`language`");
constexpr auto keyword_network = token(TokenKind::keyword_network, "`network`");
constexpr auto keyword_parametrization = token(TokenKind::keyword_parametrization, "`parametrization`");

constexpr TokenParser keyword_of_head{
    any_of(TokenKind::keyword_language, TokenKind::keyword_network, TokenKind::keyword_parametrization),
    "a keyword"};
constexpr TokenParser keyword_of_definition{
    any_of(TokenKind::keyword_activation, TokenKind::keyword_def, TokenKind::keyword_import), "a keyword"};
/// Keywords of statements that stand at the top level only.
constexpr TokenParser keyword_of_top_level{
    any_of(TokenKind::keyword_activation, TokenKind::keyword_def, TokenKind::keyword_import,
           TokenKind::keyword_input, TokenKind::keyword_output),
    "a keyword"};
/// `parametrization = …` is a line of the head.
constexpr TokenParser keyword_as_name{any_keyword & ~bit(TokenKind::keyword_parametrization), "a keyword"};

constexpr TokenParser literal{any_of(TokenKind::integer, TokenKind::real, TokenKind::text,
                                     TokenKind::keyword_true, TokenKind::keyword_false),
                              "a literal"};
constexpr auto operator_pipe = token(TokenKind::pipe, "`|>`");
constexpr TokenParser operator_comparison{any_comparison, "a comparison"};
constexpr TokenParser operator_sum{any_of(TokenKind::plus, TokenKind::minus), "`+` or `-`"};
constexpr TokenParser operator_product{any_of(TokenKind::star, TokenKind::slash), "`*` or `/`"};
/// The size of an input that is as large as the data say.
constexpr auto any_size = token(TokenKind::star, "`*`");
constexpr auto operator_minus = token(TokenKind::minus, "`-`");
constexpr auto operator_power = token(TokenKind::caret, "`^`");

}  // namespace ntkc::grammar

// What a failed expectation calls these parsers.
namespace boost::spirit::x3 {
template <>
struct get_info<ntkc::grammar::TokenParser> {
  using result_type = std::string;
  std::string operator()(const ntkc::grammar::TokenParser& parser) const { return parser.name; }
};
template <typename Subject>
struct get_info<ntkc::grammar::NestedDirective<Subject>> {
  using result_type = std::string;
  std::string operator()(const ntkc::grammar::NestedDirective<Subject>& parser) const {
    return what(parser.subject);
  }
};
template <typename Subject, typename Action>
struct get_info<action<Subject, Action>> {
  using result_type = std::string;
  std::string operator()(const action<Subject, Action>& parser) const { return what(parser.subject); }
};
}  // namespace boost::spirit::x3
