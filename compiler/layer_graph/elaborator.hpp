// The state of the elaborator and its functions, which stand in the files that the comments name.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/layer_graph/branches.hpp"
#include "compiler/layer_graph/constant.hpp"
#include "compiler/layer_graph/diagnostic_buffer.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/linear_form.hpp"
#include "compiler/layer_graph/names.hpp"
#include "compiler/layer_graph/scope.hpp"
#include "compiler/modules/modules.hpp"

namespace ntkc::layer_graph {

/// How deeply expressions, repeats and applications of blocks may be nested. This is above the parser's limit
/// on nesting, and far below what the stack takes.
constexpr int deepest = 1000;

class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) { ++depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  ~Depth() { --depth_; }

 private:
  int& depth_;
};

/// The value of an expression. A sum becomes a node only when its last summand has been read.
using Value = std::variant<Erroneous, ConstantValue, NodeId, LinearForm>;

inline bool is_network_value(const Value& value) {
  return std::holds_alternative<NodeId>(value) || std::holds_alternative<LinearForm>(value);
}

/// A value, and where the expression stands that it is the value of.
struct Operand {
  Value value;
  SourceRange range;
};

class Elaborator {
 public:
  Elaborator(const modules::Modules& modules, const std::vector<Definition>& definitions,
             DiagnosticBuffer& diagnostics, const ElaborationLimits& limits, const PeeledRepeats& peeled);

  /// The whole graph, or what could be made of it if errors were reported.
  LayerGraph run();
  /// After `run`: the repeats whose first iteration should be written out, because that may take back what
  /// was reported.
  [[nodiscard]] const std::set<RepeatPlace>& to_peel() const { return to_peel_; }

 private:
  // Statements (statements.cpp)
  void check_structure();
  void read_parametrization();
  void check_definitions();
  void bind_parameters();
  void bind_parameter(const ast::Parameter& parameter);
  /// Reports and returns false if `name` is a name of the language.
  bool check_not_reserved(const ast::Identifier& name);
  /// Reports and returns false if `name` may not be bound here.
  bool may_bind(const ast::Identifier& name, Binding::Role role);
  void elaborate_statements(const std::vector<ast::StatementId>& statements);
  void elaborate_input(const ast::Input& input, SourceRange range);
  /// The type of an input: `vector(channels)`, `sequence(length, channels)`, `image(h, w, channels)`.
  std::optional<ValueType> input_type(const ast::Input& input);
  std::optional<std::int64_t> input_size(ast::ExpressionId size);
  void elaborate_assignment(const ast::Assignment& assignment);
  void elaborate_output(const ast::Output& output);

  // Definitions (definitions.cpp)
  /// A block or an activation, with the names that it uses as they were bound where it stands.
  struct Callable {
    const ast::File* file;
    const ast::Statement* definition;
    std::vector<std::pair<std::string, Binding>> captures;
    bool is_faulty;  ///< whether it has a mistake, which has been reported
  };
  /// A parameter, or the variable of an activation, which comes first.
  struct Formal {
    const ast::Identifier* name;
    std::optional<ast::ExpressionId> default_value;
  };
  /// "block", "activation"
  static std::string_view noun(const ast::Statement& definition);
  /// "a block", "an activation"
  static std::string with_article(std::string_view noun);
  /// The name that a statement defines, or nothing if it is no definition.
  static const ast::Identifier* defined_name(const ast::Statement& statement);
  static std::vector<Formal> formals(const ast::Statement& definition);
  void elaborate_libraries();
  /// Begins to read the file of `module_`, with no names in scope.
  void enter_module();
  void elaborate_import(const ast::Import& import);
  void elaborate_definition(const ast::Statement& statement);
  void check_formals(const ast::Statement& definition);
  /// Keeps the bindings of the names that the definition uses, and reports those that are bound to nothing.
  void capture(Callable& callable);
  /// Reports a definition that applies itself, by way of `use`.
  bool is_recursive(const Callable& callable, const NameUse& use);

