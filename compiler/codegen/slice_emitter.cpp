// Segments: values over pairs of positions, one offset p' - p after another.
#include <llvm/IR/Constants.h>

#include <algorithm>
#include <array>

#include "compiler/codegen/loops.hpp"
#include "compiler/codegen/position_emitter.hpp"
#include "compiler/codegen/position_maps.hpp"

namespace ntkc::codegen {

using kernel_ir::Coupled;
using kernel_ir::Extents;
using kernel_ir::ExtentsId;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Place;
using kernel_ir::Space;
using kernel_ir::Window;

namespace {

/// The window along y and the one along x; of a sequence y has one place.
std::array<Window, 2> windows_of(const Coupled& map) {
  if (map.windows.size() == 1) return {Window{}, map.windows[0]};
  return {map.windows[0], map.windows[1]};
}

std::array<std::int64_t, 2> sides_of(const Extents& extents) {
  if (extents.size() == 1) return {1, extents[0]};
  return {extents[0], extents[1]};
}

/// Filters of at most so many taps along a dimension are written out.
constexpr std::int64_t most_written_out = 7;

}  // namespace

// --- what there is

bool PositionEmitter::is_sunk(NodeId id) const {
  const Node& node = context_.program[id];
  return node.region == 0 && !plan_.empty() && plan_[0].segment(node.operands[0]) != PositionPlan::no_segment;
}

/// Frames as wide as the convolutions of the segment reach.
void PositionEmitter::find_shapes() {
  shapes_.clear();
  const Segment& segment = plan_[0].segments()[static_cast<std::size_t>(segment_)];
  for (NodeId id = 0; id < context_.program.size(); ++id) {
    if (plan_[0].segment(id) != segment_) continue;
    const Node& node = context_.program[id];
    if (node.place.space != segment.space) continue;
    const auto [height, width] = sides_of(context_.program.extents(node.place));
    SliceShape& shape = shapes_[shape_key(id)];
    shape.height = height;
    shape.width = width;
    const std::size_t rank = segment.is_circular.size();
    for (std::size_t d = 0; d < rank; ++d) {
      shape.is_circular[2 - rank + d] = segment.is_circular[d];
      shape.scale[2 - rank + d] = plan_[0].scale(id)[d];
    }
    if (!plan_[0].is_local(id)) continue;
    const Place inputs = context_.program[node.operands[0]].place;
    SliceShape& read = shapes_[shape_key(node.operands[0])];
    const auto windows = windows_of(std::get<Coupled>(context_.program.attribute(node)));
    const auto from = sides_of(context_.program.extents(inputs));
    const auto to = sides_of(context_.program.extents(node.place));
    for (std::size_t d = 0; d < 2; ++d) {
      const Window& window = windows[d];
      const std::int64_t reach = (window.size - 1) * window.dilation;
      read.low[d] = std::max(read.low[d], window.low);
      // From the last position to what the last output reads.
      read.high[d] = std::max(read.high[d], reach - window.low + (to[d] - 1) * window.stride - (from[d] - 1));
    }
  }
}

Value* PositionEmitter::allocate_buffer(SliceShape& shape) {
  shape.buffers.push_back(allocate(shape.vectors()));
  return shape.buffers.back();
}

/// A value of the segment's own region has a buffer from its level to the last that reads it; what loops carry,
/// and what is in loops, has one of its own.
void PositionEmitter::assign_buffers() {
  const kernel_ir::Program& program = context_.program;
  const Segment& segment = plan_[0].segments()[static_cast<std::size_t>(segment_)];
  const auto has_buffer = [&](NodeId id) {
    return plan_[0].segment(id) == segment_ && plan_[0].storage(id).in_buffer &&
           program[id].operation != Operation::loop_result;
  };
  std::vector<std::int64_t> last(program.size(), -1);
  std::vector<NodeId> alias(program.size(), kernel_ir::no_node);
  for (std::size_t level = 0; level < segment.levels.size(); ++level) {
    const auto now = static_cast<std::int64_t>(level);
    for (const PositionGroup& group : segment.levels[level].groups) {
      for (const NodeId id : group.nodes) {
        last[id] = now;
        for (const NodeId operand : program[id].operands) last[operand] = now;
      }
    }
    for (const NodeId loop : segment.levels[level].loops) {
      for (NodeId id = 0; id <= loop; ++id) {
        if (id != loop && program[id].region != program.loop(program[loop]).body) continue;
        for (const NodeId operand : program[id].operands) last[operand] = std::max(last[operand], now);
      }
    }
  }
  struct Used {
    Value* buffer;
    std::int64_t until;
  };
  std::map<ShapeKey, std::vector<Used>> used;
  for (std::size_t level = 0; level < segment.levels.size(); ++level) {
    for (const PositionGroup& group : segment.levels[level].groups) {
      for (const NodeId id : group.targets) {
        if (!has_buffer(id)) continue;
        auto& all = used[shape_key(id)];
        const auto now = static_cast<std::int64_t>(level);
        auto free = std::ranges::find_if(all, [&](const Used& each) { return each.until < now; });
        if (free == all.end()) free = all.insert(all.end(), {allocate_buffer(shapes_.at(shape_key(id))), 0});
        free->until = std::max(now, last[id]);
        buffers_[id] = free->buffer;
      }
    }
    for (const NodeId loop : segment.levels[level].loops) {
      const auto& body = program.body(program[loop]);
      const kernel_ir::RegionId region = program.loop(program[loop]).body;
      std::vector<bool> is_straight(program.size(), false);
      for (std::size_t i = 0; i < body.arguments.size(); ++i) {
        if (!has_buffer(body.arguments[i])) continue;
        carried_next_[body.arguments[i]] = allocate_buffer(shapes_.at(shape_key(body.arguments[i])));
        if (goes_straight(loop, i)) is_straight[body.results[i]] = true;
      }
      for (NodeId id = 0; id < loop; ++id) {
        if (program[id].region == region && has_buffer(id) && !is_straight[id])
          buffers_[id] = allocate_buffer(shapes_.at(shape_key(id)));
      }
    }
  }
}

// --- sums over what slices hold

void PositionEmitter::begin_sinks() {
  const bool has_opposites = plan_[0].segments()[static_cast<std::size_t>(segment_)].space == Space::full;
  for (NodeId id = 0; id < context_.program.size(); ++id) {
    if (plan_[0].segment(id) != segment_) continue;
    for (const NodeId sink_id : plan_[0].sinks(id)) {
      const Place place = context_.program[sink_id].place;
      Sink& sink = sums_[sink_id];
      sink.segment = segment_;
      if (place.space != Space::point) {
        sink.sum = sink.current = arrays_[sink_id];
        if (has_opposites && context_.program[sink_id].operation != Operation::diagonal)
          sink.opposite = allocate_array(place);
        for (Value* array : {sink.sum, sink.opposite}) {
          if (array == nullptr) continue;
          for_range(integer(0), integer(array_vectors(place)),
                    [&](Value* i) { store(constant(0), array, i); });
        }
        continue;
      }
      // In double precision: there may be millions of terms.
      llvm::BasicBlock& entry = function_->getEntryBlock();
      llvm::IRBuilder<> at_entry(&entry, entry.begin());
      auto* type = llvm::FixedVectorType::get(builder_.getDoubleTy(), vector_->getNumElements());
      sink.row = at_entry.CreateAlloca(vector_);
      sink.sum = sink.current = at_entry.CreateAlloca(type);
      if (has_opposites) sink.opposite = at_entry.CreateAlloca(type);
      for (Value* total : {sink.sum, sink.opposite})
        if (total != nullptr) builder_.CreateStore(llvm::Constant::getNullValue(type), total);
    }
  }
}

/// For each sum that has one for opposite offsets, the two become result(sum, opposite).
void PositionEmitter::combine_sinks(const std::function<std::pair<Value*, Value*>(Value*, Value*)>& result) {
  auto* doubles = llvm::FixedVectorType::get(builder_.getDoubleTy(), vector_->getNumElements());
  for (const auto& [id, sink] : sums_) {
    const Place place = context_.program[id].place;
    if (sink.segment != segment_ || sink.opposite == nullptr) continue;
    if (place.space == Space::point) {
      const auto [sum, opposite] =
          result(builder_.CreateLoad(doubles, sink.sum), builder_.CreateLoad(doubles, sink.opposite));
      builder_.CreateStore(sum, sink.sum);
      builder_.CreateStore(opposite, sink.opposite);
      continue;
    }
    for_range(integer(0), integer(array_vectors(place)), [&, &arrays = sink](Value* i) {
      const auto [sum, opposite] = result(load(arrays.sum, i), load(arrays.opposite, i));
      store(sum, arrays.sum, i);
      store(opposite, arrays.opposite, i);
    });
  }
}

/// What the value at this pair of positions is in the result of a map, or of `diagonal`.
void PositionEmitter::add_to_sink(NodeId sink, NodeId id) {
  const Node& node = context_.program[sink];
  Value* value = values_[id];
  if (node.operation == Operation::diagonal) {
    Value* is_equal = builder_.CreateICmpEQ(index_.row, index_.column);
    // What is not on the diagonal goes behind the array.
    store(value, sums_.at(sink).sum,
          builder_.CreateSelect(is_equal, index_.row, integer(count(node.place) + 1)));
    return;
  }
  if (node.operation == Operation::coupled) {  // to a point, which each position is a part of
    Value* total = builder_.CreateLoad(vector_, sums_.at(sink).row);
    builder_.CreateStore(builder_.CreateFAdd(total, value), sums_.at(sink).row);
    return;
  }
  const auto& map = std::get<kernel_ir::Congruent>(context_.program.attribute(node));
  const CoverTable table = cover_table(builder_, map, context_.program.extents(context_.program[id].place));
  const auto weight = [&](Value* entry) -> Value* {
    return table.is_uniform ? constant(table.weight) : splat_entry(builder_, table.weights, entry, vector_);
  };
  const auto entry = [&](Value* position, std::int64_t i) {
    return builder_.CreateAdd(builder_.CreateMul(position, integer(table.count)), integer(i));
  };
  for (std::int64_t i = 0; i < table.count; ++i) {
    for (std::int64_t j = 0; j < table.count; ++j) {
      Value* row = entry(index_.row, i);
      Value* column = entry(index_.column, j);
      if (node.place.space == Space::point) {
        // The weights of a mean are one factor, of the total.
        Value* term = table.is_uniform
                          ? value
                          : builder_.CreateFMul(builder_.CreateFMul(weight(row), weight(column)), value);
        Value* total = builder_.CreateLoad(vector_, sums_.at(sink).row);
        builder_.CreateStore(builder_.CreateFAdd(total, term), sums_.at(sink).row);
        continue;
      }
      Value* term = builder_.CreateFMul(builder_.CreateFMul(weight(row), weight(column)), value);
      Value* output_row = load_index(builder_, table.outputs, row);
      Value* output_column = load_index(builder_, table.outputs, column);
      if (node.place.space == Space::diagonal)
        term = builder_.CreateSelect(builder_.CreateICmpEQ(output_row, output_column), term, constant(0));
      Value* place = array_number(node.place, output_row, output_column);
      Value* sums = sums_.at(sink).current;
      store(builder_.CreateFAdd(load(sums, place), term), sums, place);
    }
  }
}

Value* PositionEmitter::sunk_value(NodeId id) {
  const Node& node = context_.program[id];
  if (node.place.space != Space::point) return read(id);
  const Place inputs = context_.program[node.operands[0]].place;
  double weight = 1 / static_cast<double>(count(inputs));
  if (node.operation == Operation::congruent) {
    const auto& map = std::get<kernel_ir::Congruent>(context_.program.attribute(node));
    const CoverTable table = cover_table(builder_, map, context_.program.extents(inputs));
    weight = table.is_uniform ? table.weight * table.weight : 1;
  }
  auto* type = llvm::FixedVectorType::get(builder_.getDoubleTy(), vector_->getNumElements());
  Value* total = builder_.CreateLoad(type, sums_.at(id).sum);
  total = builder_.CreateFMul(total, llvm::ConstantFP::get(type, weight));
  return type == vector_ ? total : builder_.CreateFPTrunc(total, vector_);
}

// --- slices

void PositionEmitter::emit_segment(std::size_t number) {
  segment_ = static_cast<std::int64_t>(number);
  const Segment& segment = plan_[0].segments()[number];
  find_shapes();
  assign_buffers();
  begin_sinks();
  const auto emit_slice = [&](Value* offset_y, Value* offset_x, Value* is_turned) {
    check_proceed();
    set_slice(offset_y, offset_x, is_turned);
    for (auto& [key, shape] : shapes_) {
      if (!shape.has_frame()) continue;
      emit_if(shape.is_active, [&, &frame = shape] {
        for (Value* buffer : frame.buffers) clear_frame(frame, buffer);
      });
    }
    emit_levels(segment.levels);
  };
  if (segment.space == Space::diagonal)
    emit_slice(integer(0), integer(0), builder_.getFalse());
  else
    emit_pairs_of_slices(emit_slice);
  segment_ = PositionPlan::no_segment;
}

/// The slices of all offsets d: each with that of -d right behind it, which has the pairs (p, p') of the first as
/// (p', p) in the same order. With the inputs exchanged the two change places. What the slices of d and those of -d
/// come to is added up apart, and together at last, before the slice of the offset 0. Around a circle half of the way
/// is its own opposite: both slices have the same pairs, each in the order of one of the inputs, and count half.
void PositionEmitter::emit_pairs_of_slices(const std::function<void(Value*, Value*, Value*)>& emit_slice) {
  const Segment& segment = plan_[0].segments()[static_cast<std::size_t>(segment_)];
  const auto range = sides_of(segment.range);
  auto step = sides_of(segment.step);
  std::array<std::int64_t, 2> circle = {0, 0};  // how many positions there are around; 0: no circle
  for (std::size_t d = 0; d < 2; ++d) {
    step[d] = std::max<std::int64_t>(step[d], 1);
    for (const auto& [key, shape] : shapes_) {
      const std::int64_t side = (d == 0 ? shape.height : shape.width) * shape.scale[d];
      if (shape.is_circular[d]) circle[d] = std::max(circle[d], side);
    }
  }
  const auto for_offsets = [&](std::size_t d, const std::function<void(Value*)>& body) {
    const std::int64_t last = (range[d] - 1) / step[d];
    for_range(integer(circle[d] > 0 ? 0 : -last), integer(last + 1),
              [&](Value* i) { body(builder_.CreateMul(i, integer(step[d]))); });
  };
  const auto opposite_of = [&](std::size_t d, Value* offset) {
    Value* negative = builder_.CreateSub(integer(circle[d]), offset);
    if (circle[d] == 0) return negative;
    return builder_.CreateSelect(builder_.CreateICmpEQ(offset, integer(0)), offset, negative);
  };
  const bool has_circle = circle[0] + circle[1] > 0;
  for_range(integer(has_circle ? 0 : 1), integer(3), [&](Value* phase) {
    const auto is_phase = [&](std::int64_t which) { return builder_.CreateICmpEQ(phase, integer(which)); };
    if (has_circle) {
      emit_if(is_phase(1), [&] {
        combine_sinks([&](Value* sum, Value* opposite) {
          llvm::Constant* half = llvm::ConstantFP::get(sum->getType(), 0.5);
          return std::pair(builder_.CreateFMul(sum, half), builder_.CreateFMul(opposite, half));
        });
      });
    }
    emit_if(is_phase(2), [&] {
      combine_sinks([&](Value* sum, Value* opposite) {
        return std::pair(builder_.CreateFAdd(sum, opposite), opposite);
      });
    });
    for_offsets(0, [&](Value* y) {
      for_offsets(1, [&](Value* x) {
        Value* other_y = opposite_of(0, y);
        Value* other_x = opposite_of(1, x);
        Value* same_y = builder_.CreateICmpEQ(y, other_y);
        Value* is_own = builder_.CreateAnd(same_y, builder_.CreateICmpEQ(x, other_x));
        Value* is_larger = builder_.CreateSelect(same_y, builder_.CreateICmpSGT(x, other_x),
                                                 builder_.CreateICmpSGT(y, other_y));
        Value* is_zero = builder_.CreateICmpEQ(builder_.CreateOr(y, x), integer(0));
        Value* is_halfway = builder_.CreateAnd(is_own, builder_.CreateNot(is_zero));
        Value* has_two = builder_.CreateSelect(is_phase(0), is_halfway, is_larger);
        Value* two = builder_.CreateSelect(has_two, integer(2), integer(0));
        Value* one = builder_.CreateSelect(is_zero, integer(1), integer(0));
        for_range(integer(0), builder_.CreateSelect(is_phase(2), one, two),
                  [&](Value* number) { emit_slice(y, x, builder_.CreateICmpEQ(number, integer(1))); });
      });
    });
  });
}

/// `is_turned`: the opposite offset.
void PositionEmitter::set_slice(Value* offset_y, Value* offset_x, Value* is_turned) {
  for (auto& [id, sink] : sums_)
    if (sink.segment == segment_ && sink.opposite != nullptr)
      sink.current = builder_.CreateSelect(is_turned, sink.opposite, sink.sum);
  const auto larger = [&](Value* a) {
    return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, integer(0));
  };
  const Segment& segment = plan_[0].segments()[static_cast<std::size_t>(segment_)];
  const auto step = sides_of(segment.step);
  for (auto& [key, shape] : shapes_) {
    shape.is_active = builder_.getTrue();
    for (std::size_t d = 0; d < 2; ++d) {
      Value* offset = d == 0 ? offset_y : offset_x;
      Value* scale = integer(shape.scale[d]);
      if (step[d] % shape.scale[d] != 0)
        shape.is_active = builder_.CreateAnd(
            shape.is_active, builder_.CreateICmpEQ(builder_.CreateSRem(offset, scale), integer(0)));
      offset = builder_.CreateSDiv(offset, scale);
      Value* side = integer(d == 0 ? shape.height : shape.width);
      if (shape.is_circular[d]) {
        shape.begin[d] = builder_.CreateSelect(is_turned, offset, integer(0));
        shape.size[d] = side;
        shape.second[d] = builder_.CreateSelect(is_turned, integer(0), offset);
        continue;
      }
      Value* negative = builder_.CreateNeg(offset);
      Value* distance = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, offset, negative);
      Value* own = builder_.CreateSelect(is_turned, negative, offset);
      shape.begin[d] = larger(builder_.CreateNeg(own));
      // What is smaller than the largest of the segment has none of the outer offsets.
      shape.size[d] = larger(builder_.CreateSub(side, distance));
      shape.second[d] = builder_.CreateAdd(shape.begin[d], own);
    }
  }
}

