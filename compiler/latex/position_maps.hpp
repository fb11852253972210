// The maps of positions that a recursion is made of: their names in formulas, and what they are.
#pragma once

#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

class PositionMaps {
 public:
  explicit PositionMaps(const kernel_ir::Program& program) : program_(program) {}

  /// Of a coupled, congruent, separate, scaled or dropout covariance, in math: `\\mathcal{A}_{1}`.
  std::string name(kernel_ir::NodeId id);
  /// What the names mean, as a list; "" if there are none.
  [[nodiscard]] std::string description() const;

 private:
  struct Named {
    std::string name;
    std::string text;
  };

  const kernel_ir::Program& program_;
  std::vector<Named> named_;
};

}  // namespace ntkc::latex
