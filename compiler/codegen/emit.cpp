#include "compiler/codegen/emit.hpp"

#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <stdexcept>

#include "compiler/codegen/function_emitter.hpp"
#include "compiler/codegen/series.hpp"

namespace ntkc::codegen {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;

llvm::Function* create_function(const ModuleContext& context, const std::string& name,
                                const std::vector<llvm::Type*>& parameters) {
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(context.module.getContext()), parameters, false);
  auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, context.module);
  function->setDoesNotThrow();
  if (!context.target.cpu.empty()) function->addFnAttr("target-cpu", context.target.cpu);
  if (!context.target.features.empty()) function->addFnAttr("target-features", context.target.features);
  const std::string bits = std::to_string(context.target.register_bits);
  function->addFnAttr("prefer-vector-width", bits);
  function->addFnAttr("min-legal-vector-width", bits);
  return function;
}

/// for (i = 0; i < count; i += step) body(i), at least once. Ends with the builder behind the loop.
template <typename Body>
void emit_counted(llvm::IRBuilder<>& builder, llvm::Function* function, Value* count, std::int64_t step,
                  Body body) {
  llvm::BasicBlock* before = builder.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder.getContext(), "", function);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder.getContext(), "", function);
  builder.CreateCondBr(builder.CreateICmpSGT(count, builder.getInt64(0)), block, after);
  builder.SetInsertPoint(block);
  llvm::PHINode* i = builder.CreatePHI(builder.getInt64Ty(), 2);
  i->addIncoming(builder.getInt64(0), before);
  body(i);
  Value* next = builder.CreateAdd(i, builder.getInt64(static_cast<std::uint64_t>(step)));
  i->addIncoming(next, builder.GetInsertBlock());
  builder.CreateCondBr(builder.CreateICmpSLT(next, count), block, after);
  builder.SetInsertPoint(after);
}

/// void sample(const double* self, i64 count, T* table, i64 stride)
class SampleEmitter final : public FunctionEmitter {
 public:
  SampleEmitter(const ModuleContext& context, llvm::Function* function)
      : FunctionEmitter(context, function, llvm::Type::getDoubleTy(context.module.getContext()),
                        Dependence::sample) {}

  void run() {
    builder_.SetInsertPoint(llvm::BasicBlock::Create(builder_.getContext(), "entry", function_));
    if (context_.remainder_slot >= 0) remainder_ = builder_.CreateAlloca(vector_);
    emit_counted(builder_, function_, function_->getArg(1), context_.target.lanes, [this](Value* j) {
      column_ = j;
      if (remainder_ != nullptr) builder_.CreateStore(constant(0), remainder_);
      emit_region(0);
      if (remainder_ != nullptr)
        store_row(index(context_.remainder_slot), builder_.CreateLoad(vector_, remainder_));
    });
    builder_.CreateRetVoid();
  }

 private:
  Value* leaf(NodeId /*id*/) override {
    Value* pointer = builder_.CreateGEP(builder_.getDoubleTy(), function_->getArg(0), column_);
    return builder_.CreateAlignedLoad(vector_, pointer, llvm::Align(8));
  }

  Value* expansion(NodeId id) override {
    const Node& node = context_.program[id];
    const EmitFunction f = [&](Value* z) { return emit_function(node.operands.back(), z); };
    Value* root = operand(node.operands[0]);
    if (node.operation == Operation::gaussian_mean)
      return emit_gaussian_mean(builder_, root, f, node.terms.rule);
    Value* scale = operand(node.operands[1]);
    Value* squares =
        emit_hermite_series(builder_, root, scale, f, node.terms, [&](Value* number, Value* coefficient) {
          store_row(builder_.CreateAdd(table_row(id), number), coefficient);
        });
    if (node.value == 0) return squares;  // what it leaves out is accounted for elsewhere
    // The series is scaled to 1 but for what it leaves out, or to 0 where there is nothing to expand.
    Value* rest = builder_.CreateFSub(constant(1), squares);
    note(builder_.CreateSelect(builder_.CreateFCmpOEQ(scale, constant(0)), constant(0), rest));
    return squares;
  }

  Value* stated(NodeId id) override {
    const Node& node = context_.program[id];
    note(operand(node.operands[1]));
    return operand(node.operands[0]);
  }

  /// A rest that is no number counts as the worst.
  void note(Value* rest) {
    Value* worst = builder_.CreateLoad(vector_, remainder_);
    builder_.CreateStore(builder_.CreateSelect(builder_.CreateFCmpOLE(rest, worst), worst, rest), remainder_);
  }

