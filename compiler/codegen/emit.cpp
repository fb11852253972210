#include "compiler/codegen/emit.hpp"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "compiler/codegen/exchange.hpp"
#include "compiler/codegen/position_emitter.hpp"
#include "compiler/codegen/series.hpp"
#include "compiler/codegen/sparse_series.hpp"
#include "compiler/codegen/symbols.hpp"
#include "compiler/kernel_ir/live.hpp"
#include "ntkc/kernel_functions.hpp"

namespace ntkc::codegen {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;

/// void NAME(const ARGUMENTS*)
llvm::Function* create_function(const ModuleContext& context, const std::string& name) {
  llvm::LLVMContext& llvm_context = context.module.getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getVoidTy(llvm_context),
                                       {llvm::PointerType::getUnqual(llvm_context)}, false);
  auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, context.module);
  function->setDoesNotThrow();
  function->addParamAttr(0, llvm::Attribute::NoAlias);
  function->addParamAttr(0, llvm::Attribute::ReadOnly);
  if (!context.target.cpu.empty()) function->addFnAttr("target-cpu", context.target.cpu);
  if (!context.target.features.empty()) function->addFnAttr("target-features", context.target.features);
  const std::string bits = std::to_string(context.target.register_bits);
  function->addFnAttr("prefer-vector-width", bits);
  function->addFnAttr("min-legal-vector-width", bits);
  return function;
}

/// The field `offset` bytes behind the begin of the struct of arguments.
Value* load_field(llvm::IRBuilder<>& builder, llvm::Function* function, std::size_t offset, bool is_pointer) {
  llvm::Type* type = is_pointer ? static_cast<llvm::Type*>(builder.getPtrTy()) : builder.getInt64Ty();
  Value* place = builder.CreateConstGEP1_64(builder.getInt8Ty(), function->getArg(0), offset);
  return builder.CreateAlignedLoad(type, place, llvm::Align(8));
}

