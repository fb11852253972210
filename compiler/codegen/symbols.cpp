#include "compiler/codegen/symbols.hpp"

#include <fmt/format.h>
#include <llvm/Support/xxhash.h>

namespace ntkc::codegen {

Symbols::Symbols(const kernel_ir::Program& program, const Target& target) {
  const std::string text =
      fmt::format("{}\n{} lanes, f32 {} {}, {}, {}, {} bits", kernel_ir::print(program), target.lanes,
                  target.f32, target.wide, target.cpu, target.features, target.register_bits);
  prefix_ = fmt::format("ntkc_{}_{:016x}_", program.name, llvm::xxh3_64bits(text));
}

}  // namespace ntkc::codegen
