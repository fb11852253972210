// Walks the tree beside the tokens it was made of: the tree says what belongs together, the tokens how it is
// written and where comments stand.
#include "grammar/format.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "grammar/lexer.hpp"
#include "grammar/line_breaker.hpp"

namespace ntkc::grammar {
namespace {

using Kind = Piece::Kind;

std::vector<Token> words_of(std::string_view text, std::uint32_t source) {
  Reporter nothing(source);
  std::vector<Token> tokens = split_into_tokens(text, nothing).tokens;
  std::erase_if(tokens, [](const Token& token) { return token.kind == TokenKind::newline; });
  return tokens;
}

/// Chains that are broken as a whole have the same number.
int chain_of(ast::BinaryOperator op) {
  switch (op) {
    case ast::BinaryOperator::add:
    case ast::BinaryOperator::subtract:
      return 1;
    case ast::BinaryOperator::multiply:
    case ast::BinaryOperator::divide:
      return 2;
    default:
      return 0;
  }
}

class Formatter {
 public:
  Formatter(const ast::File& file, std::string_view text)
      : file_(file), tokens_(words_of(text, file.source)), writer_(text, tokens_, file.comments) {}

  std::string run();

 private:
  // Pieces of the statement at hand
  void add(Kind kind) { pieces_.push_back({kind, 0}); }
  void token() { pieces_.push_back({Kind::token, next_++}); }
  void word() {
    token();
    add(Kind::space);
  }
  template <typename Items, typename Write>
  void bracketed(const Items& items, Kind between, Write write);
  void parameters(const std::vector<ast::Parameter>& list, bool variable);
  void parameter_value(const ast::Parameter& parameter);

  // Expressions
  void expression(ast::ExpressionId id);
  void node(const ast::Call& call);
  void node(const ast::List& list);
  void node(const ast::Pipe& last);
  void node(const ast::Unary& unary);
  void node(const ast::Binary& last);
  void node(const ast::Conditional& conditional);
  template <typename Literal>
  void node(const Literal&) {
    token();
  }
  template <typename Step>
  void chain(ast::ExpressionId first, const std::vector<const Step*>& steps_from_last);
  [[nodiscard]] static ast::ExpressionId right_side(const ast::Pipe& pipe) { return pipe.function; }
  [[nodiscard]] static ast::ExpressionId right_side(const ast::Binary& binary) { return binary.right; }
  /// Whether there are parentheses around an expression that begins with its operand `first`.
  [[nodiscard]] bool grouped(ast::ExpressionId whole, ast::ExpressionId first) const {
    return file_[whole].range.begin < file_[first].range.begin;
  }

  // Statements
  void head(const ast::Statement& statement);
  [[nodiscard]] bool may_stand_on_one_line(const ast::Statement& statement) const;
  void append_statement(const ast::Statement& statement);
  void write_statement(const ast::Statement& statement, std::size_t indent);
  void write_pieces(std::size_t indent) {
    writer_.write(pieces_, indent);
    pieces_.clear();
  }
  void write_network();

  const ast::File& file_;
  std::vector<Token> tokens_;
  LayoutWriter writer_;
  std::vector<Piece> pieces_;
  std::uint32_t next_ = 0;  ///< the first token that is not in `pieces_` and not written
};

/// What stands between braces; nothing if the statement has none.
struct Body {
  const std::vector<ast::StatementId>* statements = nullptr;
  const ast::ExpressionId* result = nullptr;
};

Body body_of(const ast::Statement& statement) {
  if (const auto* repeat = std::get_if<ast::Repeat>(&statement.node)) return {&repeat->body, nullptr};
  if (const auto* definition = std::get_if<ast::BlockDefinition>(&statement.node))
    return {&definition->body, &definition->result};
  return {};
}

// ---- expressions ----

/// `(` items `)`
template <typename Items, typename Write>
void Formatter::bracketed(const Items& items, Kind between, Write write) {
  token();
  add(Kind::open);
  if (!items.empty()) add(Kind::soft);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) {
      token();
      add(between);
    }
    write(items[i]);
  }
  if (!items.empty() && tokens_[next_].kind == TokenKind::comma) token();  // one may follow the last item
  if (!items.empty()) add(Kind::soft_close);
  token();
  add(Kind::close);
}

