// Finite networks trained by gradient descent, beside what the theory of infinite width says of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/compile_options.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

enum class TrainingMethod : std::uint8_t {
  descent,  ///< full-batch gradient descent
  flow,     ///< gradient flow, by Runge–Kutta steps of fourth order and size η
};

struct TrainingOptions {
  std::int64_t width = 512;  ///< of every layer that states none; of the widest where stated widths count
  std::uint64_t seed = 0;
  std::uint32_t draw = 0;
  TrainingMethod method = TrainingMethod::descent;
  double learning_rate = 0;   ///< η; 0: half of 2N/λ_max(Θ̂₀), the largest that is stable
  std::int64_t steps = 1000;  ///< of size η
  std::int64_t records = 20;  ///< how many moments are recorded, about evenly in the logarithm of time
  /// f(x) − f₀(x) is trained instead of f: the network starts at zero, as kernel regression does.
  bool centred = false;
};

/// The network after `step` steps, t = step · η. Distances are root mean squares over points and outputs.
struct TrainingMoment {
  std::int64_t step = 0;
  double time = 0;
  double loss = 0;                      ///< ‖f_t(X) − Y‖²/(2N)
  double linearized_loss = 0;           ///< of the network linearised at its start
  double infinite_loss = 0;             ///< of the infinitely wide network that starts at the same f₀
  double linearized_distance = 0;       ///< f_t to the linearised network, on the training points
  double linearized_test_distance = 0;  ///< on the test points, 0 if there are none
  double infinite_distance = 0;         ///< f_t to the infinitely wide network
  double infinite_test_distance = 0;
  /// f_t to TrainingResult::regression, which both reach for t → ∞ and infinite width, on the test points.
  double regression_test_distance = 0;
  double ntk_drift = 0;            ///< ‖Θ̂_t − Θ̂_0‖_F/‖Θ̂_0‖_F on the training points
  double smallest_eigenvalue = 0;  ///< of Θ̂_t
  /// e^{−2ηλt/N} times the initial loss, λ the smallest eigenvalue met so far: what gradient flow stays below
  /// (Du et al. 2019, proof of Theorem 3.2; exact if λ is a lower bound between the moments too).
  double loss_bound = 0;
};

struct TrainingResult {
  double learning_rate = 0;
  double largest_learning_rate = 0;         ///< 2N/λ_max(Θ̂₀)
  double infinite_smallest_eigenvalue = 0;  ///< of Θ on the training points
  std::int64_t parameters = 0;
  std::vector<TrainingMoment> moments;  ///< the first at step 0, the last at the last step
  /// (training points, then test points) × outputs, at the last step.
  Matrix outputs;
  Matrix linearized;
  Matrix infinite;
  Matrix regression;  ///< the limit t → ∞ of the infinitely wide network: kernel regression without ridge
  /// Θ̂ before training and after the last step, on training points, then test points; row point · outputs +
  /// output.
  Matrix start_ntk;
  Matrix end_ntk;
};

/// Trains on (x, y), n × input size and n × outputs; `test` has further inputs, perhaps none. The loss is
/// ‖f − Y‖²/(2N), N = n × outputs. Deterministic in the options. Throws CompileError; InputError where shapes
/// do not fit, options make no sense, or points × outputs exceed 4096 (the linearised network is solved by
/// eigenvalues); NumericalError if the loss is not finite (the learning rate is too large); Cancelled.
TrainingResult train_network(std::string_view arch_text, MatrixView<const double> x,
                             MatrixView<const double> y, MatrixView<const double> test,
                             const TrainingOptions& options = {}, const CompileOptions& compile_options = {},
                             const Execution& execution = {}, const std::string& file_name = "<string>");

}  // namespace ntkc
#pragma GCC visibility pop
