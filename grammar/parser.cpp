// The grammar of the language, in Boost.Spirit X3 over tokens.
//
// The first token decides which alternative applies, so the parser never goes back over tokens for which the
// builder has already been called. `a > b` says that b must follow a. If it does not, the statement in which
// this happens catches the failure, reports it and continues with the next statement. Left-associative chains
// such as `a + b - c` are loops and may have any length. Rules that contain themselves are wrapped in
// nested[], which counts how deep they are.
#include "grammar/parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "grammar/layout.hpp"
#include "grammar/lexer.hpp"
#include "grammar/token_parsers.hpp"

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

/// Base of the rules that are one statement: reports what failed in it and continues with the next one.
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

/// Base of the heads of blocks: after a mistake in the head the block is still parsed, for mistakes in it.
/// `stand_in` gives the builder something in place of the head; the file is refused in any case.
template <void (AstBuilder::*stand_in)(const Token&)>
struct BlockHead {
  template <typename Context>
  x3::error_handler_result on_error(const Token*& first, const Token* const&, const Failure& failure,
                                    const Context& context) const {
    ParseState& current = state(context);
    forget(current);
    const Token* const block = current.errors.recover_at_block(first, failure.where(), failure.which());
    if (block == nullptr) return x3::error_handler_result::rethrow;
    (current.builder.*stand_in)(*first);
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

// Operators, those that bind least first: `if`, `|>`, comparison, + and −, * and /, unary −, ^.
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
       (close_list[build(&AstBuilder::list)] |
        (item % (comma >> !close_list) > -comma > close_list[build(&AstBuilder::list)])));

const auto name_or_call_def =
    (&(name >> open_group) >> name[open_sequence] >> open_group >>
     (close_items[build(&AstBuilder::call)] |
      (argument % (comma >> !close_items) > -comma > close_items[build(&AstBuilder::call)]))) |
    name[build(&AstBuilder::literal)];

const auto function_def = name_or_call;

const auto argument_def = -(&(name >> assign) >> name[build(&AstBuilder::keyword)] >> assign)  //
                          > nested[expression] > done(&AstBuilder::item);

const auto item_def = x3::eps > nested[expression] > done(&AstBuilder::item);

BOOST_SPIRIT_DEFINE(expression, conditional, pipe, function, comparison, sum, product, unary, power, primary,
                    name_or_call, argument, item)

// ---- statements ----

struct StatementRule : Statement {};
struct BlockStatementRule : Statement {};
struct ReturnRule : Statement {};
struct CountRule : BlockHead<&AstBuilder::literal> {};
struct SignatureRule : BlockHead<&AstBuilder::mark> {};

const Rule<StatementRule> statement = expected::statement;
const Rule<struct AnyStatementRule> any_statement = expected::statement;
const Rule<BlockStatementRule> block_statement = expected::statement;
const Rule<struct AnyBlockStatementRule> any_block_statement = expected::statement;
const Rule<struct BlockStatementsRule> block_statements = "statements";
const Rule<struct BlockFollowsRule> block_follows = "`{`";
const Rule<struct StatementEndRule> statement_end = expected::statement_end;

const Rule<struct InputRule> input = expected::statement;
const Rule<struct AssignmentRule> assignment = expected::statement;
const Rule<struct SizeRule> size = expected::expression;
const Rule<struct OutputRule> output = expected::statement;
const Rule<struct RepeatRule> repeat = expected::statement;
const Rule<CountRule> count = expected::expression;
const Rule<struct StrayReturnRule> stray_return = expected::statement;
const Rule<struct MisplacedRule> misplaced = expected::statement;
const Rule<struct ReservedRule> reserved = expected::statement;

const Rule<struct DefinitionRule> definition = expected::definition;
const Rule<struct BlockDefinitionRule> block_definition = expected::statement;
const Rule<SignatureRule> signature = "a name";
const Rule<struct DefinitionBodyRule> definition_body = "statements";
const Rule<ReturnRule> return_statement = expected::statement;
const Rule<struct ActivationRule> activation = expected::statement;
const Rule<struct ImportRule> import_statement = expected::statement;
const Rule<struct ParameterRule> parameter = "a parameter name";

const auto statement_end_def = newline | &close_block | &end_of_file;

const auto statement_def = x3::eps[enter] > any_statement > x3::eps[leave];

const auto any_statement_def =
    reserved | definition | input | repeat | output | assignment | stray_return | misplaced;

// In a block. What is misplaced there is parsed all the same, for the mistakes in it.
const auto block_statements_def = *(!(close_block | end_of_file) >> block_statement);

const auto block_statement_def = x3::eps[enter] > any_block_statement > x3::eps[leave];

const auto any_block_statement_def =
    reserved | repeat | assignment                                                                     //
    | (&keyword_of_top_level[complain(&SyntaxErrors::inside_block)] >> (definition | input | output))  //
    | stray_return | misplaced;

const auto input_def = keyword_input[mark] > input_name[mark] > colon                                      //
                       > input_type[open_sequence] > open_group > size % (comma >> !close_items) > -comma  //
                       > close_items[build(&AstBuilder::input)] > statement_end;

const auto size_def = (any_size[build(&AstBuilder::literal)] | nested[expression]) > done(&AstBuilder::item);

const auto assignment_def = name[mark] > assign > expression > done(&AstBuilder::assignment) > statement_end;

const auto output_def = keyword_output[mark] > expression > done(&AstBuilder::output) > statement_end;

const auto repeat_def = keyword_repeat[mark] > count > open_block[build(&AstBuilder::open_block)]  //
                        > nested[block_statements] > close_block[build(&AstBuilder::repeat)] > -newline;

const auto count_def = x3::eps[enter] > expression > block_follows > x3::eps[leave];

const auto block_follows_def = &open_block;

const auto stray_return_def = &keyword_return[complain(&SyntaxErrors::stray_return)] >> return_statement;

const auto misplaced_def = keyword_of_head[complain(&SyntaxErrors::misplaced)] >> skip_statement;

const auto reserved_def =
    &(keyword_as_name >> assign) >> keyword_as_name[complain(&SyntaxErrors::reserved)] >> skip_statement;

// ---- definitions ----

const auto definition_def = block_definition | activation | import_statement;

const auto block_definition_def = keyword_def[mark] > signature                      //
                                  > open_block[build(&AstBuilder::open_definition)]  //
                                  > nested[definition_body]                          //
                                  > close_block[build(&AstBuilder::block_definition)] > -newline;

const auto signature_def = x3::eps[enter] > name[mark] > open_group > done(&AstBuilder::open_parameters)  //
                           > parameter % (comma >> !close_items) > -comma > close_items > block_follows
                           > x3::eps[leave];

const auto definition_body_def = *(!(close_block | end_of_file | (keyword_return >> !assign)) >>
                                   block_statement)                      //
                                 >> (return_statement | missing_return)  //
                                 >> -(!(close_block | end_of_file) >> after_return >> block_statements);

const auto return_statement_def = (&keyword_return >> x3::eps[enter])                              //
                                  > keyword_return[mark] > expression > done(&AstBuilder::result)  //
                                  > statement_end > x3::eps[leave];

const auto activation_def = keyword_activation[mark] > name[mark] > open_group          //
                            > done(&AstBuilder::open_parameters) > variable_name[mark]  //
                            > *((comma >> !close_items) > parameter) > -comma > close_items > assign
                            > expression  //
                            > done(&AstBuilder::activation_definition) > statement_end;

const auto import_statement_def =
    keyword_import[mark] > import_path[build(&AstBuilder::import)] > statement_end;

const auto parameter_def = x3::eps > parameter_name[build(&AstBuilder::parameter)] >
                           -(assign > nested[expression] > done(&AstBuilder::default_value));

BOOST_SPIRIT_DEFINE(statement, any_statement, block_statement, any_block_statement, block_statements,
                    block_follows, statement_end, input, size, assignment, output, repeat, count,
                    stray_return, misplaced, reserved, definition, block_definition, signature,
                    definition_body, return_statement, activation, import_statement, parameter)

// ---- files ----

struct LanguageRule : Statement {};
struct NetworkRule : Statement {};
struct ParametrizationRule : Statement {};
struct FileDefinitionRule : Statement {};

const Rule<LanguageRule> language = expected::statement;
const Rule<NetworkRule> network = expected::statement;
const Rule<ParametrizationRule> parametrization = expected::statement;
const Rule<struct NetworkParameterRule> network_parameter = "a parameter name";
const Rule<FileDefinitionRule> file_definition = expected::definition;

const auto language_def = (&keyword_language >> x3::eps[enter])           //
                          > keyword_language > version[language_version]  //
                          > statement_end > x3::eps[leave];

const auto network_parameter_def = x3::eps > parameter_name[build(&AstBuilder::parameter)] > assign >
                                   nested[expression] > done(&AstBuilder::default_value);

const auto network_def = (&keyword_network >> x3::eps[enter])                           //
                         > keyword_network > network_name[build(&AstBuilder::network)]  //
                         > done(&AstBuilder::open_parameters)                           //
                         > -(open_group > (close_items | (network_parameter % (comma >> !close_items) >
                                                          -comma > close_items)))  //
                         > done(&AstBuilder::network_parameters) > statement_end > x3::eps[leave];

const auto parametrization_def = (&keyword_parametrization >> x3::eps[enter])                     //
                                 > keyword_parametrization > assign > name[parametrization_name]  //
                                 > statement_end > x3::eps[leave];

const auto file_definition_def = x3::eps[enter] > definition > x3::eps[leave];

BOOST_SPIRIT_DEFINE(language, network, parametrization, network_parameter, file_definition)

const auto network_file = (-language >> *(&keyword_of_definition >> !(keyword_of_definition >> assign) >>
                                          file_definition)                      //
                           >> (network | missing_network) >> -parametrization)  //
                          > *(!end_of_file >> statement) > end_of_file;
const auto library = (-language >> refuse_network) > *(!end_of_file >> file_definition) > end_of_file;
const auto constant = x3::eps > expression > -newline > end_of_file;

// NOLINTEND(bugprone-chained-comparison)

// ---- driver ----

void check_integers(const std::vector<Token>& tokens, std::int32_t limit, Reporter& reporter) {
  for (const Token& token : tokens)
    if (token.kind == TokenKind::integer && token.integer > limit)
      reporter.report(DiagnosticKind::invalid_number, reporter.range(token.begin, token.end),
                      fmt::format("the integer {} is larger than the limit {}", token.integer, limit));
}

/// Runs one of the three grammars above over file `source`.
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
    check_integers(list.tokens, limits.integer, reporter);
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
  return run(network_file, "end of file", sources, source, diagnostics, limits);
}