  // Applications of definitions (blocks.cpp)
  Value apply_callable(CallableId callable, const ast::Identifier& callee, std::optional<Operand> piped,
                       const std::vector<ast::Argument>& arguments, SourceRange range);
  /// The arguments in the order of the definition's parameters, erroneous where the default is to be taken.
  /// Returns nothing if one is wrong.
  std::optional<std::vector<Operand>> bind_arguments(const Callable& callable, const ast::Identifier& callee,
                                                     std::optional<Operand> piped,
                                                     const std::vector<ast::Argument>& arguments);
  /// What has to be put back after an application.
  struct Inside {
    Scope scope;
    const ast::File* file;
    bool is_application;
  };
  /// `callee` is nothing if the definition is only looked at.
  Inside enter(const Callable& callable, const ast::Identifier* callee);
  void leave(Inside outside);
  void bind_formals(const Callable& callable, std::vector<Operand> given);
  Value apply_block(const Callable& callable, const ast::Identifier& callee, std::vector<Operand> given);
  Value apply_defined_activation(const Callable& callable, const ast::Identifier& callee,
                                 std::vector<Operand> given, SourceRange range);
  /// Adds a parameter as it will be printed.
  void append_parameter(ActivationNode& node, const std::string& name, const ConstantValue& constant);
  /// The value of φ(z), given what stands for z and for the parameters, which are noted in `node`.
  Value evaluate_activation(const Callable& callable, const ast::Identifier* callee,
                            std::vector<Operand> given, ActivationNode& node);
  /// Checks an activation where it is defined, if all its parameters have defaults.
  void check_activation(CallableId callable);
  /// Whether the function can be an activation. If not, that is reported once.
  bool judge(ScalarId function, const ast::ActivationDefinition& definition);
  /// Reports that more is written out than is allowed, `more` being "1000 statements", say.
  Erroneous fail_written_out(SourceRange range, const std::string& more);

  // Loops (repeat.cpp)
  struct Carried {
    std::string name;
    Binding before;
  };
  struct Checkpoint {
    std::size_t nodes;
    std::size_t regions;
    std::size_t region_nodes;
    std::int64_t expanded_layers;
  };
  void elaborate_repeat(const ast::Repeat& repeat, SourceRange range);
  void elaborate_iterations(const ast::Repeat& repeat, std::int64_t count, SourceRange range);
  std::optional<std::int64_t> trip_count(const ast::Repeat& repeat);
  bool check_trip_count(const ast::Repeat& repeat, std::int64_t count);
  std::vector<Carried> carried_names(const std::vector<ast::StatementId>& body) const;
  /// Elaborates the body once and returns the values that the names `carried` have after it. Other names that
  /// it binds are forgotten.
  std::vector<Binding> elaborate_body(const ast::Repeat& repeat, const std::vector<Carried>& carried);
  void write_out_once(const ast::Repeat& repeat, const std::vector<Carried>& carried);
  /// Makes one LoopNode for `count` iterations. If a carried value changes its type in an iteration, that is
  /// returned as a diagnostic and nothing has changed. If mistakes were found, the carried values are
  /// erroneous afterwards.
  std::optional<Diagnostic> elaborate_loop(const ast::Repeat& repeat, const std::vector<Carried>& carried,
                                           std::int64_t count, SourceRange range);
  /// If that is asked for and `repeat` is the last one at the top: elaborates in the current region what
  /// follows the loop, applied to the values that `carried` have after an iteration. The output is noted in
  /// LayerGraph::depths.
  void elaborate_depth(const ast::Repeat& repeat, const std::vector<Carried>& carried,
                       const std::vector<Binding>& after);
  std::optional<Diagnostic> instability(const Carried& carried, const Binding& after) const;
  void poison(const std::vector<Carried>& carried);
  [[nodiscard]] Checkpoint checkpoint() const;
  void roll_back(const Checkpoint& checkpoint);

  // Expressions (expressions.cpp)
  Value evaluate(ast::ExpressionId id);
  Value evaluate_leaf(ast::ExpressionId id);
  Value evaluate_name(const ast::Name& name, SourceRange range);
  Erroneous unknown_name(const std::string& name, SourceRange range);
  /// Where the file that is read binds a name that is not in scope, if it does so anywhere.
  [[nodiscard]] std::optional<SourceRange> binding_elsewhere(const std::string& name) const;
  Value evaluate_negation(const ast::Unary& unary);
  std::optional<bool> evaluate_condition(ast::ExpressionId id);
  Value combine(const ast::Binary& binary, const Operand& left, const Operand& right);
  Value combine_values(const ast::Binary& binary, const Operand& left, const Operand& right);
  Value unwrap(const ConstantResult& result, SourceRange range);
  std::string describe(const Value& value) const;
  const ast::Expression& expression(ast::ExpressionId id) const { return (*expressions_)[id]; }

