// The grammar of the language, in Boost.Spirit X3 over tokens.
//
// Every alternative is told by its first token, so that nothing that has acted on the builder is tried again.
// `>` marks what must follow; its failure is caught by the statement it happens in, which reports it and goes
// on behind itself. Left-associative chains are loops and may have any length. What recurses stands in
// nested[], which counts.
#include "grammar/parser.hpp"

#include <fmt/format.h>

#include <boost/spirit/home/x3.hpp>
#include <functional>
#include <string>
#include <utility>

#include "grammar/ast_builder.hpp"
#include "grammar/layout.hpp"
#include "grammar/lexer.hpp"
#include "grammar/syntax_errors.hpp"

namespace ntkc::grammar {
namespace {

namespace x3 = boost::spirit::x3;

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

/// Passes over the rest of a statement that is not parsed.
struct SkipStatement : x3::parser<SkipStatement> {
  using attribute_type = x3::unused_type;
  [[maybe_unused]] static constexpr bool has_attribute = false;

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(const Token*& first, const Token* const&, const Context& context, RuleContext&,
             Attribute&) const {
    first = state(context).errors.skip_statement(first);
    return true;
  }
};
constexpr SkipStatement skip_statement;

/// Stands where `network` should. Reports that it is not there and matches nothing.
struct MissingNetwork : x3::parser<MissingNetwork> {
  using attribute_type = x3::unused_type;
  [[maybe_unused]] static constexpr bool has_attribute = false;

