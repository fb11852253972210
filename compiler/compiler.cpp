// The driver: runs the stages one after the other, stops where it is told to.
#include "ntkc/compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "compiler/activation_check.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/diagnostics/render.hpp"
#include "compiler/duals/rounding.hpp"
#include "compiler/elaborate_text.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/kernel_ir/function.hpp"
#include "compiler/latex/closed_forms.hpp"
#include "compiler/latex/latex.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "compiler/modules/modules.hpp"
#include "compiler/passes/pipeline.hpp"
#include "grammar/format.hpp"
#include "grammar/parser.hpp"

namespace ntkc {
namespace {

grammar::Limits grammar_limits(const SourceLimits& limits) {
  return {.file_bytes = limits.file_bytes,
          .nesting = std::min(limits.nesting, grammar::most_nesting),
          .integer = limits.integer};
}

/// One compilation: the sources, what is said of them, and the stages up to the kernel IR.
class Compilation {
 public:
  Compilation(std::string_view text, const CompileOptions& options, const std::string& file_name)
      : options_(options),
        limits_(grammar_limits(options.limits)),
        diagnostics_(WarningPolicy(options.warnings)) {
    if (options.per_layer && options.all_depths)
      throw std::invalid_argument("CompileOptions: per_layer and all_depths exclude each other");
    source_ = sources_.add(file_name, std::string(text));
  }

  std::optional<ast::File> parse() { return grammar::parse(sources_, source_, diagnostics_, limits_); }

  std::optional<std::string> format() {
    const std::optional<ast::File> file = grammar::parse_either(sources_, source_, diagnostics_, limits_);
    if (!file) return std::nullopt;
    std::string text = grammar::format(*file, sources_.file(source_).text());
    if (text.size() <= limits_.file_bytes) return text;
    // Deep blocks: it could not be read back.
    diagnostics_.report(
        {DiagnosticKind::file_too_large,
         {source_, 0, 0},
         fmt::format("the canonical layout has {} bytes, the limit is {}", text.size(), limits_.file_bytes)});
    return std::nullopt;
  }

  std::optional<modules::Modules> load() {
    const modules::Options options = {.include_directories = options_.include_directories,
                                      .import_depth = options_.limits.import_depth,
                                      .source = limits_};
    return modules::load(sources_, source_, diagnostics_, options);
  }

  std::optional<std::string> self_contained() {
    const std::optional<modules::Modules> network = load();
    if (!network) return std::nullopt;
    return modules::self_contained_text(*network, sources_);
  }

  /// The graph that the derivation takes.
  std::optional<layer_graph::LayerGraph> elaborate() {
    std::optional<layer_graph::LayerGraph> graph = elaborate_any();
    if (!graph || !layer_graph::check_derivable(*graph, diagnostics_)) return std::nullopt;
    return graph;
  }

  /// The graph, of networks too whose kernels are not derived yet.
  std::optional<layer_graph::LayerGraph> elaborate_any() {
    const std::optional<modules::Modules> network = load();
    std::vector<layer_graph::Definition> definitions;
    for (const auto& [name, value] : options_.definitions) {
      const std::uint32_t source = sources_.add("<-D " + name + ">", value);
      std::optional<ast::File> constant = grammar::parse_constant(sources_, source, diagnostics_, limits_);
      const SourceRange range = {source, 0, static_cast<std::uint32_t>(value.size())};
      if (constant) definitions.push_back({name, range, std::move(*constant)});
    }
    if (!network || diagnostics_.has_errors()) return std::nullopt;
    network_range_ = network->network().network.range;
    std::optional<layer_graph::LayerGraph> graph = layer_graph::elaborate(
        *network, definitions, diagnostics_,
        {.expanded_layers = options_.limits.expanded_layers,
         .written_out = options_.limits.written_out,
         .applied_blocks =
             static_cast<int>(std::min(options_.limits.applied_blocks, layer_graph::most_applied_blocks)),
         .list_numbers = options_.limits.list_numbers,
         .activation_parts = options_.limits.activation_parts,
         .summands = options_.limits.summands,
         .all_depths = options_.all_depths});
    if (graph && options_.all_depths && graph->depths.empty()) {
      report(DiagnosticKind::no_repeat,
             fmt::format("network `{}` has no `repeat` to take the depths of", graph->network),
             "write the layers that are alike as a `repeat` with at least one iteration");
      return std::nullopt;
    }
    if (graph) find_derivatives(*graph);
    if (diagnostics_.has_errors()) return std::nullopt;
    return graph;
  }

