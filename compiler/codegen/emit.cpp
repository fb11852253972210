#include "compiler/codegen/emit.hpp"

#include <fmt/format.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "compiler/codegen/normal.hpp"
#include "compiler/codegen/series.hpp"
#include "compiler/codegen/slots.hpp"
#include "compiler/codegen/vector_math.hpp"

namespace ntkc::codegen {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::RegionId;
using llvm::Value;

/// What the functions of a module share.
struct ModuleContext {
  const Program& program;
  const Target& target;
  std::vector<bool> needed;
  SlotLayout layout;
  std::vector<std::vector<NodeId>> members;  // nodes by region, in order
  std::int64_t remainder_slot = -1;
  llvm::Module& module;

  [[nodiscard]] llvm::Type* element() const {
    auto& context = module.getContext();
    return target.f32 ? llvm::Type::getFloatTy(context) : llvm::Type::getDoubleTy(context);
  }
};

/// Emits the nodes of one function. `sample`: the nodes that depend on one input, in f64; otherwise those
/// that depend on the pair. Derived classes supply the leaves.
class FunctionEmitter {
 public:
  FunctionEmitter(const ModuleContext& context, llvm::Function* function, llvm::Type* element,
                  Dependence dependence)
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
  virtual Value* leaf(NodeId id) = 0;
  /// Hermite expansions: of a sample, contractions of pairs.
  virtual Value* expansion(NodeId id) = 0;
  /// Called for each value once it is there.
  virtual void computed(NodeId /*id*/) {}
  /// Whether `computed` stores values of this region.
  [[nodiscard]] virtual bool stores_in(RegionId /*region*/) const { return false; }

  void emit_region(RegionId region) {
    for (const NodeId id : context_.members[region]) {
      const Node& node = context_.program[id];
      if (!context_.needed[id]) continue;
      if (node.operation == Operation::loop) {
        emit_loop(id);
      } else if (node.operation == Operation::loop_result || node.operation == Operation::loop_argument) {
        if (values_[id] == nullptr) values_[id] = carried_result(node);
        if (values_[id] != nullptr) computed(id);
      } else if (node.dependence == dependence_ || node.dependence == Dependence::constant) {
        values_[id] = emit_node(id);
        computed(id);
      }
    }
  }

  Value* operand(NodeId id) {
    const Node& node = context_.program[id];
    if (values_[id] == nullptr) {
      throw std::invalid_argument(fmt::format("emit: node {} ({}) is not available; passes were skipped", id,
                                              kernel_ir::info(node.operation).name));
    }
    return values_[id];
  }

  Value* constant(double value) { return llvm::ConstantFP::get(vector_, value); }
  Value* index(std::int64_t value) { return builder_.getInt64(static_cast<std::uint64_t>(value)); }

  /// Row of the table in which sample node `id` stands in the current iterations.
  Value* table_row(NodeId id) {
    const RegionId region = context_.program[id].region;
    const auto& slots = context_.layout.regions[region];
    Value* row = index(slots.base + context_.layout.local[id]);
    if (region == 0) return row;
    return builder_.CreateAdd(row, builder_.CreateMul(flat_iteration(region), index(slots.per_iteration)));
  }

  /// φ(z). Its nodes are emitted anew for each z.
  Value* emit_function(NodeId phi, Value* z) {
    std::vector<bool> is_part(phi + 1, false);
    is_part[phi] = true;
    for (NodeId id = phi + 1; id-- > 0;) {
      if (!is_part[id] || context_.program[id].dependence != Dependence::function) continue;
      for (const NodeId used : context_.program[id].operands) is_part[used] = true;
    }
    for (NodeId id = 0; id <= phi; ++id) {
      if (!is_part[id] || context_.program[id].dependence != Dependence::function) continue;
      values_[id] = context_.program[id].operation == Operation::variable ? z : emit_node(id);
    }
    return operand(phi);
  }

  /// The number of this iteration of `region` among all, loops around it included.
  Value* flat_iteration(RegionId region) {
    std::vector<RegionId> nest;
    for (RegionId r = region; r != 0; r = context_.program.regions()[r].parent) nest.push_back(r);
    Value* flat = nullptr;
    for (std::size_t level = 0; level < nest.size(); ++level) {
      const RegionId r = nest[nest.size() - 1 - level];
      const std::int64_t count = context_.program[context_.program.regions()[r].loop].count;
      Value* counter = counters_[level];
      flat = flat == nullptr ? counter : builder_.CreateAdd(builder_.CreateMul(flat, index(count)), counter);
    }
    return flat;
  }

  const ModuleContext& context_;
  llvm::IRBuilder<> builder_;
  llvm::Function* function_;
  llvm::FixedVectorType* vector_;

