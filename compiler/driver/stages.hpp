// The stages of a compilation up to the optimized kernel program, each a function from the value of the one
// before. What is wrong goes to the diagnostics of the compilation; a stage that found an error returns
// nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/driver/compilation.hpp"
#include "compiler/duals/statement.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/modules/modules.hpp"
#include "grammar/ast.hpp"

namespace ntkc::driver {

/// The network and the files that it imports, with the parameters that are set from outside (`-D`).
struct Sources {
  modules::Modules modules;
  std::vector<layer_graph::Definition> definitions;
};

/// The layer graph, with positions or without.
struct Network {
  Sources sources;
  layer_graph::LayerGraph graph;
  SourceRange place;                       ///< of the name of the network, for what is said of it as a whole
  std::vector<std::uint32_t> derivatives;  ///< parameters to differentiate the kernels by
};

/// The kernels that are wanted.
struct Derived {
  Network network;
  std::vector<std::string> layers;  ///< the planes of the stack "Theta_by_layer"
  kernel_ir::Program kernels;       ///< as derived
  /// The same; if there are parameters to differentiate by, expanded and with the derivatives, the parameters
  /// still symbolic.
  kernel_ir::Program program;
  std::vector<duals::Use> duals = {};  ///< what is compiled of the duals, if it is expanded
};

/// Arithmetic on reals, for code generation.
struct Optimized {
  Derived derived;
  kernel_ir::Program program;
  std::vector<duals::Use> duals;  ///< what is compiled of the duals
};

std::optional<ast::File> parse(Compilation& compilation);
/// The text in its canonical layout.
std::optional<std::string> format(Compilation& compilation);
std::optional<modules::Modules> load(Compilation& compilation);
std::optional<Sources> read(Compilation& compilation);
/// `endless_repeat`: layer_graph::ElaborationLimits.
std::optional<Network> elaborate(Compilation& compilation, Sources sources, int endless_repeat = 0);
std::optional<Derived> derive(Compilation& compilation, Network network);
std::optional<Optimized> optimize(Compilation& compilation, Derived derived);

// All stages up to one.

std::optional<Network> network_of(Compilation& compilation, int endless_repeat = 0);
/// Only networks whose kernels can be derived.
std::optional<Network> derivable_network_of(Compilation& compilation, int endless_repeat = 0);
std::optional<Derived> derived_of(Compilation& compilation);
std::optional<Optimized> optimized_of(Compilation& compilation);

}  // namespace ntkc::driver