  std::optional<layer_graph::LayerGraph> elaborate_for_kernels() {
    std::optional<layer_graph::LayerGraph> graph = elaborate();
    if (graph) check_activations(*graph, options_.theta, diagnostics_);
    return graph;
  }

  /// The recursion for people to read, as LaTeX.
  std::optional<std::string> document() {
    const std::optional<kernel_ir::Program> optimized = optimize();
    if (!optimized) return std::nullopt;
    return latex::document(derivation::derive_sigma(*graph_), sources_.file(source_).text(),
                           expansions_of(*optimized));
  }

  /// The expansions of named functions, of each name the one that leaves out most.
  [[nodiscard]] std::map<std::string, latex::Expansion> expansions_of(
      const kernel_ir::Program& program) const {
    std::map<std::string, latex::Expansion> result;
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation != kernel_ir::Operation::hermite_series) continue;
      const auto name = program.function_names.find(node.operands[2]);
      if (name == program.function_names.end()) continue;
      latex::Expansion& expansion = result[name->second];
      if (node.value < expansion.remainder) continue;
      expansion = {node.terms.count, node.terms.parity, node.value,
                   pipeline_options().expansions.largest_input};
    }
    return result;
  }

  /// The derived program with the roots that are wanted.
  std::optional<kernel_ir::Program> derive() {
    graph_ = elaborate();
    if (!graph_) return std::nullopt;
    const std::optional<layer_graph::LayerGraph>& graph = graph_;
    input_channels_ = graph->nodes[graph->input].type.channels.value_or(1);
    for (const auto& node : graph->nodes) {
      if (const auto* activation = std::get_if<layer_graph::ActivationNode>(&node.node))
        activations_.emplace_back(activation->name, node.range);
    }
    if (options_.per_layer) layers_ = derivation::trainable_layers(*graph);
    kernel_ir::Program program = derivation::differentiate(derivation::derive_sigma(*graph), layers_.size());
    std::erase_if(program.roots, [this](const kernel_ir::Root& root) {
      return root.name == "Sigma" ? !options_.sigma : root.name == "Theta" && !options_.theta;
    });
    duals_ = program;
    if (derivatives_.empty()) return program;
    // As arithmetic with the parameters still symbolic.
    passes::ExpansionOptions expansions = pipeline_options().expansions;
    expansions.derivatives = derivatives_;
    program = passes::expand(passes::remove_dead(program), expansions);
    if (const std::optional<kernel_ir::NodeId> jumping = find_jump(program)) {
      const auto [name, range] = expanded_activation(program, *jumping);
      diagnostics_.report({DiagnosticKind::no_derivative,
                           range,
                           fmt::format("no derivatives: the dual of `{}`, or the one that Theta takes of its "
                                       "derivative, is an expansion of a function that jumps",
                                       name),
                           {},
                           "differentiate Sigma alone if the activation has only a kink, or use activations "
                           "with a closed form"});
      return std::nullopt;
    }
    for (const std::uint32_t parameter : derivatives_) program = passes::differentiate_by(program, parameter);
    return passes::simplify(passes::remove_dead(program), passes::Folding::exact);
  }

