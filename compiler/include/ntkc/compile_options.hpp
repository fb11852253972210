// What is asked of a compilation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ntkc/diagnostics.hpp"
#include "ntkc/kernel_functions.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// What a text may ask for before it is refused. Checked before anything of that size is built.
struct SourceLimits {
  std::uint32_t file_bytes = 1U << 20;
  std::uint32_t nesting = 256;  ///< of brackets, blocks and operators; at most 1024
  std::int32_t integer = 2'147'483'647;
  std::int64_t expanded_layers = 1'000'000;  ///< with every `repeat` written out
  std::uint32_t import_depth = 16;           ///< files that import one another in a chain
  /// Statements of blocks and of first iterations that are written out, beside ten times those of the text.
  std::int64_t written_out = 100'000;
  std::uint32_t applied_blocks = 64;    ///< blocks that apply one another in a chain; at most 256
  std::size_t list_numbers = 16384;     ///< of one list or matrix
  std::size_t activation_parts = 4000;  ///< of all activations together
  std::size_t summands = 1024;          ///< values of one sum or `concat`
  std::uint32_t imported_files = 1000;
  /// Of the kernels after all passes: what machine code is made of. Asked while they are written out.
  std::size_t operations = 60'000;
  /// For expansions of activations without a closed form, in 10⁸ products of a coefficient and a node.
  std::int64_t quadrature = 24;
  /// Numbers that the kernels keep of each sample; coefficients of expansions are such, in each iteration.
  std::int64_t table = 500'000;
};

struct CompileOptions {
  std::map<std::string, std::string> definitions =
      {};  ///< network parameters, as constant expressions: {"depth", "8"}
  /// The count of the last `repeat` that stands outside of all blocks, in place of the one in the text; if
  /// that is a network parameter, the value of the parameter.
  std::optional<std::int32_t> repeat_count = {};
  Precision precision = Precision::f64;
  bool sigma = true;  ///< compile Σ
  bool theta = true;  ///< compile Θ
  /// Also what the parameters of each layer contribute to Θ: the stack "Theta_by_layer", a plane for each
  /// layer that has trainable parameters, named after it. They sum to Θ. A layer in a `repeat` is one, its
  /// iterations summed.
  bool per_layer = false;
  /// Σ and Θ after each number of iterations, from 1 on, of the last `repeat` of the network, followed by the
  /// rest of the network: the stacks "Sigma" and "Theta", in place of the two kernels. Not together with
  /// `per_layer`.
  bool all_depths = false;
  /// Also the derivatives of Σ and Θ by these real network parameters: for "w" the stacks "dSigma_dw" and
  /// "dTheta_dw", of one plane each (or one for each depth).
  std::vector<std::string> derivatives = {};
  int lanes = 0;  ///< vector width of the machine code (2, 4, 8, 16, …); 0: what suits the host
  /// What expansions of duals without a closed form may leave out, relative to √(K(x,x) K(y,y)), in each
  /// layer; at least 1e-8 in f32.
  double tolerance = 1e-12;
  /// Of an input whose size is written `*`: what the data have.
  std::int64_t input_size = 1;
  /// The largest |x|²/d that the expansions must serve, at each position of an input that has positions. Beyond it they
  /// lose accuracy; `gram` tells how much.
  double largest_input = 4;
  /// The same of samples that are at hand, asked for once it is known how many positions the network's inputs have:
  /// [&](std::int64_t positions) { return ntkc::largest_input(x, "x", positions); }. The larger of the two counts.
  std::function<double(std::int64_t positions)> largest_input_at = {};
  std::vector<std::string> disabled_passes = {};  ///< names of passes to leave out, for testing
  /// Where imports are looked for after the directory of the importing file.
  std::vector<std::string> include_directories = {};
  /// As on the command line behind `-W`: "jump", "no-jump", "error", "error=jump" … Throws
  /// std::invalid_argument for one that does not exist. Every warning is on by default.
  std::vector<std::string> warnings = {};
  SourceLimits limits = {};
  /// Told the path of each imported file before it is read; may throw.
  std::function<void(const std::string& path)> on_import = {};
  /// Told each warning about what compiles.
  std::function<void(const RenderedDiagnostic&)> on_warning = {};
};

}  // namespace ntkc
#pragma GCC visibility pop