/// PairArguments::same_column, `no_column` of callers that do not know of it.
Value* load_same_column(llvm::IRBuilder<>& builder, llvm::Function* function) {
  constexpr std::size_t offset = offsetof(PairArguments, same_column);
  Value* size = load_field(builder, function, offsetof(PairArguments, size), false);
  Value* is_known =
      builder.CreateICmpSGE(size, builder.getInt64(offset + sizeof(PairArguments::same_column)));
  Value* place = builder.CreateSelect(is_known, builder.getInt64(offset), builder.getInt64(0));
  place = builder.CreateGEP(builder.getInt8Ty(), function->getArg(0), place);
  Value* value = builder.CreateAlignedLoad(builder.getInt64Ty(), place, llvm::Align(8));
  return builder.CreateSelect(is_known, value, builder.getInt64(static_cast<std::uint64_t>(no_column)));
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

/// if (proceed != null && !proceed(state)) return;
void emit_proceed(llvm::IRBuilder<>& builder, llvm::Function* function, Value* proceed, Value* state) {
  const auto block = [&] { return llvm::BasicBlock::Create(builder.getContext(), "", function); };
  llvm::BasicBlock* asking = block();
  llvm::BasicBlock* leaving = block();
  llvm::BasicBlock* after = block();
  builder.CreateCondBr(builder.CreateIsNull(proceed), after, asking);
  builder.SetInsertPoint(asking);
  auto* type = llvm::FunctionType::get(builder.getInt8Ty(), {builder.getPtrTy()}, false);
  llvm::CallInst* answer = builder.CreateCall(type, proceed, {state});
  answer->setDoesNotThrow();
  Value* goes_on = builder.CreateICmpNE(builder.CreateAnd(answer, builder.getInt8(1)), builder.getInt8(0));
  builder.CreateCondBr(goes_on, after, leaving);
  builder.SetInsertPoint(leaving);
  builder.CreateRetVoid();
  builder.SetInsertPoint(after);
}

/// A node that contracts series, these being its operands but for the last, `s`.
Value* contract(llvm::IRBuilder<>& builder, llvm::FixedVectorType* vector, const Program& program,
                const Node& node, const std::vector<SeriesPlace>& series, Value* s) {
  const hermite::Terms& terms = program.expansion(program[program.expanded(node.operands[0])]).terms;
  switch (node.operation) {
    case Operation::series_step:
      return emit_series_step(builder, vector, series[0], series[1], series[2], terms.entries());
    case Operation::sparse_product:
    case Operation::sparse_deficit:
      return emit_sparse_contraction(builder, node.operation, vector, series[0], series[1], s, terms);
    default:
      return emit_contraction(builder, node.operation, vector, series[0], series[1], s, terms.entries());
  }
}

llvm::Align alignment(const llvm::Type* element) { return llvm::Align(element->isFloatTy() ? 4 : 8); }

/// The SampleFunction.
class SampleEmitter final : public PositionEmitter {
 public:
  SampleEmitter(const ModuleContext& context, llvm::Function* function)
      : PositionEmitter(context, function, llvm::Type::getDoubleTy(context.module.getContext()),
                        Dependence::sample) {}

  void run() {
    builder_.SetInsertPoint(llvm::BasicBlock::Create(builder_.getContext(), "entry", function_));
    self_ = load_field(builder_, function_, offsetof(SampleArguments, self), true);
    table_ = load_field(builder_, function_, offsetof(SampleArguments, table), true);
    stride_ = load_field(builder_, function_, offsetof(SampleArguments, table_stride), false);
    Value* count = load_field(builder_, function_, offsetof(SampleArguments, count), false);
    Value* scratch = nullptr;
    if (has_positions(context_.program)) {
      scratch = load_field(builder_, function_, offsetof(SampleArguments, scratch), true);
      inputs_ = load_field(builder_, function_, offsetof(SampleArguments, inputs), true);
      position_stride_ = load_field(builder_, function_, offsetof(SampleArguments, position_stride), false);
      proceed_ = load_field(builder_, function_, offsetof(SampleArguments, proceed), true);
      proceed_state_ = load_field(builder_, function_, offsetof(SampleArguments, proceed_state), true);
    }
    if (context_.remainder_slot >= 0) remainder_ = builder_.CreateAlloca(vector_);
    emit_counted(builder_, function_, count, context_.target.lanes, [&](Value* j) {
      column_ = j;
      if (remainder_ != nullptr) builder_.CreateStore(constant(0), remainder_);
      emit_program(scratch);
      if (remainder_ != nullptr)
        store_row(index(context_.remainder_slot), builder_.CreateLoad(vector_, remainder_));
      if (context_.order_slot >= 0) store_row(index(context_.order_slot), self());
    });
    builder_.CreateRetVoid();
  }

 private:
  Value* leaf(NodeId /*id*/) override { return self(); }

  Value* self() {
    Value* pointer = builder_.CreateGEP(builder_.getDoubleTy(), self_, column_);
    return builder_.CreateAlignedLoad(vector_, pointer, llvm::Align(8));
  }

  Value* expansion(NodeId id) override {
    const Node& node = context_.program[id];
    if (node.operation != Operation::gaussian_mean && node.operation != Operation::hermite_series)
      return contraction(node);
    const EmitFunction f = [&](Value* z) { return emit_function(node.operands.back(), z); };
    Value* root = operand(node.operands[0]);
    if (node.operation == Operation::gaussian_mean)
      return emit_gaussian_mean(builder_, root, f, context_.program.rule(node));
    const auto& [terms, remainder] = context_.program.expansion(node);
    Value* scale = operand(node.operands[1]);
    Value* squares =
        emit_hermite_series(builder_, root, scale, f, terms, [&](Value* number, Value* coefficient) {
          store_row(builder_.CreateAdd(position_row(id), number), coefficient);
        });
    // What it leaves out is accounted for elsewhere; with sparse degrees it lacks the lowest ones.
    if (remainder == 0 || terms.tail > 0) return squares;
    // The series is scaled to 1 but for what it leaves out, or to 0 where there is nothing to expand.
    Value* rest = builder_.CreateFSub(constant(1), squares);
    note(builder_.CreateSelect(builder_.CreateFCmpOEQ(scale, constant(0)), constant(0), rest));
    return squares;
  }

  /// Of series at two positions of one input.
  Value* contraction(const Node& node) {
    std::vector<SeriesPlace> series;
    Value* s = nullptr;
    for (const NodeId id : node.operands) {
      const Node& line = context_.program[id];
      if (line.type != kernel_ir::Type::series) {
        s = operand(id);
        continue;
      }
      const NodeId expanded = line.operands[0];
      Value* position = line.operation == Operation::rows ? where().row : where().column;
      const std::int64_t entries = context_.program.expansion(context_.program[expanded]).terms.entries();
      Value* row = builder_.CreateAdd(table_row(expanded), builder_.CreateMul(position, index(entries)));
      series.push_back({table_pointer(row), stride_, context_.element(), false});
    }
    return contract(builder_, vector_, context_.program, node, series, s);
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

  Value* table_pointer(Value* row) {
    Value* position = builder_.CreateAdd(builder_.CreateMul(row, stride_), column_);
    return builder_.CreateGEP(context_.element(), table_, position);
  }
  void store_row(Value* row, Value* value) {
    Value* pointer = table_pointer(row);
    if (context_.element() != vector_->getElementType())
      value = builder_.CreateFPTrunc(value, vector_->getWithNewType(context_.element()));
    builder_.CreateAlignedStore(value, pointer, alignment(context_.element()));
  }

  // --- values with positions

  [[nodiscard]] std::vector<bool> stored_nodes() const override {
    std::vector<bool> result;
    for (const std::int64_t local : context_.layout.local) result.push_back(local >= 0);
    return result;
  }
  void store_at_position(NodeId id) override {
    if (context_.layout.local[id] >= 0 && context_.program[id].type != kernel_ir::Type::series)
      store_row(position_row(id), operand(id));
  }
  /// The row of a value at this position.
  Value* position_row(NodeId id) {
    const Node& node = context_.program[id];
    if (node.place.space == kernel_ir::Space::point) return table_row(id);
    const std::int64_t entries =
        node.type == kernel_ir::Type::series ? context_.program.expansion(node).terms.entries() : 1;
    return builder_.CreateAdd(table_row(id), builder_.CreateMul(number(node.place), index(entries)));
  }
  Value* input_square_at(Value* position) override {
    Value* place = builder_.CreateAdd(builder_.CreateMul(position, position_stride_), column_);
    return builder_.CreateAlignedLoad(vector_, builder_.CreateGEP(builder_.getDoubleTy(), self_, place),
                                      llvm::Align(8));
  }
  [[nodiscard]] std::pair<UnitVectors, UnitVectors> unit_vectors() const override {
    const UnitVectors own = {inputs_, position_stride_, column_, false};
    return {own, own};
  }
  Value* table_value_at(NodeId id, Value* /*position*/) override { return operand(id); }
  void check_proceed() override { emit_proceed(builder_, function_, proceed_, proceed_state_); }

  Value* self_ = nullptr;
  Value* inputs_ = nullptr;
  Value* position_stride_ = nullptr;
  Value* proceed_ = nullptr;
  Value* proceed_state_ = nullptr;
  Value* table_ = nullptr;
  Value* stride_ = nullptr;
  Value* column_ = nullptr;
  Value* remainder_ = nullptr;  // the largest of the expansions so far
};

/// The PairFunction of a kernel.
class PairEmitter final : public PositionEmitter {
 public:
  PairEmitter(const ModuleContext& context, llvm::Function* function, std::vector<kernel_ir::Root> roots)
      : PositionEmitter(context, function, context.element(), Dependence::pair),
        roots_(std::move(roots)),
        align_(alignment(context.element())),
        tile_align_(alignment(context.tile_element())) {}

  void run() {
    builder_.SetInsertPoint(llvm::BasicBlock::Create(builder_.getContext(), "entry", function_));
    const auto pointer = [&](std::size_t offset) { return load_field(builder_, function_, offset, true); };
    const auto integer = [&](std::size_t offset) { return load_field(builder_, function_, offset, false); };
    Value* rows = integer(offsetof(PairArguments, rows));
    Value* columns = integer(offsetof(PairArguments, columns));
    const bool positions = has_positions(context_.program);
    Value* half_complement = positions ? nullptr : pointer(offsetof(PairArguments, half_complement));
    Value* half_complement_stride =
        positions ? nullptr : integer(offsetof(PairArguments, half_complement_stride));
    row_table_ = {pointer(offsetof(PairArguments, row_table)),
                  integer(offsetof(PairArguments, row_table_stride))};
    column_table_ = {pointer(offsetof(PairArguments, column_table)),
                     integer(offsetof(PairArguments, column_table_stride))};
    Value* result = pointer(offsetof(PairArguments, result));
    Value* result_stride = integer(offsetof(PairArguments, result_stride));
    plane_stride_ = integer(offsetof(PairArguments, plane_stride));
    if (positions) {
      row_inputs_ = {pointer(offsetof(PairArguments, row_inputs)),
                     integer(offsetof(PairArguments, row_input_stride))};
      column_inputs_ = {pointer(offsetof(PairArguments, column_inputs)),
                        integer(offsetof(PairArguments, column_input_stride))};
      scratch_ = pointer(offsetof(PairArguments, scratch));
      proceed_ = pointer(offsetof(PairArguments, proceed));
      proceed_state_ = pointer(offsetof(PairArguments, proceed_state));
    }
    if (uses_identity()) same_column_ = load_same_column(builder_, function_);
    emit_counted(builder_, function_, rows, 1, [&](Value* i) {
      row_ = i;
      if (!positions)
        half_complement_row_ = tile_element(half_complement, builder_.CreateMul(i, half_complement_stride));
      result_row_ = tile_element(result, builder_.CreateMul(i, result_stride));
      emit_counted(builder_, function_, columns, context_.target.lanes, [this](Value* j) {
        column_ = j;
        set_order();
        emit_entry();
      });
    });
    builder_.CreateRetVoid();
    set_tables_apart(result);
  }

 private:
  struct Table {
    Value* data;
    Value* stride;
  };

  /// The tables are apart from the result, which pointers that come out of a struct cannot say. Without this
  /// the entries of a row's table would be loaded again after each store.
  void set_tables_apart(Value* result) {
    llvm::MDBuilder metadata(builder_.getContext());
    llvm::MDNode* tables =
        metadata.createAnonymousAliasScope(metadata.createAnonymousAliasScopeDomain(), "tables");
    llvm::MDNode* scopes = llvm::MDNode::get(builder_.getContext(), {tables});
    for (llvm::Instruction& instruction : llvm::instructions(*function_)) {
      const Value* pointer = llvm::getLoadStorePointerOperand(&instruction);
      if (pointer == nullptr) continue;
      const Value* array = llvm::getUnderlyingObject(pointer, 0);
      if (array == row_table_.data || array == column_table_.data)
        instruction.setMetadata(llvm::LLVMContext::MD_alias_scope, scopes);
      if (array == result) instruction.setMetadata(llvm::LLVMContext::MD_noalias, scopes);
    }
  }

  Value* element(Value* array, Value* number) {
    return builder_.CreateGEP(context_.element(), array, number);
  }
  Value* tile_element(Value* array, Value* number) {
    return builder_.CreateGEP(context_.tile_element(), array, number);
  }
  [[nodiscard]] bool converts() const { return context_.tile_element() != context_.element(); }

  /// Of a kernel that is not symmetric as it is written: the input with the smaller |x|²/d counts as the first
  /// one. Where they are equal, so are all values of the two samples.
  void set_order() {
    if (context_.order_slot < 0) return;
    const auto self = [&](bool of_row) { return table_entry(index(context_.order_slot), of_row); };
    is_exchanged_ = builder_.CreateFCmpOLT(self(false), self(true));
  }

  /// Whether all lanes have one sample of this side, the one of the matrix row.
  [[nodiscard]] bool is_splat(bool of_row) const { return of_row && !context_.rows_by_lane; }
  /// Entry in a table's row: of the sample of the matrix row, or of those of the columns.
  Value* table_entry(Value* table_row, bool of_row) {
    Value* pointer = table_pointer(table_row, of_row);
    if (!is_splat(of_row)) return builder_.CreateAlignedLoad(vector_, pointer, align_);
    Value* value = builder_.CreateAlignedLoad(context_.element(), pointer, align_);
    return builder_.CreateVectorSplat(vector_->getElementCount(), value);
  }
  Value* table_pointer(Value* table_row, bool of_row) {
    const Table& table = of_row ? row_table_ : column_table_;
    Value* slot = builder_.CreateMul(table_row, table.stride);
    return element(table.data, builder_.CreateAdd(slot, is_splat(of_row) ? row_ : column_));
  }

  void emit_entry() {
    if (half_complement_row_ != nullptr) {
      half_complement_ = builder_.CreateAlignedLoad(vector_->getWithNewType(context_.tile_element()),
                                                    tile_element(half_complement_row_, column_), tile_align_);
      if (converts()) half_complement_ = builder_.CreateFPExt(half_complement_, vector_);
    }
    emit_program(scratch_);
    // One plane may take the place of the half complements, which have been read.
    for (const kernel_ir::Root& root : roots_) {
      const Node& node = context_.program[root.node];
      if (node.region != 0 || node.place.space != kernel_ir::Space::point) continue;
      for (std::int64_t plane = root.plane; plane < root.plane + root.count; ++plane)
        store(operand(root.node), index(plane));
    }
  }

  /// Roots in loops: a plane for each iteration.
  void computed(NodeId id) override {
    const RegionId region = context_.program[id].region;
    if (region == 0 || context_.program[id].place.space != kernel_ir::Space::point) return;
    for (const kernel_ir::Root& root : roots_) {
      if (root.node == id) store(operand(id), builder_.CreateAdd(index(root.plane), flat_iteration(region)));
    }
  }

  [[nodiscard]] bool stores_in(RegionId region) const override {
    return std::ranges::any_of(
        roots_, [&](const kernel_ir::Root& root) { return context_.program[root.node].region == region; });
  }

  void store(Value* value, Value* plane) {
    Value* place = builder_.CreateAdd(builder_.CreateMul(plane, plane_stride_), column_);
    if (converts()) value = builder_.CreateFPTrunc(value, vector_->getWithNewType(context_.tile_element()));
    builder_.CreateAlignedStore(value, tile_element(result_row_, place), tile_align_);
  }

  // --- values with positions

  [[nodiscard]] std::vector<bool> stored_nodes() const override {
    std::vector<bool> result(context_.program.size(), false);
    for (const kernel_ir::Root& root : roots_) result[root.node] = true;
    return result;
  }
  /// A root has a plane for each of its numbers.
  void store_at_position(NodeId id) override {
    const Node& node = context_.program[id];
    for (const kernel_ir::Root& root : roots_) {
      if (root.node != id) continue;
      for (std::int64_t i = 0; i < (node.region == 0 ? root.count : 1); ++i) {
        Value* plane = index(root.plane + i);
        if (node.region != 0) plane = builder_.CreateAdd(plane, flat_iteration(node.region));
        plane = builder_.CreateMul(plane, index(context_.program.numbers(node.place)));
        store(operand(id), builder_.CreateAdd(plane, number(node.place)));
      }
    }
  }
  Value* input_square_at(Value* position) override { return position; }
  [[nodiscard]] std::pair<UnitVectors, UnitVectors> unit_vectors() const override {
    const bool splat = is_splat(true);
    return {{row_inputs_.data, row_inputs_.stride, splat ? row_ : column_, splat},
            {column_inputs_.data, column_inputs_.stride, column_, false}};
  }
  Value* table_value_at(NodeId id, Value* position) override {
    const Node& node = context_.program[id];
    const bool first = node.operation == Operation::first;
    Value* row = row_at(node.operands[0], position);
    return node.type == kernel_ir::Type::series ? table_pointer(row, first) : table_entry(row, first);
  }
  /// The row of the table for a sample value at a position; null: of one number.
  Value* row_at(NodeId sample, Value* position) {
    Value* row = table_row(sample);
    if (position == nullptr) return row;
    const Node& node = context_.program[sample];
    const std::int64_t entries =
        node.type == kernel_ir::Type::series ? context_.program.expansion(node).terms.entries() : 1;
    return builder_.CreateAdd(row, builder_.CreateMul(position, index(entries)));
  }
  void check_proceed() override { emit_proceed(builder_, function_, proceed_, proceed_state_); }

  /// The sample value that a pair node reads, whether at x, and the position there.
  struct Side {
    NodeId sample;
    bool is_first;
    Value* position;
  };
  Side side_of(NodeId id) {
    const Node& node = context_.program[id];
    if (node.operation == Operation::rows || node.operation == Operation::columns) {
      const Node& inner = context_.program[node.operands[0]];
      return {inner.operands[0], inner.operation == Operation::first,
              node.operation == Operation::rows ? where().row : where().column};
    }
    const bool is_point = node.place.space == kernel_ir::Space::point;
    return {node.operands[0], node.operation == Operation::first, is_point ? nullptr : number(node.place)};
  }

  /// z and z̄ of the inputs: the tile holds the smaller, with the sign of u as its sign.
  Value* complement(bool of_negative) {
    Value* magnitude = builder_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, half_complement_);
    llvm::Type* bits = vector_->getWithNewType(builder_.getIntNTy(context_.element()->getScalarSizeInBits()));
    Value* negative = builder_.CreateICmpSLT(builder_.CreateBitCast(half_complement_, bits),
                                             llvm::Constant::getNullValue(bits));
    Value* other = builder_.CreateFSub(constant(1), magnitude);
    return of_negative ? builder_.CreateSelect(negative, magnitude, other)
                       : builder_.CreateSelect(negative, other, magnitude);
  }

  [[nodiscard]] bool uses_identity() const {
    for (NodeId id = 0; id < context_.program.size(); ++id) {
      if (context_.needed[id] && context_.program[id].operation == Operation::identity) return true;
    }
    return false;
  }

  /// 1 in the lane of the sample that the row is of, 0 in all others.
  Value* is_same_sample() {
    llvm::Type* bits = vector_->getWithNewType(builder_.getIntNTy(context_.element()->getScalarSizeInBits()));
    std::vector<llvm::Constant*> numbers;
    for (std::int64_t lane = 0; lane < context_.target.lanes; ++lane)
      numbers.push_back(llvm::ConstantInt::get(bits->getScalarType(), static_cast<std::uint64_t>(lane)));
    Value* lane = builder_.CreateSub(builder_.CreateAdd(row_, same_column_), column_);
    // As many bits as an element has hold the numbers of lanes, and one that is none of them.
    Value* none = index(context_.target.lanes);
    lane = builder_.CreateSelect(builder_.CreateICmpULT(lane, none), lane, none);
    Value* wanted = builder_.CreateVectorSplat(vector_->getElementCount(),
                                               builder_.CreateTrunc(lane, bits->getScalarType()));
    return builder_.CreateSelect(builder_.CreateICmpEQ(wanted, llvm::ConstantVector::get(numbers)),
                                 constant(1), constant(0));
  }

  Value* leaf(NodeId id) override {
    const Node& node = context_.program[id];
    if (node.operation == Operation::input_complement) return complement(false);
    if (node.operation == Operation::input_cocomplement) return complement(true);
    if (node.operation == Operation::identity) return is_same_sample();
    const bool first = node.operation == Operation::first;
    Value* row = table_row(node.operands[0]);
    if (node.type == kernel_ir::Type::series)
      return table_pointer(row, first);  // `expansion` puts it in order
    Value* value = table_entry(row, first);
    return is_exchanged_ == nullptr ? value
                                    : builder_.CreateSelect(is_exchanged_, table_entry(row, !first), value);
  }

  Value* expansion(NodeId id) override {
    Value* value = contraction(context_.program[id], false);
    const Node& node = context_.program[id];
    const auto series = [&](std::size_t i) { return side_of(node.operands[i]).sample; };
    const bool is_same = node.operation != Operation::series_step && series(0) == series(1);
    if (is_exchanged_ == nullptr || is_same) return value;
    return builder_.CreateSelect(is_exchanged_, contraction(node, true), value);
  }

  /// As it is written, or with the two inputs exchanged.
  Value* contraction(const Node& node, bool exchanged) {
    const auto of_row = [&](NodeId series) { return side_of(series).is_first != exchanged; };
    const auto place = [&](NodeId series) -> SeriesPlace {
      const bool row = of_row(series);
      const Side side = side_of(series);
      Value* pointer = table_pointer(row_at(side.sample, side.position), row);
      return {pointer, (row ? row_table_ : column_table_).stride, context_.element(), is_splat(row)};
    };
    std::vector<SeriesPlace> series = {place(node.operands[0]), place(node.operands[1])};
    if (node.operation == Operation::series_step) {
      series.push_back(place(node.operands[2]));
      return contract(builder_, vector_, context_.program, node, series, nullptr);
    }
    Value* s = node.operands.size() > 2 ? operand(node.operands[2]) : nullptr;
    // Which of the two is the first does not count: those of a pair and of the pair exchanged are shared.
    const auto key = [&](NodeId id) { return std::pair(side_of(id).sample, of_row(id)); };
    const auto [low, high] = std::minmax({key(node.operands[0]), key(node.operands[1])});
    const auto [known, is_new] =
        contractions_.try_emplace({node.operation, low, high, s, where().row}, nullptr);
    if (is_new) known->second = contract(builder_, vector_, context_.program, node, series, s);
    return known->second;
  }

  std::vector<kernel_ir::Root> roots_;
  llvm::Align align_;
  llvm::Align tile_align_;
  Table row_table_ = {};
  Table column_table_ = {};
  Value* plane_stride_ = nullptr;
  Value* half_complement_row_ = nullptr;
  Value* result_row_ = nullptr;
  Value* row_ = nullptr;
  Value* column_ = nullptr;
  Value* half_complement_ = nullptr;
  Value* same_column_ = nullptr;
  Value* is_exchanged_ = nullptr;                // in which lanes the column's input counts as the first
  using SeriesOfSide = std::pair<NodeId, bool>;  // and whether it is that of the row
  std::map<std::tuple<Operation, SeriesOfSide, SeriesOfSide, Value*, Value*>, Value*> contractions_;
  Table row_inputs_ = {};
  Table column_inputs_ = {};
  Value* scratch_ = nullptr;
  Value* proceed_ = nullptr;
  Value* proceed_state_ = nullptr;
};

}  // namespace