  // Lists (lists.cpp)
  Value evaluate_list(const ast::List& list, SourceRange range);
  /// Reports and returns false if `item`, at place `index` of `list`, is neither a number nor a row of a
  /// matrix like the items before it.
  bool check_item(const ast::List& list, std::size_t index, const Value& item, const ConstantValue* first);
  /// Reads a list or a matrix where one is wanted.
  std::optional<ArgumentValue> read_list(const BuiltinParameter& parameter, const ConstantValue& value,
                                         ast::ExpressionId id);
  /// Reads a list whose numbers are given one by one, as arguments by position.
  std::optional<ArgumentValue> read_numbers(const BuiltinParameter& parameter,
                                            const std::vector<ast::ExpressionId>& values);
  bool check_length(const BuiltinParameter& parameter, std::size_t length, SourceRange range);

  // Sums (layers/sum.cpp)
  Value add(const ast::Binary& binary, const Operand& left, const Operand& right);
  Value scale(const Operand& value, ScalarOperation operation, const Operand& factor, SourceRange op_range);
  Erroneous bad_coefficient(double value, SourceRange range);
  bool check_shapes(std::string_view branches, const LinearForm& left, const LinearForm& right,
                    SourceRange op_range);
  LinearForm linear_form(const Operand& operand);
  NodeId make_sum(LinearForm form, SourceRange range);
  ValueType type_of(const LinearForm& form) const;

  // Products (layers/product.cpp)
  Value multiply(const ast::Binary& binary, const Operand& left, const Operand& right);

  // `concat` (layers/concat.cpp)
  Value apply_concat(const ast::Identifier& callee, std::optional<Operand> piped,
                     const std::vector<ast::Argument>& arguments, SourceRange range);
  /// Sets the axis of the concat; reports and returns false if values of this type have no such axis.
  bool read_axis(const ArgumentValue& value, const ValueType& type, SourceRange range, ConcatNode& concat);
  Value concat_channels(ConcatNode concat, const std::vector<Operand>& operands, SourceRange range);
  Value concat_positions(ConcatNode concat, const std::vector<Operand>& operands, SourceRange range);

  // Where values come from, for messages (origins.cpp)
  enum class Dimension : std::uint8_t { positions, channels };
  /// The node that a value has its positions or its channels from, found by going back through the nodes that
  /// keep them.
  [[nodiscard]] NodeId shape_origin(NodeId id, Dimension dimension) const;
  /// "the shape of `sequence(8, 3)` comes from here"
  [[nodiscard]] Note shape_note(NodeId id, Dimension dimension) const;
  void report_non_gaussian(const ast::Identifier& callee, NodeId operand);
  /// For the result of a loop, what it is in the body; for a value that a loop carries, its initial value.
  [[nodiscard]] std::optional<NodeId> carried_from(NodeId id) const;

  // Applications (applications.cpp)
  Value apply(const ast::Identifier& callee, std::optional<Operand> piped,
              const std::vector<ast::Argument>& arguments, SourceRange range);
  Value apply_builtin(const BuiltinInfo& builtin, const ast::Identifier& callee, std::optional<Operand> piped,
                      const std::vector<ast::Argument>& arguments, SourceRange range);
  /// Refuses arguments of a layer with weights that have no effect or contradict one another, and biases where
  /// the parametrization has none.
  bool check_weight_arguments(const BuiltinInfo& builtin, const std::vector<ast::Argument>& arguments,
                              const std::vector<ArgumentValue>& values);
  Value unknown_callee(const ast::Identifier& callee);
  /// The value that is applied to: the piped one, or the first argument if that is given by position.
  std::optional<Operand> take_operand(std::optional<Operand> piped,
                                      const std::vector<ast::Argument>& arguments, std::size_t& used);
  std::optional<std::vector<ArgumentValue>> read_arguments(const BuiltinInfo& builtin,
                                                           const ast::Identifier& callee,
                                                           const std::vector<ast::Argument>& arguments,
                                                           std::size_t first);
  const BuiltinParameter* find_parameter(const BuiltinInfo& builtin, const ast::Argument& argument,
                                         std::size_t position);
  std::optional<ArgumentValue> read_argument(const BuiltinParameter& parameter, ast::ExpressionId value);
  /// The choice that the expression names, if it is one of the names that the parameter may be, or a list of such
  /// where several may be. Otherwise nothing, and nothing is reported.
  std::optional<ArgumentValue> read_choice(const BuiltinParameter& parameter, ast::ExpressionId id);
  std::optional<ChoiceArgument> choice_of(const BuiltinParameter& parameter, ast::ExpressionId id);
  /// Reports and returns true if the parameter may be one of some names and the expression is another name,
  /// one that is bound to nothing.
  bool is_unknown_choice(const BuiltinParameter& parameter, ast::ExpressionId id);
  /// Reads a value of the parameter's type, or one number of its list, which is the value of the expression
  /// `id`.
  std::optional<ArgumentValue> read_single(const BuiltinParameter& parameter, const ConstantValue& value,
                                           ast::ExpressionId id);
  bool check_domain(const BuiltinParameter& parameter, const ConstantValue& constant,
                    ast::ExpressionId value);
  ArgumentValue default_argument(const BuiltinParameter& parameter);
  Value make_layer(const BuiltinInfo& builtin, const ast::Identifier& callee, const Operand& operand,
                   const std::vector<ast::Argument>& given, std::vector<ArgumentValue> arguments,
                   SourceRange range);
  /// Whether a layer can be applied to a value, whatever its shape. If not, that is reported.
  bool check_operand(const LayerTraits& layer, const ast::Identifier& callee, NodeId operand);
  void report_unknown_width(const ast::Identifier& callee, NodeId operand);
  /// Reports and returns false if a value has too many numbers.
  bool check_size(const ValueType& type, SourceRange range);
  /// Counts a layer towards the limit; reports and returns false if that is exceeded.
  bool count_layer(const ast::Identifier& callee);

