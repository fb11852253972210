// Finite networks: an .arch text with weights drawn at random, evaluated on data, and its empirical kernels.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/compile_options.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"
#include "ntkc/ntk_form.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

struct FiniteNetworkOptions {
  std::int64_t width = 512;  ///< of every layer that states none
  /// Channels of the output, whatever its layer states; nothing: as for other layers. Where other layers read
  /// values that the output is added up from, they need their width, and the output has as many channels.
  std::optional<std::int64_t> outputs = std::nullopt;
  /// Weights are a function of seed, draw, layer and place, the same for any number of threads.
  std::uint64_t seed = 0;
};

/// A network of given widths; the weights of a draw are made when they are read and never stored. Copies
/// share what is immutable. Safe to call from any thread.
class FiniteNetwork {
 public:
  /// Throws CompileError, and InputError for a width below 1.
  explicit FiniteNetwork(std::string_view arch_text, const FiniteNetworkOptions& options = {},
                         const CompileOptions& compile_options = {},
                         const std::string& file_name = "<string>");

  [[nodiscard]] std::int64_t input_size() const;
  [[nodiscard]] std::int64_t outputs() const;
  [[nodiscard]] std::int64_t parameter_count() const;

  /// f(x_i), n × outputs. Rows of `x` are inputs, flattened; throws InputError if they do not fit.
  [[nodiscard]] Matrix evaluate(MatrixView<const double> x, std::uint32_t draw = 0,
                                const Execution& execution = {}) const;
  /// Empirical tangent kernel of the first `outputs` channels (0: all of them).
  [[nodiscard]] Matrix empirical_ntk(MatrixView<const double> x, std::uint32_t draw = 0,
                                     NtkForm form = NtkForm::full, std::int64_t outputs = 0,
                                     const Execution& execution = {}) const;
  /// Σ̂(x_i, x_j), the mean over output channels of f(x_i) f(x_j), n × n.
  [[nodiscard]] Matrix empirical_nngp(MatrixView<const double> x, std::uint32_t draw = 0,
                                      const Execution& execution = {}) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace ntkc
#pragma GCC visibility pop
