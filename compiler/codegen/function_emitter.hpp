// The nodes of one function as LLVM IR. Internal to this folder.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <vector>

#include "compiler/codegen/emit.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/sample_table.hpp"

namespace ntkc::codegen {

using llvm::Value;

/// What all functions of a module share.
struct ModuleContext {
  const kernel_ir::Program& program;
  const Target& target;
  std::vector<bool> needed;
  kernel_ir::SlotLayout layout;
  std::vector<std::vector<kernel_ir::NodeId>> members;  // nodes by region, in order
  std::int64_t remainder_slot = -1;
  std::int64_t order_slot = -1;  // |x|²/d where pairs are put in order by it; -1: they need not be
  bool rows_by_lane = false;     // of inputs with positions: who calls has put the pairs in order
  llvm::Module& module;

  /// Of tables and of what is computed at a pair.
  [[nodiscard]] llvm::Type* element() const { return real(target.f32 && !target.wide); }
  /// Of the tiles: half complements and results.
  [[nodiscard]] llvm::Type* tile_element() const { return real(target.f32); }

 private:
  [[nodiscard]] llvm::Type* real(bool single) const {
    auto& context = module.getContext();
    return single ? llvm::Type::getFloatTy(context) : llvm::Type::getDoubleTy(context);
  }
};

/// Emits the nodes of one function. `sample`: the nodes that depend on one input, in f64; otherwise those
/// that depend on the pair. Derived classes supply the leaves.
class FunctionEmitter {
 public:
  FunctionEmitter(const ModuleContext& context, llvm::Function* function, llvm::Type* element,
                  kernel_ir::Dependence dependence)
      : context_(context),
        builder_(context.module.getContext()),
        function_(function),
        vector_(llvm::FixedVectorType::get(element, static_cast<unsigned>(context.target.lanes))),
        dependence_(dependence),
        values_(context.program.size(), nullptr) {}
  FunctionEmitter(const FunctionEmitter&) = delete;
  FunctionEmitter& operator=(const FunctionEmitter&) = delete;
  virtual ~FunctionEmitter() = default;

 protected:
  virtual Value* leaf(kernel_ir::NodeId id) = 0;
  /// The Hermite expansions: series of a sample, contractions of them at a pair.
  virtual Value* expansion(kernel_ir::NodeId id) = 0;
  /// `with_loss`, which samples take note of.
  virtual Value* stated(kernel_ir::NodeId id) { return operand(context_.program[id].operands[0]); }
  /// Called for each value once it is there.
  virtual void computed(kernel_ir::NodeId /*id*/) {}
  /// Whether `computed` stores values of this region.
  [[nodiscard]] virtual bool stores_in(kernel_ir::RegionId /*region*/) const { return false; }

  void emit_region(kernel_ir::RegionId region);

  Value* operand(kernel_ir::NodeId id);

  Value* constant(double value) { return llvm::ConstantFP::get(vector_, value); }
  Value* index(std::int64_t value) { return builder_.getInt64(static_cast<std::uint64_t>(value)); }

  /// Row of the table in which sample node `id` stands in the current iterations.
  Value* table_row(kernel_ir::NodeId id);

  /// φ(z); its nodes are emitted anew for each z.
  Value* emit_function(kernel_ir::NodeId phi, Value* z);

  /// The number of this iteration of `region` among all, loops around it included.
  Value* flat_iteration(kernel_ir::RegionId region);

  /// A node that is neither a loop nor carried by one, from the values of its operands.
  Value* emit_node(kernel_ir::NodeId id);

  const ModuleContext& context_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_;
  llvm::FixedVectorType* vector_;
  kernel_ir::Dependence dependence_;
  std::vector<Value*> values_;            // by node, where they are available
  std::vector<llvm::PHINode*> counters_;  // of the loops around, from the outermost

 private:
  /// a^b by multiplication where b is an integer up to 64, otherwise as e^(b log a) for a ≥ 0.
  Value* emit_power(Value* a, Value* b, const kernel_ir::Node& exponent);

  Value* carried_result(const kernel_ir::Node& node);

  /// do { body } while (++i < count), with a phi for each carried value of this function's dependence that is
  /// needed. A loop that carries none is not emitted, unless it stores something.
  void emit_loop(kernel_ir::NodeId id);
};

}  // namespace ntkc::codegen