  void computed(NodeId id) override {
    if (context_.layout.local[id] >= 0 && context_.program[id].type != kernel_ir::Type::series)
      store_row(table_row(id), operand(id));
  }

  void store_row(Value* row, Value* value) {
    Value* position = builder_.CreateAdd(builder_.CreateMul(row, function_->getArg(3)), column_);
    Value* pointer = builder_.CreateGEP(context_.element(), function_->getArg(2), position);
    if (context_.target.f32)
      value = builder_.CreateFPTrunc(value, vector_->getWithNewType(context_.element()));
    builder_.CreateAlignedStore(value, pointer, llvm::Align(context_.target.f32 ? 4 : 8));
  }

  Value* column_ = nullptr;
  Value* remainder_ = nullptr;  // the largest of the expansions so far
};

/// void pair(const T* half_complement, T* result, i64 ld, i64 rows, i64 columns,
///           const T* row_table, i64 row_stride, const T* column_table, i64 column_stride)
/// and, for stacks, a last argument i64 plane_stride.
class PairEmitter final : public FunctionEmitter {
 public:
  PairEmitter(const ModuleContext& context, llvm::Function* function, std::vector<kernel_ir::Root> roots)
      : FunctionEmitter(context, function, context.element(), Dependence::pair),
        roots_(std::move(roots)),
        align_(context.target.f32 ? 4 : 8) {}

  void run() {
    builder_.SetInsertPoint(llvm::BasicBlock::Create(builder_.getContext(), "entry", function_));
    emit_counted(builder_, function_, function_->getArg(3), 1, [this](Value* i) {
      row_ = i;
      emit_counted(builder_, function_, function_->getArg(4), context_.target.lanes, [this](Value* j) {
        column_ = j;
        emit_entry();
      });
    });
    builder_.CreateRetVoid();
  }

 private:
  void emit_entry() {
    Value* offset = builder_.CreateAdd(builder_.CreateMul(row_, function_->getArg(2)), column_);
    Value* source = builder_.CreateGEP(context_.element(), function_->getArg(0), offset);
    half_complement_ = builder_.CreateAlignedLoad(vector_, source, align_);
    offset_ = offset;
    emit_region(0);
    // One plane may take the place of the half complements, which have been read.
    for (const kernel_ir::Root& root : roots_) {
      if (context_.program[root.node].region != 0) continue;
      for (std::int64_t plane = root.plane; plane < root.plane + root.count; ++plane)
        store(operand(root.node), index(plane));
    }
  }

  /// Roots in loops: a plane for each iteration.
  void computed(NodeId id) override {
    const RegionId region = context_.program[id].region;
    if (region == 0) return;
    for (const kernel_ir::Root& root : roots_) {
      if (root.node == id) store(operand(id), builder_.CreateAdd(index(root.plane), flat_iteration(region)));
    }
  }

  [[nodiscard]] bool stores_in(RegionId region) const override {
    return std::ranges::any_of(
        roots_, [&](const kernel_ir::Root& root) { return context_.program[root.node].region == region; });
  }

  void store(Value* value, Value* plane) {
    Value* offset = offset_;
    if (function_->arg_size() == stack_arguments)
      offset = builder_.CreateAdd(offset, builder_.CreateMul(plane, function_->getArg(stack_arguments - 1)));
    builder_.CreateAlignedStore(value, builder_.CreateGEP(context_.element(), function_->getArg(1), offset),
                                align_);
  }

