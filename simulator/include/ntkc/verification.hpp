// Finite networks beside their infinite kernels: does the derivation say what networks do?
//
// At each width S networks are drawn. Σ̂ is the mean of f(x_i) f(x_j) over the output channels, of which there
// are `width`; Θ̂ the tangent kernel of the first `outputs` of them, its trace divided by their number. Two
// things must hold of either kernel K̂ against its limit K:
//
// - The root mean square of ‖K̂ − K‖_F/‖K‖_F over draws falls as width^(−1/2): the slope of its logarithm,
//   fitted over the widths, is −1/2 ± 0.15. (Where few draws leave the slope itself uncertain, ± the quantile of
//   Student's t distribution for an error probability of 0.1 % times its standard error, if that is more.)
// - E[K̂] = K + β/width + O(1/width²) (Dyer and Gur-Ari 2020, "Asymptotics of wide networks from Feynman
//   diagrams": corrections are even in width^(−1/2)). β is fitted for each entry over the widths; the mean at
//   the largest width less β/width then has the expectation K, and its distance from K in standard errors
//   must lie within the quantile of Student's t distribution for a total error probability of 0.1 %, divided
//   by the number of entries of both kernels (Bonferroni).
//
// Where few draws leave so much noise that no entry would show an error of a fifth, agreement says nothing, and
// the verdict is `undecided`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/compile_options.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// The probability that networks which do follow the kernels are said not to, entries taken together.
inline constexpr double verification_level = 1e-3;
inline constexpr double expected_slope = -0.5;
inline constexpr double slope_tolerance = 0.15;
/// An error of this much of √(K(x,x) K(x',x')) must show in some entry, or nothing is decided.
inline constexpr double visible_error = 0.2;

enum class Verdict : std::uint8_t {
  agree,
  disagree,
  undecided,  ///< nothing disagrees, and no error below `visible_error` would
};
std::string_view name(Verdict verdict);

struct VerificationOptions {
  std::vector<std::int64_t> widths = {256, 512, 1024,
                                      2048};  ///< of every layer that states none, or of the widest
  std::int64_t samples = 64;                  ///< draws at each width, at least 2
  std::uint64_t seed = 0;
  std::int64_t outputs = 1;  ///< channels of which Θ̂ is taken, or sign vectors
};

/// The options with widths in ascending order. Throws InputError for those that make no sense.
VerificationOptions checked(VerificationOptions options);

/// One kernel. Lists are by width, ascending.
struct KernelComparison {
  std::vector<double> relative_deviation;  ///< of a single draw, root mean square over draws
  std::vector<double> mean_deviation;      ///< of the mean over draws, ‖mean K̂ − K‖_F/‖K‖_F
  bool exact = false;  ///< equal to rounding at every width: there is no noise, and no slope to judge
  std::optional<double> slope;  ///< nothing for a single width, and if exact
  double slope_error = 0;       ///< its standard error
  double slope_quantile = 0;    ///< how many of these it may be off by
  double max_abs_z = 0;         ///< of the entry that is farthest out, compared with its quantile
  double critical_z = 0;        ///< the quantile of that entry
  std::int64_t row = 0;         ///< of that entry
  std::int64_t column = 0;
  double estimate = 0;        ///< there: mean at the largest width less the fitted bias
  double expected = 0;        ///< there: the infinite kernel
  double standard_error = 0;  ///< there: of the estimate
  /// The smallest error that some entry would show, relative to √(K(x,x) K(x',x')).
  double smallest_visible = 0;
  /// Draws at each width from which on that is at most `visible_error`, as far as these draws can tell.
  std::int64_t samples_to_decide = 0;

  /// How far from expected_slope the slope may be.
  [[nodiscard]] double allowed_slope() const;
  [[nodiscard]] bool slope_agrees() const;
  [[nodiscard]] bool entries_agree() const { return max_abs_z <= critical_z; }
  [[nodiscard]] Verdict verdict() const;
  [[nodiscard]] bool agrees() const { return verdict() == Verdict::agree; }
};

struct Verification {
  VerificationOptions options;  ///< as used: widths in ascending order
  KernelComparison sigma;
  KernelComparison theta;
  std::vector<std::string> caveats;  ///< what the verdict does not cover
  /// Whether layers that state a width were scaled in proportion, the widest to each of the widths: where the
  /// kernels depend on what they state (parametrization = standard, a concat).
  bool in_proportion = false;

  /// That of both kernels: `disagree` if one disagrees, else `undecided` if one is.
  [[nodiscard]] Verdict verdict() const;
  [[nodiscard]] bool agrees() const { return verdict() == Verdict::agree; }
};

/// Compiles the kernels and compares them with networks on the rows of `x`. Throws CompileError; InputError
/// for options or data that make no sense, and for a layer whose width does not follow `widths`; NumericalError
/// if a kernel, or that of a drawn network, is not finite; Cancelled.
Verification verify(std::string_view arch_text, MatrixView<const double> x,
                    const VerificationOptions& options, const CompileOptions& compile_options = {},
                    const std::string& file_name = "<string>", const Execution& execution = {});

/// The same against given kernels, n × n each.
Verification verify_against(MatrixView<const double> sigma, MatrixView<const double> theta,
                            std::string_view arch_text, MatrixView<const double> x,
                            const VerificationOptions& options, const CompileOptions& compile_options = {},
                            const std::string& file_name = "<string>", const Execution& execution = {});

/// Inputs for when there are no data: `rows` × `columns` deviates of N(0, 1), a function of the seed.
Matrix verification_inputs(std::int64_t rows, std::int64_t columns, std::uint64_t seed);

}  // namespace ntkc
#pragma GCC visibility pop
