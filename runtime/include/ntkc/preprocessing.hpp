// What is done to inputs before the kernel sees them. It is learnt on the training inputs, stored in the
// model and applied to whatever the model predicts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/matrix.hpp"
#include "ntkc/whitening.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

enum class PreprocessingKind : std::uint8_t {
  none,
  standardize,  ///< (x − mean) / standard deviation, each column, or each channel at all positions; what is constant
                ///< up to rounding is centred but not scaled
  unit_norm,  ///< x √d / |x|, each row of d values, so that Σ⁰(x, x) = 1; a zero row stays zero
  zca,        ///< (x − mean) W with the regularized whitening W of ntkc/whitening.hpp
};

struct Preprocessing {
  PreprocessingKind kind = PreprocessingKind::none;
  std::vector<double> means;  ///< one per column or channel (`standardize`), per column (`zca`)
  std::vector<double>
      scales;             ///< `standardize`: deviations (of the sample as a population), 1 where constant
  Matrix whitening = {};  ///< `zca`: columns × columns, symmetric
};

struct PreprocessingOptions {
  PreprocessingKind kind = PreprocessingKind::none;
  /// Numbers at each position of the network's input, which `standardize` takes together over all positions; 0 of
  /// inputs without positions: each column by itself.
  std::int64_t channels = 0;
  double zca_regularization = default_zca_regularization;
};

/// Learns what the kind needs. Throws InputError if it overflows, or has no finite value. `names` of the columns are
/// for messages; none: they are counted.
Preprocessing learn_preprocessing(const PreprocessingOptions& options, MatrixView<const double> inputs,
                                  const std::vector<std::string>& names = {});
/// In place. `inputs` has as many columns as the training inputs. What becomes of a row does not depend on the others.
void apply_preprocessing(const Preprocessing& preprocessing, MatrixView<double> inputs);

std::string_view name(PreprocessingKind kind);  ///< as on the command line: "unit-norm"
std::optional<PreprocessingKind> preprocessing_kind(std::string_view name);

}  // namespace ntkc
#pragma GCC visibility pop