/// body() if a condition holds.
void PositionEmitter::emit_if(Value* condition, const std::function<void()>& body) {
  if (condition == builder_.getTrue()) return body();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  builder_.CreateCondBr(condition, block, after);
  builder_.SetInsertPoint(block);
  body();
  builder_.CreateBr(after);
  builder_.SetInsertPoint(after);
}

Value* PositionEmitter::slice_number(const SliceShape& shape, Value* y, Value* x) {
  Value* row = builder_.CreateMul(builder_.CreateAdd(y, integer(shape.low[0])), integer(shape.pitch()));
  return builder_.CreateAdd(row, builder_.CreateAdd(x, integer(shape.low[1])));
}

/// Zeros around the rectangle of this slice.
void PositionEmitter::clear_frame(const SliceShape& shape, Value* buffer) {
  Value* width = shape.size[1];
  Value* right = builder_.CreateAdd(width, integer(shape.high[1]));
  const auto row = [&](Value* y) {
    for_range(integer(-shape.low[1]), right,
              [&](Value* x) { store(constant(0), buffer, slice_number(shape, y, x)); });
  };
  for_range(integer(-shape.low[0]), integer(0), row);
  for_range(shape.size[0], builder_.CreateAdd(shape.size[0], integer(shape.high[0])), row);
  if (shape.low[1] + shape.high[1] == 0) return;
  for_range(integer(0), shape.size[0], [&](Value* y) {
    for (std::int64_t x = -shape.low[1]; x < 0; ++x)
      store(constant(0), buffer, slice_number(shape, y, integer(x)));
    for (std::int64_t x = 0; x < shape.high[1]; ++x)
      store(constant(0), buffer, slice_number(shape, y, builder_.CreateAdd(width, integer(x))));
  });
}