  template <typename Context, typename RuleContext, typename Attribute>
  bool parse(const Token*& first, const Token* const&, const Context& context, RuleContext&,
             Attribute&) const {
    first = state(context).errors.missing_network(first);
    return true;
  }
};
constexpr MissingNetwork missing_network;

constexpr TokenParser token(TokenKind kind, const char* name) { return {bit(kind), name}; }

// The names are what messages say was expected.
constexpr auto name = token(TokenKind::name, "a name");
constexpr auto network_name = token(TokenKind::name, "a network name");
constexpr auto parameter_name = token(TokenKind::name, "a parameter name");
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
constexpr auto keyword_input = token(TokenKind::keyword_input, "`input`");
constexpr auto keyword_output = token(TokenKind::keyword_output, "`output`");
constexpr auto keyword_repeat = token(TokenKind::keyword_repeat, "`repeat`");
constexpr auto keyword_language = token(TokenKind::keyword_language, "`language`");
constexpr auto keyword_network = token(TokenKind::keyword_network, "`network`");
constexpr auto keyword_parametrization = token(TokenKind::keyword_parametrization, "`parametrization`");

constexpr TokenParser keyword_of_head{
    any_of(TokenKind::keyword_language, TokenKind::keyword_network, TokenKind::keyword_parametrization),
    "a keyword"};
constexpr TokenParser keyword_unsupported{any_of(TokenKind::keyword_activation, TokenKind::keyword_def,
                                                 TokenKind::keyword_import, TokenKind::keyword_return),
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
constexpr auto operator_minus = token(TokenKind::minus, "`-`");
constexpr auto operator_power = token(TokenKind::caret, "`^`");

}  // namespace
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

namespace ntkc::grammar {
namespace {

// ---- actions ----

/// An action that calls a member of the builder, with the token just read or without.
template <typename... Arguments>
constexpr auto build(void (AstBuilder::*member)(Arguments...)) {
  return [member](const auto& context) {
    if constexpr (sizeof...(Arguments) == 0)
      (state(context).builder.*member)();
    else
      (state(context).builder.*member)(*x3::_attr(context));
  };
}

/// An action that reports the token just read.
constexpr auto complain(void (SyntaxErrors::*member)(const Token&)) {
  return [member](const auto& context) { (state(context).errors.*member)(*x3::_attr(context)); };
}

constexpr auto mark = build(&AstBuilder::mark);
constexpr auto open_sequence = build(&AstBuilder::open_sequence);

/// `done(&AstBuilder::binary)`: what has been read is complete.
constexpr auto done(void (AstBuilder::*member)()) { return x3::eps[build(member)]; }

constexpr auto language_version = [](const auto& context) {
  state(context).builder.language(x3::_attr(context)->integer);
  state(context).errors.check_language_version(*x3::_attr(context));
};
constexpr auto parametrization_name = [](const auto& context) {
  state(context).builder.parametrization(*x3::_attr(context));
  state(context).errors.check_parametrization(*x3::_attr(context));
};
constexpr auto enter = [](const auto& context) {
  ParseState& current = state(context);
  current.heights.push_back(current.builder.heights());
};
constexpr auto leave = [](const auto& context) { state(context).heights.pop_back(); };

// ---- recovery ----

void forget(ParseState& current) {
  current.builder.restore(current.heights.back());
  current.heights.pop_back();
}

/// Base of the rules that are one statement: reports what failed in it and goes on behind it.
struct Statement {
  template <typename Context>
  x3::error_handler_result on_error(const Token*& first, const Token* const&, const Failure& failure,
                                    const Context& context) const {
    ParseState& current = state(context);
    forget(current);
    first = current.errors.recover(first, failure.where(), failure.which());
    return x3::error_handler_result::accept;
  }
};

/// The count of a `repeat`: after a mistake in it the block is still parsed.
struct CountRule {
  template <typename Context>
  x3::error_handler_result on_error(const Token*& first, const Token* const&, const Failure& failure,
                                    const Context& context) const {
    ParseState& current = state(context);
    forget(current);
    const Token* const block = current.errors.recover_at_block(first, failure.where(), failure.which());
    if (block == nullptr) return x3::error_handler_result::rethrow;
    current.builder.literal(*first);  // stands for the count; the file has failed anyway
    first = block;
    return x3::error_handler_result::accept;
  }
};

// `a > b` is X3's "b must follow a", not a comparison.
// NOLINTBEGIN(bugprone-chained-comparison)

// ---- expressions ----

template <typename Id>
using Rule = x3::rule<Id>;

const Rule<struct ExpressionRule> expression = expected::expression;
const Rule<struct ConditionalRule> conditional = expected::expression;
const Rule<struct PipeRule> pipe = expected::expression;
const Rule<struct FunctionRule> function = expected::layer;
const Rule<struct ComparisonRule> comparison = expected::expression;
const Rule<struct SumRule> sum = expected::expression;
const Rule<struct ProductRule> product = expected::expression;
const Rule<struct UnaryRule> unary = expected::expression;
const Rule<struct PowerRule> power = expected::expression;
const Rule<struct PrimaryRule> primary = expected::expression;
const Rule<struct NameOrCallRule> name_or_call = expected::expression;
const Rule<struct ArgumentRule> argument = expected::expression;
const Rule<struct ItemRule> item = expected::expression;

// Loosest first, as design.md §4 orders them.
const auto expression_def = conditional | pipe;

const auto conditional_def = keyword_if[mark] > nested[expression]  //
                             > keyword_then > nested[expression]    //
                             > keyword_else > nested[expression]    //
                             > done(&AstBuilder::conditional);

const auto pipe_def = comparison >> *(operator_pipe > function > done(&AstBuilder::pipe));

const auto comparison_def = sum >> -(operator_comparison[mark] > sum > done(&AstBuilder::binary));

const auto sum_def = product >> *(operator_sum[mark] > product > done(&AstBuilder::binary));

const auto product_def = unary >> *(operator_product[mark] > unary > done(&AstBuilder::binary));

const auto unary_def = (operator_minus[mark] > nested[unary] > done(&AstBuilder::unary)) | power;

const auto power_def = primary >> -(operator_power[mark] > nested[unary] > done(&AstBuilder::binary));

const auto primary_def =
    literal[build(&AstBuilder::literal)]                                                //
    | name_or_call                                                                      //
    | (open_group[mark] > nested[expression] > close_group[build(&AstBuilder::group)])  //
    | (open_list[open_sequence] >
       (close_list[build(&AstBuilder::list)] | (item % comma > close_list[build(&AstBuilder::list)])));

const auto name_or_call_def =
    (&(name >> open_group) >> name[open_sequence] >> open_group >>
     (close_items[build(&AstBuilder::call)] | (argument % comma > close_items[build(&AstBuilder::call)]))) |
    name[build(&AstBuilder::literal)];

const auto function_def = name_or_call;

const auto argument_def = -(&(name >> assign) >> name[build(&AstBuilder::keyword)] >> assign)  //
                          > nested[expression] > done(&AstBuilder::item);

const auto item_def = x3::eps > nested[expression] > done(&AstBuilder::item);

BOOST_SPIRIT_DEFINE(expression, conditional, pipe, function, comparison, sum, product, unary, power, primary,
                    name_or_call, argument, item)

// ---- statements ----

struct StatementRule : Statement {};

const Rule<StatementRule> statement = expected::statement;
const Rule<struct AnyStatementRule> any_statement = expected::statement;
const Rule<struct StatementEndRule> statement_end = expected::statement_end;
const Rule<struct StatementsRule> statements = "statements";
const Rule<struct InputRule> input = expected::statement;
const Rule<struct RepeatRule> repeat = expected::statement;
const Rule<CountRule> count = expected::expression;
const Rule<struct BlockFollowsRule> block_follows = "`{`";
const Rule<struct UnsupportedRule> unsupported = expected::statement;
const Rule<struct MisplacedRule> misplaced = expected::statement;
const Rule<struct ReservedRule> reserved = expected::statement;

const auto statement_end_def = newline | &close_block | &end_of_file;

const auto statements_def = *(!(close_block | end_of_file) >> statement);

const auto statement_def = x3::eps[enter] > any_statement > x3::eps[leave];

const auto any_statement_def =
    reserved | input | repeat                                                             //
    | (keyword_output[mark] > expression > done(&AstBuilder::output) > statement_end)     //
    | (name[mark] > assign > expression > done(&AstBuilder::assignment) > statement_end)  //
    | unsupported | misplaced;

const auto input_def = keyword_input[mark] > input_name[mark] > colon           //
                       > input_type[open_sequence] > open_group > item % comma  //
                       > close_items[build(&AstBuilder::input)] > statement_end;

const auto repeat_def = keyword_repeat[mark] > count > open_block[build(&AstBuilder::open_block)]  //
                        > nested[statements] > close_block[build(&AstBuilder::repeat)] > -newline;

const auto count_def = x3::eps[enter] > expression > block_follows > x3::eps[leave];

const auto block_follows_def = &open_block;

// `def`, `import`, `activation` and `return` belong to the language, but not to this version.
const auto unsupported_def = keyword_unsupported[complain(&SyntaxErrors::unsupported)] >> skip_statement;

const auto misplaced_def = keyword_of_head[complain(&SyntaxErrors::misplaced)] >> skip_statement;

const auto reserved_def =
    &(keyword_as_name >> assign) >> keyword_as_name[complain(&SyntaxErrors::reserved)] >> skip_statement;

BOOST_SPIRIT_DEFINE(statement, any_statement, statement_end, statements, input, repeat, count, block_follows,
                    unsupported, misplaced, reserved)

// ---- file ----

struct LanguageRule : Statement {};
struct NetworkRule : Statement {};
struct ParametrizationRule : Statement {};

const Rule<LanguageRule> language = expected::statement;
const Rule<NetworkRule> network = expected::statement;
const Rule<ParametrizationRule> parametrization = expected::statement;
const Rule<struct ParameterRule> parameter = "a parameter name";

const auto language_def = (&keyword_language >> x3::eps[enter])           //
                          > keyword_language > version[language_version]  //
                          > statement_end > x3::eps[leave];

const auto parameter_def = x3::eps > parameter_name[mark] > assign > nested[expression] >
                           done(&AstBuilder::parameter);

const auto network_def = (&keyword_network >> x3::eps[enter])                                 //
                         > keyword_network > network_name[build(&AstBuilder::network)]        //
                         > -(open_group > (close_items | (parameter % comma > close_items)))  //
                         > statement_end > x3::eps[leave];

const auto parametrization_def = (&keyword_parametrization >> x3::eps[enter])                     //
                                 > keyword_parametrization > assign > name[parametrization_name]  //
                                 > statement_end > x3::eps[leave];

BOOST_SPIRIT_DEFINE(language, network, parametrization, parameter)

const auto file = (-language >> *unsupported >> (network | missing_network) >> -parametrization)  //
                  > statements > end_of_file;
const auto constant = x3::eps > expression > -newline > end_of_file;

// NOLINTEND(bugprone-chained-comparison)

// ---- driver ----

/// Runs one of the two grammars above over file `source`.
template <typename Grammar>
std::optional<ast::File> run(const Grammar& grammar, std::string_view end_name, const SourceManager& sources,
                             std::uint32_t source, DiagnosticConsumer& diagnostics, const Limits& limits) {
  const std::string_view text = sources.file(source).text();
  Reporter reporter(source);
  std::optional<ast::File> result;
  if (text.size() > limits.file_bytes) {
    reporter.report(DiagnosticKind::file_too_large, reporter.range(0, 0),
                    fmt::format("the text has {} bytes, the limit is {}", text.size(), limits.file_bytes));
  } else if (check_characters(text, reporter)) {
    TokenList list = split_into_tokens(text, reporter);
    const std::vector<Token> tokens = lay_out(std::move(list.tokens), text, limits.nesting, reporter);
    if (!tokens.empty()) {
      ParseState current{AstBuilder(text, source), SyntaxErrors(text, end_name, tokens, limits, reporter),
                         limits.nesting};
      const Token* first = tokens.data();
      const Token* const last = first + tokens.size();
      try {
        x3::parse(first, last, x3::with<StateTag>(std::ref(current))[grammar]);
      } catch (const Failure& failure) {
        current.errors.recover(first, failure.where(), failure.which());
      }
      result = current.builder.finish();
      result->comments = std::move(list.comments);
    }
  }
  if (reporter.empty()) return result;
  reporter.flush(diagnostics);
  return std::nullopt;
}

}  // namespace

std::optional<ast::File> parse(const SourceManager& sources, std::uint32_t source,
                               DiagnosticConsumer& diagnostics, const Limits& limits) {
  return run(file, "end of file", sources, source, diagnostics, limits);
}

std::optional<ast::File> parse_constant(const SourceManager& sources, std::uint32_t source,
                                        DiagnosticConsumer& diagnostics, const Limits& limits) {
  return run(constant, "end of value", sources, source, diagnostics, limits);
}

}  // namespace ntkc::grammar
