// Builds the AST bottom up while the grammar recognises: a stack machine that the grammar's actions drive.
//
// The grammar looks one token ahead and never takes back what it has pushed, except after a mistake: then
// `restore` drops everything pushed since the statement began.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "grammar/ast.hpp"
#include "grammar/token.hpp"

namespace ntkc::grammar {

class AstBuilder {
 public:
  AstBuilder(std::string_view text, std::uint32_t source) : text_(text) { file_.source = source; }

  // Expressions. A marked token is an operator, an `if`, a `(` or the first word of a statement; the action
  // that makes the node takes it back.
  void mark(const Token& token) { marks_.push_back(&token); }
  void literal(const Token& token);
  void group(const Token& closing);
  void pipe();
  void unary();
  void binary();
  void conditional();

  // Calls, lists and the sizes of an input: `open_sequence`, then for each item `keyword` if it has one and
  // `item`.
  void open_sequence(const Token& first) { sequences_.push_back({&first, nullptr, {}}); }
  void keyword(const Token& name) { sequences_.back().keyword = &name; }
  void item();
  void call(const Token& closing);
  void list(const Token& closing);

  // Parameters, of the network, a `def` or an `activation`: what comes after its name takes those read last.
  void open_parameters() { parameters_.clear(); }
  void parameter(const Token& name) { parameters_.push_back({identifier(name), std::nullopt}); }
  void default_value() { parameters_.back().default_value = pop_value(); }

  // Head of the file
  void language(std::int32_t version) { file_.language_version = version; }
  void network(const Token& name) { file_.network = identifier(name); }
  void network_parameters() { file_.parameters = std::move(parameters_); }
  void parametrization(const Token& name) { file_.parametrization = identifier(name); }

  // Statements
  void input(const Token& closing);
  void assignment();
  void open_block() { blocks_.emplace_back(); }
  void open_definition();
  void repeat(const Token& closing);
  void block_definition(const Token& closing);
  void result();
  void activation_definition();
  void import(const Token& path);
  void output();

  /// The heights of the stacks, to come back to after a mistake.
  struct Heights {
    std::size_t values = 0, marks = 0, sequences = 0, blocks = 0;
  };
  [[nodiscard]] Heights heights() const {
    return {values_.size(), marks_.size(), sequences_.size(), blocks_.size()};
  }
  void restore(const Heights& heights);

  /// The finished file; the builder is empty afterwards.
  ast::File finish();

 private:
  struct Sequence {
    const Token* first;
    const Token* keyword;
    std::vector<ast::Argument> items;
  };
  /// The file, or what stands between braces.
  struct Block {
    std::vector<ast::StatementId> statements = {};
    std::vector<ast::Parameter> parameters = {};  ///< of a `def`
    ast::ExpressionId result = {};                ///< of a `def`
  };

  [[nodiscard]] SourceRange range(std::uint32_t begin, std::uint32_t end) const {
    return {file_.source, begin, end};
  }
  [[nodiscard]] std::string_view spelling(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  [[nodiscard]] ast::Identifier identifier(const Token& token) const {
    return {std::string(spelling(token)), range(token.begin, token.end)};
  }
  template <typename Node>
  void push(SourceRange where, Node node) {
    values_.push_back({static_cast<std::uint32_t>(file_.expression_arena.size())});
    file_.expression_arena.push_back({where, std::move(node)});
  }
  ast::ExpressionId pop_value();
  const Token& pop_mark();
  Sequence pop_sequence();
  Block pop_block();
  [[nodiscard]] const SourceRange& range_of_value(ast::ExpressionId id) const { return file_[id].range; }
  template <typename Node>
  void add_statement(SourceRange where, Node node) {
    blocks_.back().statements.push_back({static_cast<std::uint32_t>(file_.statement_arena.size())});
    ast::Statement& statement = file_.statement_arena.emplace_back();
    statement.range = where;
    statement.node = std::move(node);
  }

  std::string_view text_;
  ast::File file_;
  std::vector<ast::ExpressionId> values_;
  std::vector<const Token*> marks_;
  std::vector<Sequence> sequences_;
  std::vector<ast::Parameter> parameters_;
  std::vector<Block> blocks_{1};  ///< the file, then the blocks that are open
};

}  // namespace ntkc::grammar