/// Where positions are taken modulo their number, the frame is what is on the opposite side.
void PositionEmitter::wrap_frame(const SliceShape& shape, Value* buffer) {
  const auto copy = [&](Value* to_y, Value* to_x, Value* y, Value* x) {
    store(load(buffer, slice_number(shape, y, x)), buffer, slice_number(shape, to_y, to_x));
  };
  if (shape.is_circular[1]) {
    for_range(integer(0), shape.size[0], [&](Value* y) {
      for (std::int64_t x = -shape.low[1]; x < 0; ++x) copy(y, integer(x), y, integer(x + shape.width));
      for (std::int64_t x = 0; x < shape.high[1]; ++x) copy(y, integer(x + shape.width), y, integer(x));
    });
  }
  if (!shape.is_circular[0]) return;
  Value* right = builder_.CreateAdd(shape.size[1], integer(shape.high[1]));
  for_range(integer(-shape.low[1]), right, [&](Value* x) {
    for (std::int64_t y = -shape.low[0]; y < 0; ++y) copy(integer(y), x, integer(y + shape.height), x);
    for (std::int64_t y = 0; y < shape.high[0]; ++y) copy(integer(y + shape.height), x, integer(y), x);
  });
}

// --- convolutions

/// Whether sums of columns are used again by the outputs on the right.
bool PositionEmitter::rolls(NodeId id) const {
  if (!plan_[0].is_local(id)) return false;
  const auto [y, x] = windows_of(std::get<Coupled>(context_.program.attribute(context_.program[id])));
  return x.dilation == 1 && x.stride == 1 && x.size > 1 && x.size <= most_written_out &&
         y.size <= most_written_out;
}

