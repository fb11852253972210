#include "grammar/ast_builder.hpp"

#include "grammar/lexer.hpp"

namespace ntkc::grammar {
namespace {

ast::BinaryOperator binary_operator(TokenKind kind) {
  switch (kind) {
    case TokenKind::plus:
      return ast::BinaryOperator::add;
    case TokenKind::minus:
      return ast::BinaryOperator::subtract;
    case TokenKind::star:
      return ast::BinaryOperator::multiply;
    case TokenKind::slash:
      return ast::BinaryOperator::divide;
    case TokenKind::caret:
      return ast::BinaryOperator::power;
    case TokenKind::equal_equal:
      return ast::BinaryOperator::equal;
    case TokenKind::not_equal:
      return ast::BinaryOperator::not_equal;
    case TokenKind::less:
      return ast::BinaryOperator::less;
    case TokenKind::less_equal:
      return ast::BinaryOperator::less_equal;
    case TokenKind::greater:
      return ast::BinaryOperator::greater;
    default:
      return ast::BinaryOperator::greater_equal;
  }
}

}  // namespace

ast::ExpressionId AstBuilder::pop_value() {
  const ast::ExpressionId value = values_.back();
  values_.pop_back();
  return value;
}

const Token& AstBuilder::pop_mark() {
  const Token& token = *marks_.back();
  marks_.pop_back();
  return token;
}

AstBuilder::Sequence AstBuilder::pop_sequence() {
  Sequence sequence = std::move(sequences_.back());
  sequences_.pop_back();
  return sequence;
}

void AstBuilder::literal(const Token& token) {
  const SourceRange where = range(token.begin, token.end);
  switch (token.kind) {
    case TokenKind::integer:
      return push(where, ast::Integer{token.integer});
    case TokenKind::real:
      return push(where, ast::Real{token.real});
    case TokenKind::text:
      return push(where, ast::Text{text_value(spelling(token))});
    case TokenKind::keyword_true:
      return push(where, ast::Boolean{true});
    case TokenKind::keyword_false:
      return push(where, ast::Boolean{false});
    default:
      return push(where, ast::Name{std::string(spelling(token))});
  }
}

// The range of a parenthesised expression takes the parentheses in, so that ranges built from it are
// balanced.
void AstBuilder::group(const Token& closing) {
  const Token& opening = pop_mark();
  file_.expression_arena[values_.back().index].range = range(opening.begin, closing.end);
}

void AstBuilder::pipe() {
  const ast::ExpressionId function = pop_value();
  const ast::ExpressionId value = pop_value();
  push(range(range_of_value(value).begin, range_of_value(function).end), ast::Pipe{value, function});
}

void AstBuilder::unary() {
  const ast::ExpressionId operand = pop_value();
  push(range(pop_mark().begin, range_of_value(operand).end), ast::Unary{ast::UnaryOperator::negate, operand});
}

void AstBuilder::binary() {
  const ast::ExpressionId right = pop_value();
  const ast::ExpressionId left = pop_value();
  const Token& op = pop_mark();
  push(range(range_of_value(left).begin, range_of_value(right).end),
       ast::Binary{binary_operator(op.kind), range(op.begin, op.end), left, right});
}

void AstBuilder::conditional() {
  const ast::ExpressionId else_value = pop_value();
  const ast::ExpressionId then_value = pop_value();
  const ast::ExpressionId condition = pop_value();
  push(range(pop_mark().begin, range_of_value(else_value).end),
       ast::Conditional{condition, then_value, else_value});
}

AstBuilder::Block AstBuilder::pop_block() {
  Block block = std::move(blocks_.back());
  blocks_.pop_back();
  return block;
}

void AstBuilder::item() {
  Sequence& sequence = sequences_.back();
  ast::Argument argument;
  if (sequence.keyword != nullptr) argument.keyword = identifier(*sequence.keyword);
  argument.value = pop_value();
  sequence.keyword = nullptr;
  sequence.items.push_back(std::move(argument));
}

void AstBuilder::call(const Token& closing) {
  Sequence sequence = pop_sequence();
  push(range(sequence.first->begin, closing.end),
       ast::Call{identifier(*sequence.first), std::move(sequence.items)});
}

void AstBuilder::list(const Token& closing) {
  const Sequence sequence = pop_sequence();
  ast::List list;
  for (const ast::Argument& argument : sequence.items) list.items.push_back(argument.value);
  push(range(sequence.first->begin, closing.end), std::move(list));
}

// marks: `input`, name, type
void AstBuilder::input(const Token& closing) {
  const Sequence sequence = pop_sequence();
  ast::Input input;
  for (const ast::Argument& argument : sequence.items) input.sizes.push_back(argument.value);
  input.type = identifier(*sequence.first);
  input.name = identifier(pop_mark());
  const std::uint32_t begin = pop_mark().begin;
  add_statement(range(begin, closing.end), std::move(input));
}

void AstBuilder::assignment() {
  const ast::ExpressionId value = pop_value();
  const Token& name = pop_mark();
  add_statement(range(name.begin, range_of_value(value).end), ast::Assignment{identifier(name), value});
}

void AstBuilder::repeat(const Token& closing) {
  std::vector<ast::StatementId> body = pop_block().statements;
  const ast::ExpressionId count = pop_value();
  const std::uint32_t begin = pop_mark().begin;
  add_statement(range(begin, closing.end), ast::Repeat{count, std::move(body)});
}

void AstBuilder::open_definition() {
  blocks_.emplace_back();
  blocks_.back().parameters = std::move(parameters_);
}

// marks: `def`, name
void AstBuilder::block_definition(const Token& closing) {
  Block block = pop_block();
  ast::BlockDefinition definition;
  definition.name = identifier(pop_mark());
  definition.parameters = std::move(block.parameters);
  definition.body = std::move(block.statements);
  definition.result = block.result;
  add_statement(range(pop_mark().begin, closing.end), std::move(definition));
}

void AstBuilder::result() {
  blocks_.back().result = pop_value();
  pop_mark();
}

// marks: `activation`, name, variable
void AstBuilder::activation_definition() {
  ast::ActivationDefinition definition;
  definition.value = pop_value();
  definition.variable = identifier(pop_mark());
  definition.name = identifier(pop_mark());
  definition.parameters = std::move(parameters_);
  const std::uint32_t end = range_of_value(definition.value).end;
  add_statement(range(pop_mark().begin, end), std::move(definition));
}

void AstBuilder::import(const Token& path) {
  add_statement(range(pop_mark().begin, path.end),
                ast::Import{text_value(spelling(path)), range(path.begin, path.end)});
}

void AstBuilder::output() {
  const ast::ExpressionId value = pop_value();
  const std::uint32_t begin = pop_mark().begin;
  add_statement(range(begin, range_of_value(value).end), ast::Output{value});
}

void AstBuilder::restore(const Heights& heights) {
  values_.resize(heights.values);
  marks_.resize(heights.marks);
  while (sequences_.size() > heights.sequences) sequences_.pop_back();
  blocks_.resize(heights.blocks);
}

ast::File AstBuilder::finish() {
  file_.statements = std::move(blocks_.front().statements);
  blocks_.assign(1, {});
  parameters_.clear();
  return std::move(file_);
}

}  // namespace ntkc::grammar
