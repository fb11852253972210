// The nodes of one function as LLVM IR, where values may have positions. Internal to this folder.
//
// A value with positions that is kept is an array of vectors in the caller's scratch memory, one vector for each
// position, so that a vector holds the same position of as many samples or pairs as there are lanes. Behind the
// positions is one more, which holds 0: it is what taps read that are outside. Over pairs of positions the array is
// a square of them, with a row and a column of zeros.
//
// In a segment (position_plan.hpp) there are buffers instead, for one offset at a time: the rectangle of the
// positions p that have it, row by row, in a frame of zeros or, where positions are taken modulo their number, of
// what is on the opposite side.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "compiler/codegen/function_emitter.hpp"
#include "compiler/codegen/position_plan.hpp"

namespace ntkc::codegen {

/// See above; derived classes supply what is read and stored.
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
  /// Of the buffers of values with the same positions.
  struct SliceShape {
    std::int64_t height = 1;
    std::int64_t width = 1;
    std::int64_t scale[2] = {1, 1};  ///< PositionPlan::scale
    std::int64_t low[2] = {0, 0};    ///< of the frame: above, left
    std::int64_t high[2] = {0, 0};
    bool is_circular[2] = {false, false};
    // Of the current slice: the first position, how many there are, and the second position of the first.
    Value* begin[2] = {nullptr, nullptr};
    Value* size[2] = {nullptr, nullptr};
    Value* second[2] = {nullptr, nullptr};
    Value* is_active = nullptr;  ///< whether it has an offset in the current slice
    std::vector<Value*> buffers;

    [[nodiscard]] std::int64_t pitch() const { return low[1] + width + high[1]; }
    [[nodiscard]] std::int64_t vectors() const { return (low[0] + height + high[0]) * pitch(); }
    [[nodiscard]] bool has_frame() const { return low[0] + low[1] + high[0] + high[1] > 0; }
  };
  [[nodiscard]] std::int64_t vector_bytes() const;
  [[nodiscard]] llvm::Align vector_align() const;
  [[nodiscard]] std::int64_t count(kernel_ir::Place place) const;

  // --- arrays
  Value* allocate(std::int64_t vectors);
  Value* allocate_array(kernel_ir::Place place);
  [[nodiscard]] std::int64_t array_vectors(kernel_ir::Place place) const;
  Value* array_entry(Value* array, Value* number);
  Value* load(Value* array, Value* number);
  void store(Value* value, Value* array, Value* number);
  Value* array_number(kernel_ir::Place place, Value* row, Value* column);
  void copy(kernel_ir::NodeId id, Value* to, Value* from);
  void fill(kernel_ir::Place place, Value* to, Value* value);

  // --- loops
  template <typename Body>
  void for_each_position(kernel_ir::Place place, Body body);
  void for_range(Value* begin, Value* end, const std::function<void(Value*)>& body);
  template <typename Term>
  Value* sum(Value* begin, Value* end, Term term);
  Value* integer(std::int64_t value) { return FunctionEmitter::index(value); }

  void emit_levels(const std::vector<PositionLevel>& levels);
  void emit_point(kernel_ir::NodeId id);
  void emit_group(const PositionGroup& group);
  void evaluate_nodes(const PositionGroup& group, const std::vector<bool>& is_target);
  [[nodiscard]] bool has_deferred(kernel_ir::NodeId id) const;
  void find_deferred(const PositionGroup& group, const std::vector<bool>& is_target);
  Value* emit_deferring(const PositionGroup& group, kernel_ir::NodeId id);
  void emit_loop_over(kernel_ir::NodeId id);
  [[nodiscard]] bool goes_straight(kernel_ir::NodeId loop, std::size_t carried) const;

