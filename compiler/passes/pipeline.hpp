// The passes over kernel IR, in order.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/duals/options.hpp"
#include "compiler/duals/statement.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

using duals::ExpansionOptions;

struct Pass {
  std::string_view name;
  std::string_view purpose;
  /// Adds to what is said of duals if it decides any.
  kernel_ir::Program (*run)(const kernel_ir::Program&, const ExpansionOptions&, std::vector<duals::Use>&);
  bool required;  ///< code generation needs it; the others may be switched off and the result stays right
};

/// The ordered list; compiler/passes/pipeline.cpp.
const std::vector<Pass>& pipeline();

struct PipelineOptions {
  std::vector<std::string> disabled = {};  ///< names of passes that are not required, to leave out
  /// Called after each pass that changed something. May be empty.
  std::function<void(const Pass&, const kernel_ir::Program&)> observe = {};
  ExpansionOptions expansions = {};
};

/// Arithmetic on reals, and what is said of the duals in it.
struct Expanded {
  kernel_ir::Program program;
  std::vector<duals::Use> duals = {};
};

/// Runs all passes, verifying after each. Throws std::invalid_argument for an unknown or required name in
/// `disabled`, std::range_error if a constant overflows, std::logic_error if a pass leaves an invalid program
/// (a bug of ntkc's).
Expanded run_stating(kernel_ir::Program program, const PipelineOptions& options = {});
kernel_ir::Program run(kernel_ir::Program program, const PipelineOptions& options = {});

/// Adds the derivatives of the roots "Sigma" and "Theta" by a parameter, "dSigma_d" and "dTheta_d" with its
/// name. Precondition: the program is expanded, for derivatives by the parameter, and its parameters are not
/// bound.
kernel_ir::Program differentiate_by(const kernel_ir::Program& program, std::uint32_t parameter);

// The passes themselves, for tests.
kernel_ir::Program bind_parameters(const kernel_ir::Program& program);
enum class Folding : std::uint8_t { exact, all };  ///< of constants: what rounds nothing, or all
kernel_ir::Program simplify(const kernel_ir::Program& program, Folding folding = Folding::all);
kernel_ir::Program narrow(const kernel_ir::Program& program);
kernel_ir::Program peel(const kernel_ir::Program& program);
Expanded expand_stating(const kernel_ir::Program& program, const ExpansionOptions& options = {});
kernel_ir::Program expand(const kernel_ir::Program& program, const ExpansionOptions& options = {});
kernel_ir::Program remove_dead(const kernel_ir::Program& program);

}  // namespace ntkc::passes
