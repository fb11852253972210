// The dual of a function that has a normal form, put together from the rules of its parts.
#pragma once

#include <cmath>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/duals/options.hpp"
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

/// b ψ(kz) by the rule of ψ.
struct ClosedPart {
  moments::NormalForm form = {};  ///< b ψ(kz) itself
  std::unique_ptr<DualRule> rule;
  moments::Constant amplitude = moments::Quad(1);     ///< b = amplitude, over k if `over_scale`
  moments::Constant scale_square = moments::Quad(1);  ///< k²
  bool over_scale = false;
  bool odd = false;
  bool keeps_sign = true;    ///< K is not negative: of an odd part where u ≥ 0, of an even one everywhere
  bool by_calculus = false;  ///< no rule of its own
};

/// The closed form of a function's dual: that of its even and of its odd part, which are uncorrelated, or of
/// one part that is neither.
class ClosedForm {
 public:
  /// Nothing if the function has no normal form, or one without moments. The closed form refers to the
  /// program, whose nodes its constants are, and is for arithmetic of this precision.
  static std::optional<ClosedForm> find(kernel_ir::Program& program, kernel_ir::NodeId phi,
                                        double unit_roundoff = double_roundoff);

  [[nodiscard]] Expression self(const SelfCovariance& q) const;
  [[nodiscard]] CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self,
                                      bool critical) const;
  [[nodiscard]] Expression derivative(const CrossCovariance& k) const;
  /// Whether K ≥ 0 where u ≥ 0 (`nonnegative`), or for all u.
  [[nodiscard]] bool is_nonnegative(bool nonnegative) const;
  /// The √q up to which rounding takes no more than about 5e-12: powers times a one-sided e^(az) are made of
  /// terms that cancel, an error of about 1e-14 q^2.8. An expansion says what it leaves out.
  [[nodiscard]] double largest_deviation() const { return largest_deviation_; }
  [[nodiscard]] const std::vector<ClosedPart>& parts() const { return parts_; }
  /// What the parts are in plain words: "linear + kernel of GELU".
  [[nodiscard]] std::string name() const;

 private:
  double largest_deviation_ = HUGE_VAL;
  std::vector<ClosedPart> parts_;
};

}  // namespace ntkc::duals