  /// A function that is expanded and jumps: the series of its dual cannot be differentiated term by term,
  /// unless it is the part of one that its closed form goes with.
  static std::optional<kernel_ir::NodeId> find_jump(const kernel_ir::Program& program) {
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation != kernel_ir::Operation::hermite_series || node.value == 0) continue;
      if (kernel_ir::Function(program, node.operands[2]).jumps(40)) return node.operands[2];
    }
    return std::nullopt;
  }

  /// Finds the parameters to differentiate by; reports those that there is no derivative by.
  void find_derivatives(const layer_graph::LayerGraph& graph) {
    derivatives_.clear();
    for (const std::string& name : options_.derivatives) {
      const auto found = std::ranges::find(graph.parameters, name, &layer_graph::NetworkParameter::name);
      const auto index = static_cast<std::uint32_t>(found - graph.parameters.begin());
      if (found == graph.parameters.end()) {
        report(DiagnosticKind::unknown_parameter,
               fmt::format("network `{}` has no parameter `{}` to differentiate by", graph.network, name),
               "name one of the parameters in its first line");
      } else if (found->integer) {
        report(DiagnosticKind::no_derivative, fmt::format("no derivative by `{}`, which is an integer", name),
               fmt::format("if it is meant as a real, give its value a point: `{} = {:.1f}`", name,
                           found->value));
      } else {
        derivatives_.push_back(index);
      }
    }
  }

  /// The text of a program, with what its duals are in comments behind the line of the input.
  [[nodiscard]] std::string with_names_of_duals(std::string text) const {
    const std::size_t input = text.find("\n  input ");
    const std::size_t end = input == std::string::npos ? input : text.find('\n', input + 1);
    if (end == std::string::npos) return text;
    std::string comments;
    for (const auto& [function, name] : duals_.function_names)
      comments += "\n  # " + name + ": " + latex::name_dual(duals_, function) + rounding_of(function);
    return text.insert(end, comments);
  }

  /// What rounding leaves of a closed form, where that is less than was asked; in f32 it always is.
  [[nodiscard]] std::string rounding_of(kernel_ir::NodeId phi) const {
    if (options_.precision == Precision::f32) return {};
    const auto loss = duals::RoundingLoss::find(duals_, phi, options_.theta);
    const double tolerance = pipeline_options().expansions.tolerance;
    return loss ? duals::describe(duals::find_loss_range(*loss, tolerance), tolerance) : "";
  }

  void report(DiagnosticKind kind, std::string message, std::string remedy) {
    diagnostics_.report({.kind = kind,
                         .range = network_range_,
                         .message = std::move(message),
                         .notes = {},
                         .remedy = std::move(remedy)});
  }

  std::optional<kernel_ir::Program> optimize() {
    std::optional<kernel_ir::Program> program = derive();
    if (!program) return std::nullopt;
    check_activations(*graph_, options_.theta, diagnostics_);
    if (diagnostics_.has_errors()) return std::nullopt;
    try {
      program = passes::run(std::move(*program), pipeline_options());
    } catch (const std::range_error&) {
      report_overflow(*graph_, network_range_, diagnostics_);
      return std::nullopt;
    }
    check_expansions(*program);
    return program;
  }

  /// Reports duals that are infinite, and expansions that fall short of the tolerance: the worst of each.
  void check_expansions(const kernel_ir::Program& program) {
    const double tolerance = pipeline_options().expansions.tolerance;
    std::optional<Diagnostic> worst;
    double remainder = tolerance;
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation != kernel_ir::Operation::hermite_series || node.value <= remainder) continue;
      const auto [name, range] = expanded_activation(program, node.operands[2]);
      if (std::isnan(node.value)) {
        diagnostics_.report(
            {DiagnosticKind::infinite_dual,
             range,
             fmt::format("`{}` or a derivative of it is not finite over inputs with |x|^2/d up to {:.3g}",
                         name, options_.largest_input),
             {},
             "scale the inputs down (`--preprocess`), or W_std; Sigma asks nothing of the derivative"});
        return;
      }
      remainder = node.value;
      worst = Diagnostic{
          DiagnosticKind::inexact_dual,
          range,
          fmt::format(
              "the dual of `{}` has no closed form, and its expansion leaves out up to {:.1e} of a kernel "
              "entry where {:.0e} was asked",
              name, remainder, tolerance),
          {},
          "without kinks and jumps an activation converges fast"};
    }
    if (worst) diagnostics_.report(std::move(*worst));
  }

  /// Name and place of the activation that is expanded; of the first one where the function, a derivative,
  /// has no name.
  [[nodiscard]] std::pair<std::string, SourceRange> expanded_activation(const kernel_ir::Program& program,
                                                                        kernel_ir::NodeId function) const {
    const auto named = program.function_names.find(function);
    for (const auto& activation : activations_) {
      if (named != program.function_names.end() && activation.first == named->second) return activation;
    }
    return activations_.empty() ? std::pair{std::string("activation"), SourceRange{source_, 0, 0}}
                                : activations_.front();
  }

  /// The result of a stage. Throws if there is none, or if a warning counts as an error; else the warnings go
  /// to who asked for them.
  template <typename T>
  T require(std::optional<T> value) {
    if (!value || diagnostics_.has_errors()) throw CompileError(rendered());
    if (options_.on_warning)
      for (const RenderedDiagnostic& warning : rendered()) options_.on_warning(warning);
    return std::move(*value);
  }

  [[nodiscard]] std::vector<RenderedDiagnostic> rendered() const { return render(diagnostics_, sources_); }

  [[nodiscard]] passes::PipelineOptions pipeline_options() const {
    const bool single = options_.precision == Precision::f32;
    // In f32 more would be lost in the arithmetic.
    const double least = single ? 1e-8 : 0;
    return {.disabled = options_.disabled_passes,
            .expansions = {.tolerance = std::max(options_.tolerance, least),
                           .largest_input = options_.largest_input,
                           .unit_roundoff = single ? duals::single_roundoff : duals::double_roundoff}};
  }

  [[nodiscard]] std::int64_t input_channels() const { return input_channels_; }
  /// Gives the planes of stacks the names of the layers.
  void name_planes(std::vector<KernelStack>& stacks) const {
    for (KernelStack& stack : stacks) {
      if (stack.name == "Theta_by_layer") stack.planes = layers_;
    }
  }
  [[nodiscard]] jit::JitOptions jit_options() const {
    return {.f32 = options_.precision == Precision::f32, .lanes = options_.lanes};
  }

 private:
  const CompileOptions& options_;
  grammar::Limits limits_;
  SourceManager sources_;
  std::uint32_t source_ = 0;
  DiagnosticList diagnostics_;
  std::int64_t input_channels_ = 1;
  std::vector<std::pair<std::string, SourceRange>> activations_;  ///< of the network, in order
  SourceRange network_range_;
  kernel_ir::Program duals_;                      ///< as derived, its functions by name
  std::optional<layer_graph::LayerGraph> graph_;  ///< of what was derived last
  std::vector<std::uint32_t> derivatives_;        // parameters to differentiate by
  std::vector<std::string> layers_;               // those whose contributions are wanted
};