std::optional<ast::File> parse_library(const SourceManager& sources, std::uint32_t source,
                                       DiagnosticConsumer& diagnostics, const Limits& limits) {
  return run(library, "end of file", sources, source, diagnostics, limits);
}

std::optional<ast::File> parse_either(const SourceManager& sources, std::uint32_t source,
                                      DiagnosticConsumer& diagnostics, const Limits& limits) {
  const auto of_network = [](const Token& token) {
    return token.is(any_of(TokenKind::keyword_network, TokenKind::keyword_input, TokenKind::keyword_output));
  };
  Reporter nothing(source);
  const std::string_view text = sources.file(source).text();
  const bool readable = text.size() <= limits.file_bytes && check_characters(text, nothing);
  const std::vector<Token> tokens = readable ? split_into_tokens(text, nothing).tokens : std::vector<Token>();
  const bool is_network = std::any_of(tokens.begin(), tokens.end(), of_network);
  return (is_network ? parse : parse_library)(sources, source, diagnostics, limits);
}

std::optional<ast::File> parse_constant(const SourceManager& sources, std::uint32_t source,
                                        DiagnosticConsumer& diagnostics, const Limits& limits) {
  return run(constant, "end of value", sources, source, diagnostics, limits);
}

}  // namespace ntkc::grammar
