#include "compiler/passes/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace ntkc::passes {

namespace {

/// Makes a pass of a function that takes no options.
template <kernel_ir::Program (*pass)(const kernel_ir::Program&)>
kernel_ir::Program plain(const kernel_ir::Program& program, const ExpansionOptions& /*options*/,
                         std::vector<duals::Use>& /*duals*/) {
  return pass(program);
}

template <Folding folding>
kernel_ir::Program simplifying(const kernel_ir::Program& program, const ExpansionOptions& /*options*/,
                               std::vector<duals::Use>& /*duals*/) {
  return simplify(program, folding);
}

kernel_ir::Program expanding(const kernel_ir::Program& program, const ExpansionOptions& options,
                             std::vector<duals::Use>& duals) {
  Expanded result = expand_stating(program, options);
  duals = std::move(result.duals);
  return std::move(result.program);
}

/// Throws for a constant that has no finite value. Operations on literals that `simplify` leaves are such.
void require_finite(const kernel_ir::Program& program) {
  std::vector<double> operands;
  for (const kernel_ir::Node& node : program.nodes()) {
    if (node.dependence != kernel_ir::Dependence::constant) continue;
    operands.clear();
    for (const kernel_ir::NodeId operand : node.operands) {
      if (program[operand].operation == kernel_ir::Operation::literal)
        operands.push_back(program.literal_value(program[operand]));
    }
    if (operands.size() < node.operands.size()) continue;
    const bool is_literal = node.operation == kernel_ir::Operation::literal;
    if (!is_literal && !kernel_ir::has_value(node.operation)) continue;
    if (!std::isfinite(is_literal ? program.literal_value(node)
                                  : kernel_ir::evaluate(node.operation, operands)))
      throw std::range_error("a constant of the kernel is beyond the range of double precision");
  }
}

}  // namespace

const std::vector<Pass>& pipeline() {
  static const std::vector<Pass> passes = {
      // Parameters become literals first: signs and zeros of slopes and biases decide the ranges below.
      {"bind-parameters", "replace network parameters by their values", plain<bind_parameters>, true},
      // The closed forms see constants as they are written: (1/√2)² is 1/2 unless it has been rounded.
      {"simplify", "simplify as a person would by hand, constants where that rounds nothing",
       simplifying<Folding::exact>, false},
      // Before `expand`, which writes out what is left.
      {"narrow", "of pairs of positions compute those that are needed: the equal ones, or all", plain<narrow>,
       false},
      // Before `expand`, so that the loop body is written out for the ranges that hold from the second
      // iteration on.
      {"peel", "take leading iterations out of loops while their correlations have a wider range",
       plain<peel>, false},
      {"expand", "write covariances out as arithmetic on reals, complements included", expanding, true},
      {"simplify-reals", "simplify as a person would by hand, constants folded", simplifying<Folding::all>,
       false},
      {"remove-dead", "drop what no root needs, carried values of loops included", plain<remove_dead>, false},
  };
  return passes;
}

Expanded run_stating(kernel_ir::Program program, const PipelineOptions& options) {
  std::vector<duals::Use> duals;
  for (const std::string& name : options.disabled) {
    const auto pass = std::ranges::find(pipeline(), name, &Pass::name);
    if (pass == pipeline().end()) throw std::invalid_argument("no pass is called `" + name + "`");
    if (pass->required) throw std::invalid_argument("pass `" + name + "` cannot be switched off");
  }
  for (const Pass& pass : pipeline()) {
    if (std::ranges::find(options.disabled, pass.name) != options.disabled.end()) continue;
    kernel_ir::Program result = pass.run(program, options.expansions, duals);
    require_finite(result);
    if (const std::string violation = kernel_ir::verify(result); !violation.empty()) {
      throw std::logic_error("pass `" + std::string(pass.name) + "` left an invalid program: " + violation);
    }
    const bool changed = result.nodes() != program.nodes();
    program = std::move(result);
    if (changed && options.observe) options.observe(pass, program);
  }
  return {std::move(program), std::move(duals)};
}

kernel_ir::Program run(kernel_ir::Program program, const PipelineOptions& options) {
  return run_stating(std::move(program), options).program;
}

}  // namespace ntkc::passes