void Formatter::expression(ast::ExpressionId id) {
  const ast::Expression& whole = file_[id];
  // The range takes parentheses in; what begins with an operand may begin with a parenthesis of its own.
  std::uint32_t inside = whole.range.end;
  if (const auto* pipe = std::get_if<ast::Pipe>(&whole.node)) inside = file_[pipe->value].range.begin;
  if (const auto* binary = std::get_if<ast::Binary>(&whole.node)) inside = file_[binary->left].range.begin;
  std::size_t parentheses = 0;
  while (tokens_[next_].kind == TokenKind::left_parenthesis && tokens_[next_].begin < inside) {
    token();
    add(Kind::open);
    add(Kind::soft);
    ++parentheses;
  }
  std::visit([this](const auto& inner) { node(inner); }, whole.node);
  for (; parentheses > 0; --parentheses) {
    add(Kind::soft_close);
    token();
    add(Kind::close);
  }
}

void Formatter::node(const ast::Call& call) {
  token();
  bracketed(call.arguments, Kind::line, [this](const ast::Argument& argument) {
    if (argument.keyword) {
      word();
      word();
    }
    expression(argument.value);
  });
}

void Formatter::node(const ast::List& list) {
  bracketed(list.items, Kind::fill, [this](ast::ExpressionId item) { expression(item); });
}

template <typename Step>
void Formatter::chain(ast::ExpressionId first, const std::vector<const Step*>& steps_from_last) {
  add(Kind::open);
  expression(first);
  for (auto step = steps_from_last.rbegin(); step != steps_from_last.rend(); ++step) {
    add(Kind::line);
    word();
    expression(right_side(**step));
  }
  add(Kind::close);
}

void Formatter::node(const ast::Pipe& last) {
  std::vector<const ast::Pipe*> steps = {&last};
  while (true) {
    const ast::ExpressionId value = steps.back()->value;
    const auto* before = std::get_if<ast::Pipe>(&file_[value].node);
    if (before == nullptr || grouped(value, before->value)) return chain(value, steps);
    steps.push_back(before);
  }
}

void Formatter::node(const ast::Unary& unary) {
  token();
  expression(unary.operand);
}

void Formatter::node(const ast::Binary& last) {
  if (last.op == ast::BinaryOperator::power) {
    expression(last.left);
    token();
    expression(last.right);
    return;
  }
  const int kind = chain_of(last.op);
  std::vector<const ast::Binary*> steps = {&last};
  while (true) {
    const ast::ExpressionId left = steps.back()->left;
    const auto* before = std::get_if<ast::Binary>(&file_[left].node);
    const bool same = before != nullptr && kind != 0 && chain_of(before->op) == kind;
    if (!same || grouped(left, before->left)) return chain(left, steps);
    steps.push_back(before);
  }
}

void Formatter::node(const ast::Conditional& conditional) {
  add(Kind::open);
  word();
  expression(conditional.condition);
  add(Kind::line);
  word();
  expression(conditional.then_value);
  add(Kind::line);
  word();
  expression(conditional.else_value);
  add(Kind::close);
}

// ---- statements ----

void Formatter::parameter_value(const ast::Parameter& parameter) {
  token();
  if (!parameter.default_value) return;
  add(Kind::space);
  word();
  expression(*parameter.default_value);
}

/// `variable`: a name that is no parameter stands first, as in an `activation`.
void Formatter::parameters(const std::vector<ast::Parameter>& list, bool variable) {
  std::vector<const ast::Parameter*> items;
  if (variable) items.push_back(nullptr);
  for (const ast::Parameter& parameter : list) items.push_back(&parameter);
  bracketed(items, Kind::line, [this](const ast::Parameter* parameter) {
    if (parameter == nullptr)
      token();
    else
      parameter_value(*parameter);
  });
}