/// Σ_t a[y + t, x] over the taps along y; x is a column of the input.
Value* PositionEmitter::column_sum(const Node& node, Value* y, Value* x) {
  const Window window = windows_of(std::get<Coupled>(context_.program.attribute(node)))[0];
  const NodeId read = node.operands[0];
  Value* total = nullptr;
  for (std::int64_t t = 0; t < window.size; ++t) {
    Value* row = builder_.CreateMul(y, integer(window.stride));
    row = builder_.CreateAdd(row, integer(t * window.dilation - window.low));
    Value* value = load(buffers_[read], slice_number(shape_of(read), row, x));
    total = total == nullptr ? value : builder_.CreateFAdd(total, value);
  }
  return total;
}

/// 1/k Σ_t a[s_y y + t_y, s_x x + t_x].
Value* PositionEmitter::emit_local_sum(const Node& node) {
  const auto [along_y, along_x] = windows_of(std::get<Coupled>(context_.program.attribute(node)));
  const NodeId read = node.operands[0];
  const SliceShape& shape = shape_of(read);
  Value* total = codegen::emit_loop(
      builder_, along_y.size, {constant(0)},
      [&](Value* ty, const std::vector<Value*>& before) -> std::vector<Value*> {
        Value* row = builder_.CreateMul(slice_y_, integer(along_y.stride));
        row = builder_.CreateAdd(row, builder_.CreateMul(ty, integer(along_y.dilation)));
        row = builder_.CreateSub(row, integer(along_y.low));
        return codegen::emit_loop(
            builder_, along_x.size, before,
            [&](Value* tx, const std::vector<Value*>& sum) -> std::vector<Value*> {
              Value* column = builder_.CreateMul(slice_x_, integer(along_x.stride));
              column = builder_.CreateAdd(column, builder_.CreateMul(tx, integer(along_x.dilation)));
              column = builder_.CreateSub(column, integer(along_x.low));
              return {builder_.CreateFAdd(sum[0], load(buffers_[read], slice_number(shape, row, column)))};
            });
      })[0];
  return builder_.CreateFMul(total, constant(1.0 / static_cast<double>(along_y.size * along_x.size)));
}