/// At most one byte more than a source file may have: grammar::parse refuses it then.
std::string read_source(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  std::string text(limit + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    throw CompileError({render_for_file(DiagnosticKind::unreadable_file, path, "the file cannot be read")});
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

CompileError::CompileError(std::vector<RenderedDiagnostic> diagnostics)
    : std::runtime_error(text_of(diagnostics)), diagnostics_(std::move(diagnostics)) {}

KernelFunctions compile(std::string_view arch_text, const CompileOptions& options,
                        const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  const kernel_ir::Program program = compilation.require(compilation.optimize());
  KernelFunctions kernel = jit::compile(program, compilation.jit_options());
  kernel.name = program.name;
  compilation.name_planes(kernel.stacks);
  kernel.input_shape = {compilation.input_channels()};
  kernel.tolerance = compilation.pipeline_options().expansions.tolerance;
  return kernel;
}

layer_graph::LayerGraph elaborate_text(std::string_view arch_text, const CompileOptions& options,
                                       const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  return compilation.require(compilation.elaborate());
}

layer_graph::LayerGraph elaborate_for_kernels(std::string_view arch_text, const CompileOptions& options,
                                              const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  return compilation.require(compilation.elaborate_for_kernels());
}

KernelFunctions compile_file(const std::string& path, const CompileOptions& options) {
  return compile(read_source(path, options.limits.file_bytes), options, path);
}

std::vector<RenderedDiagnostic> check(std::string_view arch_text, const CompileOptions& options,
                                      const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  static_cast<void>(compilation.optimize());
  return compilation.rendered();
}

std::string self_contained(std::string_view arch_text, const CompileOptions& options,
                           const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  return compilation.require(compilation.self_contained());
}

std::string format_text(std::string_view arch_text, const CompileOptions& options,
                        const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  return compilation.require(compilation.format());
}

std::string show(std::string_view arch_text, Stage stage, const CompileOptions& options,
                 const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  switch (stage) {
    case Stage::ast:
      return ast::print(compilation.require(compilation.parse()));
    case Stage::graph:
      return layer_graph::print(compilation.require(compilation.elaborate_any()));
    case Stage::graph_dot:
      return layer_graph::print_dot(compilation.require(compilation.elaborate_any()));
    case Stage::kernel:
      return compilation.with_names_of_duals(kernel_ir::print(compilation.require(compilation.derive())));
    case Stage::kernel_opt:
      return compilation.with_names_of_duals(kernel_ir::print(compilation.require(compilation.optimize())));
    case Stage::latex:
      return compilation.require(compilation.document());
    case Stage::llvm:
      return jit::llvm_text(compilation.require(compilation.optimize()), compilation.jit_options());
    case Stage::assembly:
      return jit::assembly_text(compilation.require(compilation.optimize()), compilation.jit_options());
  }
  return {};
}

std::string version_text() {
  return fmt::format("ntkc {}, LLVM {}, {}", NTKC_VERSION, jit::llvm_version(), jit::describe(jit::host()));
}

}  // namespace ntkc