  // Activations (activations.cpp)
  using NamedConstant = std::pair<std::string, ConstantValue>;
  /// The arguments with the names that the definition has for them.
  std::vector<NamedConstant> named_arguments(const BuiltinInfo& activation,
                                             const std::vector<ArgumentValue>& arguments);
  /// The value of φ(z), which is a number if z is one, and a function if z is the variable. Mistakes are
  /// reported at `range`.
  Value evaluate_definition(const BuiltinInfo& activation, const ConstantValue& z,
                            const std::vector<ArgumentValue>& arguments, SourceRange range);
  Value apply_activation(const BuiltinInfo& activation, const ast::Identifier& callee, const Operand& operand,
                         const std::vector<ArgumentValue>& arguments, SourceRange range);
  Value apply_elementary(const ElementaryFunction& function, const ast::Identifier& callee,
                         std::optional<Operand> piped, const std::vector<ast::Argument>& arguments);

  // Activations as layers (layers/activation.cpp)
  Value make_activation(ActivationNode activation, const ast::Identifier& callee, const Operand& operand,
                        SourceRange range);

  // The graph (elaborate.cpp)
  NodeId add_node(decltype(Node::node) node, ValueType type, std::string name, SourceRange range);
  /// The node of a network value, or nothing for other values.
  std::optional<NodeId> node_of(const Value& value, SourceRange range);
  template <typename... Arguments>
  Erroneous fail(Arguments&&... arguments) {
    diagnostics_.report(std::forward<Arguments>(arguments)...);
    return {};
  }

  const modules::Modules& modules_;
  const ast::File& file_;  ///< the network
  const std::vector<Definition>& definitions_;
  DiagnosticBuffer& diagnostics_;
  const ElaborationLimits limits_;

  LayerGraph graph_;
  ScalarTable scalars_;
  BranchSources branch_sources_;
  const PeeledRepeats& peeled_;  ///< found in attempts before this one
  std::set<RepeatPlace> to_peel_;
  Scope scope_;
  const ast::File* expressions_;  ///< the file that is read: a module, or that of a definition
  std::uint32_t module_ = 0;      ///< the one being elaborated
  std::size_t next_import_ = 0;   ///< of that module
  std::vector<std::vector<std::pair<std::string, Binding>>> exports_;        ///< by module
  std::unordered_map<std::string, const ast::Statement*> definitions_here_;  ///< all of the module
  std::vector<Callable> callables_;
  std::unordered_map<ScalarId, bool> judged_;  ///< functions that were looked at
  std::size_t judged_parts_ = 0;               ///< what they are made of
  int application_depth_ = 0;
  bool in_builtin_ = false;        ///< whether that is the definition of a built-in
  int depth_ = 0;                  ///< of the expression being read
  int open_repeats_ = 0;           ///< being elaborated, one in the other
  RegionId region_ = 0;            ///< where nodes are put
  BlockId block_ = 0;              ///< the application that they belong to
  std::int64_t multiplicity_ = 1;  ///< how often the current region runs
  std::int64_t expanded_layers_ = 0;
  std::int64_t written_out_ = 0;  ///< statements of bodies and applications of blocks so far, undone ones too
  std::int64_t most_written_out_ = 0;
  std::int64_t evaluated_ = 0;  ///< parts of expressions so far
  bool stopped_ = false;        ///< a limit was exceeded
  bool has_output_ = false;
};

}  // namespace ntkc::layer_graph
