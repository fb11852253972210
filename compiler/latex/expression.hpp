// Constants and functions of the kernel IR as formulas.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/latex/formula.hpp"
#include "compiler/moments/constant.hpp"

namespace ntkc::latex {

/// A name of the text in mathematics: w, \alpha, W_{\mathrm{std}}, \mathit{depth}; \mathsf{q} for one that
/// means something else in the document.
std::string symbol(std::string_view name);
/// The same in running text, with what is special to TeX escaped.
std::string text(std::string_view name);

/// A constant or function; `z` is the variable of functions.
Formula formula(const kernel_ir::Program& program, kernel_ir::NodeId id);

/// Writes the constants of one closed form. What they are made of numbers of many digits gets a name.
class Constants {
 public:
  /// `program` takes the nodes of constants.
  explicit Constants(kernel_ir::Program& program) : program_(&program) {}

  Formula operator()(const moments::Constant& constant);
  /// Equations that define the names.
  [[nodiscard]] std::vector<Equation> definitions() const;

 private:
  Formula named(const Coefficient& coefficient);

  kernel_ir::Program* program_;
  std::vector<std::pair<Formula, double>> names_;
};

}  // namespace ntkc::latex
