// What is done to inputs before the kernel sees them. It is learnt on the training inputs, stored in the
// model and applied to whatever the model predicts on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/matrix.hpp"

namespace ntkc {

enum class PreprocessingKind : std::uint8_t {
  none,
  standardize,  ///< (x − mean) / standard deviation, each column; a column that is constant up to rounding is
                ///< centred but not scaled
  unit_norm,    ///< x √d / |x|, each row of d values, so that Σ⁰(x, x) = 1; a zero row stays zero
};

struct Preprocessing {
  PreprocessingKind kind = PreprocessingKind::none;
  std::vector<double> means;  ///< one per column, `standardize` only
  std::vector<double>
      scales;  ///< standard deviations (of the sample as a population), 1 for constant columns
};

/// Learns means and standard deviations. Throws InputError if they overflow. `names` of the columns are for messages;
/// none: they are counted.
Preprocessing learn_preprocessing(PreprocessingKind kind, MatrixView<const double> inputs,
                                  const std::vector<std::string>& names = {});
/// In place. `inputs` has as many columns as the training inputs.
void apply_preprocessing(const Preprocessing& preprocessing, MatrixView<double> inputs);

std::string_view name(PreprocessingKind kind);  ///< as on the command line: "unit-norm"
std::optional<PreprocessingKind> preprocessing_kind(std::string_view name);

}  // namespace ntkc
