// What the functions of a module are called.
#pragma once

#include <string>

#include "compiler/codegen/emit.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// ntkc_NAME_HASH_sample and ntkc_NAME_HASH_pair_KERNEL, with the name of the network and a hash of the
/// program's text and of the target: several networks, or one network compiled in several ways, can be
/// linked into one program.
class Symbols {
 public:
  Symbols(const kernel_ir::Program& program, const Target& target);

  [[nodiscard]] std::string sample() const { return prefix_ + "sample"; }
  [[nodiscard]] std::string pair(const std::string& kernel) const { return prefix_ + "pair_" + kernel; }

 private:
  std::string prefix_;
};

}  // namespace ntkc::codegen