  // --- segments: slice_emitter.cpp
  void emit_segment(std::size_t number);
  void find_shapes();
  void assign_buffers();
  Value* allocate_buffer(SliceShape& shape);
  void begin_sinks();
  void combine_sinks(const std::function<std::pair<Value*, Value*>(Value*, Value*)>& result);
  void set_slice(Value* offset_y, Value* offset_x, Value* is_turned);
  void emit_pairs_of_slices(const std::function<void(Value*, Value*, Value*)>& emit_slice);
  void emit_slice_group(const PositionGroup& group);
  void add_to_sink(kernel_ir::NodeId sink, kernel_ir::NodeId id);
  void clear_frame(const SliceShape& shape, Value* buffer);
  void wrap_frame(const SliceShape& shape, Value* buffer);
  Value* column_sum(const kernel_ir::Node& node, Value* y, Value* x);
  Value* slice_number(const SliceShape& shape, Value* y, Value* x);
  Value* emit_local_sum(const kernel_ir::Node& node);
  [[nodiscard]] bool rolls(kernel_ir::NodeId id) const;
  void emit_row(const PositionGroup& group, const std::vector<bool>& is_target, Value* y, Value* width);
  [[nodiscard]] bool is_sunk(kernel_ir::NodeId id) const;
  Value* sunk_value(kernel_ir::NodeId id);
  using ShapeKey = std::pair<kernel_ir::ExtentsId, kernel_ir::Extents>;  ///< and the scale
  [[nodiscard]] ShapeKey shape_key(kernel_ir::NodeId id) const {
    return {context_.program[id].place.extents, plan_[0].scale(id)};
  }
  [[nodiscard]] const SliceShape& shape_of(kernel_ir::NodeId id) const { return shapes_.at(shape_key(id)); }
  void emit_if(Value* condition, const std::function<void()>& body);

  // --- nodes
  Value* evaluate(kernel_ir::NodeId id);
  /// The value of a node that is stored, at `where()`.
  Value* read(kernel_ir::NodeId id);
  /// The value of a node that a map reads, at any position of x or x'.
  Value* value_at(kernel_ir::NodeId id, Value* position);
  Value* emit_coupled(kernel_ir::NodeId id);
  Value* emit_congruent(const kernel_ir::Node& node);
  Value* emit_weighted_sums(const kernel_ir::Node& node, bool rows_last);
  Value* emit_tap_product(const kernel_ir::Node& node);
  Value* scaled_tap(const kernel_ir::Node& node, std::size_t operand, Value* output, Value* input);
  [[nodiscard]] bool is_stored_here(kernel_ir::NodeId id) const;

  std::vector<PositionPlan> plan_;  // one
  Value* scratch_ = nullptr;
  std::int64_t vectors_ = 0;
  std::vector<Value*> arrays_;   // by node
  std::vector<Value*> buffers_;  // by node, of the segment that is being emitted
  std::int64_t segment_ = PositionPlan::no_segment;
  std::map<ShapeKey, SliceShape> shapes_;  // of that segment
  /// What is added up over the slices of a segment: of offsets and of their opposites apart, so that exchanged inputs
  /// add up the same numbers in the same order.
  struct Sink {
    std::int64_t segment = PositionPlan::no_segment;
    Value* sum = nullptr;       ///< of a map to a point one vector of doubles, else an array
    Value* opposite = nullptr;  ///< null: what is added does not depend on the order
    Value* current = nullptr;   ///< of the slice that is being computed
    Value* row = nullptr;       ///< of a map to a point, the sum over the current row
  };
  std::map<kernel_ir::NodeId, Sink> sums_;
  std::map<kernel_ir::NodeId, Value*> carried_next_;  // by loop argument: the buffer of the next iteration
  std::map<kernel_ir::NodeId, Value*> rolled_;        // convolutions at this position, by sums of columns
  Value* slice_y_ = nullptr;                          // in the slice
  Value* slice_x_ = nullptr;
  std::vector<bool> is_deferred_;  // of the group that is being emitted
  Index index_;
  std::pair<Value*, Value*> complements_ = {nullptr, nullptr};  // of the inputs at `index`
};

}  // namespace ntkc::codegen