EmittedModule emit(const Program& program, const Target& target) {
  EmittedModule result;
  result.context = std::make_unique<llvm::LLVMContext>();
  result.module = std::make_unique<llvm::Module>(program.name, *result.context);
  std::vector<bool> needed = kernel_ir::find_live(program, program.roots);
  kernel_ir::SlotLayout layout = kernel_ir::assign_slots(program, needed);
  if (layout.total > kernel_ir::most_slots)
    throw std::invalid_argument("the per-sample table would have more than 2^31 rows");
  ModuleContext context{program, target, std::move(needed), std::move(layout), {}, -1,
                        -1,      false,  *result.module};
  context.members.resize(program.regions().size());
  for (NodeId id = 0; id < program.size(); ++id) context.members[program[id].region].push_back(id);
  result.slots = context.layout.total;
  if (!is_symmetric(program)) {
    if (has_positions(program))
      result.rows_by_lane = context.rows_by_lane = true;
    else
      context.order_slot = result.slots++;
  }
  for (NodeId id = 0; id < program.size(); ++id) {
    const Operation operation = program[id].operation;
    if (context.needed[id] && (operation == Operation::hermite_series || operation == Operation::with_loss))
      context.remainder_slot = result.slots;
  }
  if (context.remainder_slot >= 0) ++result.slots;
  result.remainder_slot = context.remainder_slot;

  const Symbols symbols(program, target);
  result.sample_symbol = symbols.sample();
  SampleEmitter sample(context, create_function(context, result.sample_symbol));
  sample.run();
  result.scratch_bytes = sample.scratch_bytes();
  for (const auto& root : program.roots) {
    if (root.plane != 0) continue;
    std::vector<kernel_ir::Root> planes;
    for (const auto& other : program.roots) {
      if (other.name == root.name) planes.push_back(other);
    }
    result.kernels.push_back({root.name,
                              program.planes(root.name) * program.numbers(program[root.node].place),
                              symbols.pair(root.name)});
    PairEmitter pair(context, create_function(context, result.kernels.back().symbol), std::move(planes));
    pair.run();
    result.scratch_bytes = std::max(result.scratch_bytes, pair.scratch_bytes());
  }
  std::string violation;
  llvm::raw_string_ostream stream(violation);
  if (llvm::verifyModule(*result.module, &stream))
    throw std::logic_error("emit: invalid LLVM IR: " + stream.str());
  return result;
}

}  // namespace ntkc::codegen
