// The nodes of one function as LLVM IR, where values may have positions. Internal to this folder.
//
// A value with positions that is kept is an array of vectors in the caller's scratch memory, one vector for each
// position, so that a vector holds the same position of as many samples or pairs as there are lanes. Behind the
// positions is one more, which holds 0: it is what taps read that are outside. Over pairs of positions the array is
// a square of them, with a row and a column of zeros.
#pragma once

#include <utility>
#include <vector>

#include "compiler/codegen/function_emitter.hpp"
#include "compiler/codegen/position_plan.hpp"

namespace ntkc::codegen {

class PositionEmitter : public FunctionEmitter {
 public:
  PositionEmitter(const ModuleContext& context, llvm::Function* function, llvm::Type* element,
                  kernel_ir::Dependence dependence)
      : FunctionEmitter(context, function, element, dependence) {}

  /// What the arrays take; once the function is emitted.
  [[nodiscard]] std::int64_t scratch_bytes() const { return vectors_ * vector_bytes(); }

 protected:
  /// The position that is being computed, of x and of x'; null while what is one number is.
  struct Index {
    Value* row = nullptr;
    Value* column = nullptr;
  };
  /// The components of unit vectors, that of component k at position p at (p * channels + k) * stride + offset of
  /// `data`: one for all lanes if `splat`.
  struct UnitVectors {
    Value* data = nullptr;
    Value* stride = nullptr;
    Value* offset = nullptr;
    bool splat = false;
  };

  /// The program, whose values may have positions or not. `scratch`: SampleArguments, PairArguments.
  void emit_program(Value* scratch);
  /// The nodes whose values the function stores.
  [[nodiscard]] virtual std::vector<bool> stored_nodes() const = 0;
  /// Takes what is stored, at `where()`.
  virtual void store_at_position(kernel_ir::NodeId id) = 0;
  /// |x|²/d at a position.
  virtual Value* input_square_at(Value* position) = 0;
  /// Of the two inputs, or twice of the one.
  [[nodiscard]] virtual std::pair<UnitVectors, UnitVectors> unit_vectors() const = 0;
  /// A sample value that a pair node reads, at a position.
  virtual Value* table_value_at(kernel_ir::NodeId side, Value* position) = 0;
  /// Called between loops over positions: the function returns if its caller says so.
  virtual void check_proceed() = 0;

  [[nodiscard]] const Index& where() const { return index_; }
  /// The number of `index` among those of a value at a place.
  Value* number(kernel_ir::Place place);
  /// At `index`: sums of squares of differences and sums of the inputs' unit vectors give (1 ∓ u)/2.
  Value* input_complement(bool of_negative);

 private:
  [[nodiscard]] std::int64_t vector_bytes() const;
  [[nodiscard]] llvm::Align vector_align() const;
  [[nodiscard]] std::int64_t count(kernel_ir::Place place) const;

  // --- arrays
  Value* allocate(kernel_ir::Place place);
  Value* array_entry(Value* array, Value* number);
  Value* load(Value* array, Value* number);
  void store(Value* value, Value* array, Value* number);
  Value* array_number(kernel_ir::Place place, Value* row, Value* column);
  void copy(kernel_ir::Place place, Value* to, Value* from);
  void fill(kernel_ir::Place place, Value* to, Value* value);

  // --- loops
  template <typename Body>
  void for_each_position(kernel_ir::Place place, Body body);
  template <typename Term>
  Value* sum(Value* begin, Value* end, Term term);
  Value* integer(std::int64_t value) { return FunctionEmitter::index(value); }

  void emit_levels(kernel_ir::RegionId region);
  void emit_point(kernel_ir::NodeId id);
  void emit_group(const PositionGroup& group);
  void emit_loop_over(kernel_ir::NodeId id);

  // --- nodes
  Value* evaluate(kernel_ir::NodeId id);
  /// The value of a node that a map reads, at any position of x or x'.
  Value* value_at(kernel_ir::NodeId id, Value* position);
  Value* emit_coupled(const kernel_ir::Node& node);
  Value* emit_congruent(const kernel_ir::Node& node);
  Value* emit_tap_product(const kernel_ir::Node& node);
  Value* scaled_tap(const kernel_ir::Node& node, std::size_t operand, Value* output, Value* input);
  Value* lines(kernel_ir::NodeId operand, Value* position);

  std::vector<PositionPlan> plan_;  // one
  Value* scratch_ = nullptr;
  std::int64_t vectors_ = 0;
  std::vector<Value*> arrays_;  // by node
  Index index_;
  std::pair<Value*, Value*> complements_ = {nullptr, nullptr};  // of the inputs at `index`
};

}  // namespace ntkc::codegen