/// A statement, or as much of it as stands before its `{`.
void Formatter::head(const ast::Statement& statement) {
  if (const auto* assignment = std::get_if<ast::Assignment>(&statement.node)) {
    word();
    word();
    expression(assignment->value);
    return;
  }
  word();
  if (const auto* output = std::get_if<ast::Output>(&statement.node)) {
    expression(output->value);
  } else if (const auto* repeat = std::get_if<ast::Repeat>(&statement.node)) {
    expression(repeat->count);
  } else if (const auto* input = std::get_if<ast::Input>(&statement.node)) {
    word();
    word();
    token();
    bracketed(input->sizes, Kind::line, [this](ast::ExpressionId size) { expression(size); });
  } else if (const auto* activation = std::get_if<ast::ActivationDefinition>(&statement.node)) {
    token();
    parameters(activation->parameters, true);
    add(Kind::space);
    word();
    expression(activation->value);
  } else if (const auto* block = std::get_if<ast::BlockDefinition>(&statement.node)) {
    token();
    parameters(block->parameters, false);
  } else {
    token();  // the path of an import
  }
}

/// All of a statement, for one line.
void Formatter::append_statement(const ast::Statement& statement) {
  head(statement);
  const Body body = body_of(statement);
  if (body.statements == nullptr) return;
  add(Kind::space);
  word();
  for (const ast::StatementId inner : *body.statements) append_statement(file_[inner]);
  if (body.result != nullptr) {
    word();
    expression(*body.result);
  }
  if (pieces_.back().kind != Kind::space) add(Kind::space);
  token();
}

bool Formatter::may_stand_on_one_line(const ast::Statement& statement) const {
  const Body body = body_of(statement);
  if (body.statements->size() + (body.result != nullptr ? 1 : 0) > 1) return false;
  // Far longer than a line: blanks alone do not make it so, and nested blocks are not tried again and again.
  const SourceRange& range = statement.range;
  if (range.end - range.begin > 4 * LayoutWriter::width) return false;
  return !writer_.spans_lines(range);
}

void Formatter::write_statement(const ast::Statement& statement, std::size_t indent) {
  writer_.start_statement(next_, indent);
  const Body body = body_of(statement);
  if (body.statements == nullptr) {
    head(statement);
    return write_pieces(indent);
  }
  if (may_stand_on_one_line(statement)) {
    const std::uint32_t start = next_;
    append_statement(statement);
    if (writer_.fits(pieces_, indent)) return write_pieces(indent);
    pieces_.clear();
    next_ = start;
  }
  head(statement);
  add(Kind::space);
  token();
  write_pieces(indent);
  const std::size_t inner_indent = indent + LayoutWriter::step;
  writer_.start_block();
  for (const ast::StatementId inner : *body.statements) write_statement(file_[inner], inner_indent);
  if (body.result != nullptr) {
    writer_.start_statement(next_, inner_indent);
    word();
    expression(*body.result);
    write_pieces(inner_indent);
  }
  writer_.end_block(next_, indent, inner_indent);
  token();
  write_pieces(indent);
}

void Formatter::write_network() {
  writer_.start_statement(next_, 0);
  word();
  token();
  if (tokens_[next_].kind == TokenKind::left_parenthesis) parameters(file_.parameters, false);
  write_pieces(0);
}

std::string Formatter::run() {
  if (!file_.language_version) writer_.add_line("language 1");
  auto statement = file_.statements.begin();
  while (tokens_[next_].kind != TokenKind::end_of_file) {
    switch (tokens_[next_].kind) {
      case TokenKind::keyword_network:
        write_network();
        break;
      case TokenKind::keyword_language:
        writer_.start_statement(next_, 0);
        word();
        token();
        write_pieces(0);
        break;
      case TokenKind::keyword_parametrization:
        writer_.start_statement(next_, 0);
        word();
        word();
        token();
        write_pieces(0);
        break;
      default:
        write_statement(file_[*statement++], 0);
    }
  }
  writer_.end_block(next_, 0, 0);
  return writer_.finish();
}

}  // namespace

std::string format(const ast::File& file, std::string_view text) { return Formatter(file, text).run(); }

}  // namespace ntkc::grammar
