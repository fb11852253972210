#include "ntkc/compile_model.hpp"

#include "ntkc/compiler.hpp"
#include "ntkc/expansion_remainder.hpp"

namespace ntkc {

CompileOptions options_of(const Model& model, const CompileOptions& base) {
  CompileOptions options;
  options.limits = base.limits;
  options.limits.import_depth =
      0;  // a model that wants files of ours is refused when it is read; nor is it now
  options.warnings = base.warnings;
  options.on_warning = base.on_warning;
  options.definitions = model.network.definitions;
  options.input_size = model.inputs.columns();
  options.precision = model.precision;
  options.tolerance = model.tolerance;
  options.sigma = model.kernel == KernelKind::sigma;
  options.theta = model.kernel == KernelKind::theta;
  options.largest_input_at = [&model](std::int64_t positions) {
    return largest_input(model.inputs.matrix(), "x", positions);
  };
  return options;
}

KernelFunctions compile_model(const Model& model, const CompileOptions& base) {
  return compile(model.network.text, options_of(model, base), model.network.file);
}

}  // namespace ntkc