 private:
  Value* emit_node(NodeId id) {
    const Node& node = context_.program[id];
    switch (node.operation) {
      case Operation::literal:
        return constant(node.value);
      case Operation::pi:
        return constant(std::numbers::pi);
      case Operation::input_square:
      case Operation::input_complement:
      case Operation::input_cocomplement:
      case Operation::first:
      case Operation::second:
        return leaf(id);
      case Operation::gaussian_mean:
      case Operation::hermite_series:
      case Operation::series_product:
      case Operation::series_slope:
      case Operation::series_distance:
      case Operation::series_step:
      case Operation::series_derivative:
        return expansion(id);
      default:
        break;
    }
    std::vector<Value*> a;
    for (const NodeId o : node.operands) a.push_back(operand(o));
    switch (node.operation) {
      case Operation::add:
        return builder_.CreateFAdd(a[0], a[1]);
      case Operation::subtract:
        return builder_.CreateFSub(a[0], a[1]);
      case Operation::multiply:
        return builder_.CreateFMul(a[0], a[1]);
      case Operation::divide:
        return builder_.CreateFDiv(a[0], a[1]);
      case Operation::square_root:
        return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, a[0]);
      case Operation::reciprocal_or_zero: {
        Value* is_zero = builder_.CreateFCmpOEQ(a[0], constant(0));
        return builder_.CreateSelect(is_zero, constant(0), builder_.CreateFDiv(constant(1), a[0]));
      }
      case Operation::minimum:
        return builder_.CreateSelect(builder_.CreateFCmpOLT(a[0], a[1]), a[0], a[1]);
      case Operation::maximum:
        return builder_.CreateSelect(builder_.CreateFCmpOGT(a[0], a[1]), a[0], a[1]);
      case Operation::select_less:
        return builder_.CreateSelect(builder_.CreateFCmpOLT(a[0], a[1]), a[2], a[3]);
      case Operation::expm1:
        return emit_expm1(builder_, a[0]);
      case Operation::exp:
        return emit_exp(builder_, a[0]);
      case Operation::log:
        return emit_log(builder_, a[0]);
      case Operation::tanh:
        return emit_tanh(builder_, a[0]);
      case Operation::sin:
        return emit_sin(builder_, a[0]);
      case Operation::cos:
        return emit_sin(builder_, a[0], 1);
      case Operation::erf:
        return emit_erf(builder_, a[0]);
      case Operation::abs:
        return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a[0]);
      case Operation::sign: {
        Value* below =
            builder_.CreateSelect(builder_.CreateFCmpOLT(a[0], constant(0)), constant(-1), constant(0));
        return builder_.CreateSelect(builder_.CreateFCmpOGT(a[0], constant(0)), constant(1), below);
      }
      case Operation::power:
        return emit_power(a[0], a[1], context_.program[node.operands[1]]);
      case Operation::normal_tail:
        return emit_normal_tail(builder_, a[0], a[1]);
      case Operation::normal_orthant:
        return emit_normal_orthant(builder_, a[0], a[1], a[2], a[3], a[4]);
      case Operation::dawson:
        return emit_dawson(builder_, a[0]);
      case Operation::arcsine_ratio:
        return emit_fitted(builder_, Function::arcsine_ratio, 0, node.value, a[0]);
      case Operation::arccosine_ratio:
        return emit_fitted(builder_, Function::arccosine_ratio, 0, node.value, a[0]);
      default:
        throw std::invalid_argument(fmt::format("emit: `{}` has no machine code; passes were skipped",
                                                kernel_ir::info(node.operation).name));
    }
  }

  /// a^b: of an integer up to 64 by multiplication, otherwise e^(b log a), a ≥ 0.
  Value* emit_power(Value* a, Value* b, const Node& exponent) {
    const double n = exponent.value;
    if (exponent.operation == Operation::literal && n == std::nearbyint(n) && std::fabs(n) <= 64)
      return emit_integer_power(builder_, a, static_cast<std::int64_t>(n));
    return emit_exp(builder_, builder_.CreateFMul(b, emit_log(builder_, a)));
  }

  Value* carried_result(const Node& node) {
    if (node.operation != Operation::loop_result) return nullptr;
    return values_[context_.program.regions()[context_.program[node.operands[0]].index].results[node.index]];
  }

  /// do { body } while (++i < count), with a phi for each carried value of this function's dependence. A loop
  /// that carries none is not emitted, unless it stores something.
  void emit_loop(NodeId id) {
    const Node& loop = context_.program[id];
    const auto& body = context_.program.regions()[loop.index];
    std::vector<std::size_t> carried;
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      if (context_.program[body.arguments[i]].dependence == dependence_) carried.push_back(i);
    }
    if (carried.empty() && !stores_in(loop.index)) return;
    llvm::BasicBlock* before = builder_.GetInsertBlock();
    llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "iteration", function_);
    builder_.CreateBr(block);
    builder_.SetInsertPoint(block);
    llvm::PHINode* counter = builder_.CreatePHI(builder_.getInt64Ty(), 2);
    counter->addIncoming(index(0), before);
    counters_.push_back(counter);
    std::vector<llvm::PHINode*> phis;
    for (const std::size_t i : carried) {
      llvm::PHINode* phi = builder_.CreatePHI(vector_, 2);
      phi->addIncoming(operand(loop.operands[i]), before);
      values_[body.arguments[i]] = phi;
      phis.push_back(phi);
    }
    emit_region(loop.index);
    llvm::BasicBlock* last = builder_.GetInsertBlock();
    Value* next = builder_.CreateAdd(counter, index(1));
    counter->addIncoming(next, last);
    for (std::size_t k = 0; k < phis.size(); ++k)
      phis[k]->addIncoming(operand(body.results[carried[k]]), last);
    llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "after", function_);
    builder_.CreateCondBr(builder_.CreateICmpSLT(next, index(loop.count)), block, after);
    builder_.SetInsertPoint(after);
    counters_.pop_back();
  }

  Dependence dependence_;
  std::vector<Value*> values_;
  std::vector<llvm::PHINode*> counters_;
};

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
    rest = builder_.CreateSelect(builder_.CreateFCmpOEQ(scale, constant(0)), constant(0), rest);
    Value* worst = builder_.CreateLoad(vector_, remainder_);
    // A rest that is no number counts as the worst.
    builder_.CreateStore(builder_.CreateSelect(builder_.CreateFCmpOLE(rest, worst), worst, rest), remainder_);
    return squares;
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
    if (context.needed[id] && program[id].operation == Operation::hermite_series)
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