void PositionEmitter::emit_slice_group(const PositionGroup& group) {
  std::vector<bool> is_target(context_.program.size(), false);
  for (const NodeId id : group.targets) is_target[id] = true;
  find_deferred(group, is_target);
  const SliceShape& shape = shape_of(group.targets[0]);
  llvm::BasicBlock* rows = llvm::BasicBlock::Create(builder_.getContext(), "rows", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  Value* is_computed = builder_.CreateAnd(builder_.CreateICmpSGT(shape.size[1], integer(0)), shape.is_active);
  builder_.CreateCondBr(is_computed, rows, after);
  builder_.SetInsertPoint(rows);
  for_range(integer(0), shape.size[0], [&](Value* y) { emit_row(group, is_target, y, shape.size[1]); });
  for (const NodeId id : group.targets) {
    if (plan_[0].storage(id).in_buffer && context_.program[id].operation != Operation::loop_result &&
        shape.has_frame())
      wrap_frame(shape, buffers_[id]);
  }
  builder_.CreateBr(after);
  builder_.SetInsertPoint(after);
  for (const NodeId id : group.nodes) values_[id] = nullptr;
}

/// A row of the slice. The last sums of columns of each convolution are carried from position to position.
void PositionEmitter::emit_row(const PositionGroup& group, const std::vector<bool>& is_target, Value* y,
                               Value* width) {
  const SliceShape& shape = shape_of(group.targets[0]);
  struct Rolling {
    NodeId id;
    Window window;
    std::vector<llvm::PHINode*> columns;
    std::vector<Value*> next;
  };
  std::vector<Rolling> rolling;
  std::vector<std::vector<Value*>> initial;
  for (const NodeId id : group.nodes) {
    const Node& node = context_.program[id];
    const bool is_read = is_stored_here(id) && !is_target[id];
    if (node.operation != Operation::coupled || is_read || is_deferred_[id] || !rolls(id)) continue;
    const Window window = windows_of(std::get<Coupled>(context_.program.attribute(node)))[1];
    rolling.push_back({id, window, {}, {}});
    auto& columns = initial.emplace_back();
    for (std::int64_t i = 0; i + 1 < window.size; ++i)
      columns.push_back(column_sum(node, y, integer(i - window.low)));
  }
  std::vector<NodeId> sinks;
  for (const NodeId id : group.targets) {
    for (const NodeId sink : plan_[0].sinks(id)) {
      if (context_.program[sink].place.space == Space::point) sinks.push_back(sink);
    }
  }
  for (const NodeId sink : sinks) builder_.CreateStore(constant(0), sums_.at(sink).row);
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "position", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  builder_.CreateBr(block);
  builder_.SetInsertPoint(block);
  llvm::PHINode* x = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  x->addIncoming(integer(0), before);
  for (std::size_t k = 0; k < rolling.size(); ++k) {
    for (Value* column : initial[k]) {
      rolling[k].columns.push_back(builder_.CreatePHI(vector_, 2));
      rolling[k].columns.back()->addIncoming(column, before);
    }
  }
  slice_y_ = y;
  slice_x_ = x;
  const auto position = [&](std::size_t d, bool is_second) {
    Value* place = builder_.CreateAdd(d == 0 ? y : x, is_second ? shape.second[d] : shape.begin[d]);
    if (!shape.is_circular[d]) return place;
    Value* side = integer(d == 0 ? shape.height : shape.width);
    Value* is_beyond = builder_.CreateICmpSGE(place, side);
    return builder_.CreateSelect(is_beyond, builder_.CreateSub(place, side), place);
  };
  const auto number = [&](bool is_second) {
    return builder_.CreateAdd(builder_.CreateMul(position(0, is_second), integer(shape.width)),
                              position(1, is_second));
  };
  index_ = {number(false), number(true)};
  complements_ = {nullptr, nullptr};
  rolled_.clear();
  for (Rolling& each : rolling) {
    const Node& node = context_.program[each.id];
    Value* column = builder_.CreateAdd(x, integer(each.window.size - 1 - each.window.low));
    Value* latest = column_sum(node, y, column);
    Value* total = nullptr;
    for (llvm::PHINode* past : each.columns)
      total = total == nullptr ? past : builder_.CreateFAdd(total, past);
    total = builder_.CreateFAdd(total, latest);
    each.next.assign(each.columns.begin() + 1, each.columns.end());
    each.next.push_back(latest);
    const auto taps = static_cast<double>(
        each.window.size * windows_of(std::get<Coupled>(context_.program.attribute(node)))[0].size);
    rolled_[each.id] = builder_.CreateFMul(total, constant(1 / taps));
  }
  evaluate_nodes(group, is_target);
  rolled_.clear();
  index_ = {};
  complements_ = {nullptr, nullptr};
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  Value* next = builder_.CreateAdd(x, integer(1));
  x->addIncoming(next, last);
  for (Rolling& each : rolling) {
    for (std::size_t i = 0; i < each.columns.size(); ++i) each.columns[i]->addIncoming(each.next[i], last);
  }
  builder_.CreateCondBr(builder_.CreateICmpSLT(next, width), block, after);
  builder_.SetInsertPoint(after);
  auto* doubles = llvm::FixedVectorType::get(builder_.getDoubleTy(), vector_->getNumElements());
  for (const NodeId sink : sinks) {
    Value* row = builder_.CreateLoad(vector_, sums_.at(sink).row);
    if (vector_ != doubles) row = builder_.CreateFPExt(row, doubles);
    Value* sum = sums_.at(sink).current;
    builder_.CreateStore(builder_.CreateFAdd(builder_.CreateLoad(doubles, sum), row), sum);
  }
}

}  // namespace ntkc::codegen