  /// z and z̄ of the inputs: the tile holds the smaller, with the sign of u as its sign.
  Value* complement(bool of_negative) {
    Value* magnitude = builder_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, half_complement_);
    llvm::Type* bits =
        vector_->getWithNewType(context_.target.f32 ? builder_.getInt32Ty() : builder_.getInt64Ty());
    Value* negative = builder_.CreateICmpSLT(builder_.CreateBitCast(half_complement_, bits),
                                             llvm::Constant::getNullValue(bits));
    Value* other = builder_.CreateFSub(constant(1), magnitude);
    return of_negative ? builder_.CreateSelect(negative, magnitude, other)
                       : builder_.CreateSelect(negative, other, magnitude);
  }

  Value* leaf(NodeId id) override {
    const Node& node = context_.program[id];
    if (node.operation == Operation::input_complement) return complement(false);
    if (node.operation == Operation::input_cocomplement) return complement(true);
    const NodeId sample = node.operands[0];
    const bool first = node.operation == Operation::first;
    Value* stride = function_->getArg(first ? 6 : 8);
    Value* position =
        builder_.CreateAdd(builder_.CreateMul(table_row(sample), stride), first ? row_ : column_);
    Value* pointer = builder_.CreateGEP(context_.element(), function_->getArg(first ? 5 : 7), position);
    if (node.type == kernel_ir::Type::series) return pointer;
    if (!first) return builder_.CreateAlignedLoad(vector_, pointer, align_);
    Value* value = builder_.CreateAlignedLoad(context_.element(), pointer, align_);
    return builder_.CreateVectorSplat(vector_->getElementCount(), value);
  }

  Value* expansion(NodeId id) override {
    const Node& node = context_.program[id];
    const auto place = [&](NodeId series) -> SeriesPlace {
      const bool first = context_.program[series].operation == Operation::first;
      return {operand(series), function_->getArg(first ? 6 : 8), first};
    };
    const NodeId series = context_.program[node.operands[0]].operands[0];
    const std::int64_t count = context_.program[series].terms.count;
    const SeriesPlace a = place(node.operands[0]);
    const SeriesPlace b = place(node.operands[1]);
    if (node.operation == Operation::series_step)
      return emit_series_step(builder_, vector_, a, b, place(node.operands[2]), count);
    Value* s = node.operands.size() > 2 ? operand(node.operands[2]) : nullptr;
    return emit_contraction(builder_, node.operation, vector_, a, b, s, count);
  }

  static constexpr std::size_t stack_arguments = 10;
  std::vector<kernel_ir::Root> roots_;
  llvm::Align align_;
  Value* offset_ = nullptr;
  Value* row_ = nullptr;
  Value* column_ = nullptr;
  Value* half_complement_ = nullptr;
};

}  // namespace

std::string pair_name(const std::string& root) { return "ntkc_pair_" + root; }

bool is_stack(const Program& program, const std::string& root) {
  return program.planes(root) > 1 || (root != "Sigma" && root != "Theta");
}

EmittedModule emit(const Program& program, const Target& target) {
  EmittedModule result;
  result.context = std::make_unique<llvm::LLVMContext>();
  result.module = std::make_unique<llvm::Module>(program.name, *result.context);
  std::vector<bool> needed = find_needed(program);
  SlotLayout layout = assign_slots(program, needed);
  ModuleContext context{program, target, std::move(needed), std::move(layout), {}, -1, *result.module};
  context.members.resize(program.regions().size());
  for (NodeId id = 0; id < program.size(); ++id) context.members[program[id].region].push_back(id);
  for (NodeId id = 0; id < program.size(); ++id) {
    const Operation operation = program[id].operation;
    if (context.needed[id] && (operation == Operation::hermite_series || operation == Operation::with_loss))
      context.remainder_slot = context.layout.total;
  }
  result.slots = context.layout.total + (context.remainder_slot >= 0 ? 1 : 0);
  result.remainder_slot = context.remainder_slot;

  auto* pointer = llvm::PointerType::getUnqual(*result.context);
  auto* i64 = llvm::Type::getInt64Ty(*result.context);
  llvm::Function* sample = create_function(context, sample_name, {pointer, i64, pointer, i64});
  sample->addParamAttr(0, llvm::Attribute::NoAlias);
  sample->addParamAttr(2, llvm::Attribute::NoAlias);
  SampleEmitter(context, sample).run();
  for (const auto& root : program.roots) {
    if (root.plane != 0) continue;
    std::vector<llvm::Type*> parameters = {pointer, pointer, i64, i64, i64, pointer, i64, pointer, i64};
    if (is_stack(program, root.name)) parameters.push_back(i64);
    llvm::Function* pair = create_function(context, pair_name(root.name), parameters);
    // The tile may be overwritten in place; the tables are apart from it.
    pair->addParamAttr(5, llvm::Attribute::NoAlias);
    pair->addParamAttr(5, llvm::Attribute::ReadOnly);
    pair->addParamAttr(7, llvm::Attribute::NoAlias);
    pair->addParamAttr(7, llvm::Attribute::ReadOnly);
    std::vector<kernel_ir::Root> planes;
    for (const auto& other : program.roots) {
      if (other.name == root.name) planes.push_back(other);
    }
    PairEmitter(context, pair, std::move(planes)).run();
  }
  std::string violation;
  llvm::raw_string_ostream stream(violation);
  if (llvm::verifyModule(*result.module, &stream))
    throw std::logic_error("emit: invalid LLVM IR: " + stream.str());
  return result;
}

}  // namespace ntkc::codegen
