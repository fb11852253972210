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
  for (NodeId id = 0; id < context_.program.size(); ++id) {
    if (plan_[0].segment(id) != segment_) continue;
    for (const NodeId sink : plan_[0].sinks(id)) {
      const Place place = context_.program[sink].place;
      if (place.space != Space::point) {
        const std::int64_t side = count(place) + 1;
        const std::int64_t vectors = place.space == Space::full ? side * side : side;
        for_range(integer(0), integer(vectors), [&](Value* i) { store(constant(0), arrays_[sink], i); });
        continue;
      }
      // In double precision: there may be millions of terms.
      llvm::BasicBlock& entry = function_->getEntryBlock();
      llvm::IRBuilder<> at_entry(&entry, entry.begin());
      auto* type = llvm::FixedVectorType::get(builder_.getDoubleTy(), vector_->getNumElements());
      totals_[sink] = at_entry.CreateAlloca(type);
      row_sums_[sink] = at_entry.CreateAlloca(vector_);
      builder_.CreateStore(llvm::Constant::getNullValue(type), totals_[sink]);
    }
  }
}

/// What the value at this pair of positions is in the result of a map, or of `diagonal`.
void PositionEmitter::add_to_sink(NodeId sink, NodeId id) {
  const Node& node = context_.program[sink];
  Value* value = values_[id];
  if (node.operation == Operation::diagonal) {
    Value* is_equal = builder_.CreateICmpEQ(index_.row, index_.column);
    // What is not on the diagonal goes behind the array.
    store(value, arrays_[sink], builder_.CreateSelect(is_equal, index_.row, integer(count(node.place) + 1)));
    return;
  }
  if (node.operation == Operation::coupled) {  // to a point, which each position is a part of
    Value* total = builder_.CreateLoad(vector_, row_sums_[sink]);
    builder_.CreateStore(builder_.CreateFAdd(total, value), row_sums_[sink]);
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
        Value* total = builder_.CreateLoad(vector_, row_sums_[sink]);
        builder_.CreateStore(builder_.CreateFAdd(total, term), row_sums_[sink]);
        continue;
      }
      Value* term = builder_.CreateFMul(builder_.CreateFMul(weight(row), weight(column)), value);
      Value* output_row = load_index(builder_, table.outputs, row);
      Value* output_column = load_index(builder_, table.outputs, column);
      if (node.place.space == Space::diagonal)
        term = builder_.CreateSelect(builder_.CreateICmpEQ(output_row, output_column), term, constant(0));
      Value* place = array_number(node.place, output_row, output_column);
      store(builder_.CreateFAdd(load(arrays_[sink], place), term), arrays_[sink], place);
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
  Value* total = builder_.CreateLoad(type, totals_.at(id));
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
  const auto range = sides_of(segment.range);
  auto step = sides_of(segment.step);
  for (std::int64_t& each : step) each = std::max<std::int64_t>(each, 1);
  const auto circular = [&](std::size_t d) {
    const std::size_t rank = segment.is_circular.size();
    return d + rank >= 2 && segment.is_circular[d + rank - 2];
  };
  const auto emit_slice = [&](Value* offset_y, Value* offset_x) {
    check_proceed();
    set_slice(offset_y, offset_x);
    for (auto& [key, shape] : shapes_) {
      if (!shape.has_frame()) continue;
      if_active(shape, [&, &frame = shape] {
        for (Value* buffer : frame.buffers) clear_frame(frame, buffer);
      });
    }
    emit_levels(segment.levels);
  };
  const auto for_offsets = [&](std::size_t d, const std::function<void(Value*)>& body) {
    const std::int64_t last = (range[d] - 1) / step[d];
    for_range(integer(circular(d) ? 0 : -last), integer(last + 1),
              [&](Value* i) { body(builder_.CreateMul(i, integer(step[d]))); });
  };
  if (segment.space == Space::diagonal) {
    emit_slice(integer(0), integer(0));
  } else {
    for_offsets(0, [&](Value* offset_y) {
      for_offsets(1, [&](Value* offset_x) { emit_slice(offset_y, offset_x); });
    });
  }
  segment_ = PositionPlan::no_segment;
}

void PositionEmitter::set_slice(Value* offset_y, Value* offset_x) {
  const auto larger = [&](Value* a) {
    return builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, integer(0));
  };
  const Segment& segment = plan_[0].segments()[static_cast<std::size_t>(segment_)];
  const auto step = sides_of(segment.step);
  for (auto& [key, shape] : shapes_) {
    shape.is_active = nullptr;
    for (std::size_t d = 0; d < 2; ++d) {
      Value* offset = d == 0 ? offset_y : offset_x;
      Value* scale = integer(shape.scale[d]);
      if (step[d] % shape.scale[d] != 0) {
        Value* is_whole = builder_.CreateICmpEQ(builder_.CreateSRem(offset, scale), integer(0));
        shape.is_active =
            shape.is_active == nullptr ? is_whole : builder_.CreateAnd(shape.is_active, is_whole);
      }
      offset = builder_.CreateSDiv(offset, scale);
      Value* side = integer(d == 0 ? shape.height : shape.width);
      if (shape.is_circular[d]) {
        shape.begin[d] = integer(0);
        shape.size[d] = side;
        shape.second[d] = offset;
        continue;
      }
      Value* negative = builder_.CreateNeg(offset);
      Value* distance = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, offset, negative);
      shape.begin[d] = larger(negative);
      // What is smaller than the largest of the segment has none of the outer offsets.
      shape.size[d] = larger(builder_.CreateSub(side, distance));
      shape.second[d] = builder_.CreateAdd(shape.begin[d], offset);
    }
  }
}

/// body() in slices in which values of this shape have an offset.
void PositionEmitter::if_active(const SliceShape& shape, const std::function<void()>& body) {
  if (shape.is_active == nullptr) return body();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  builder_.CreateCondBr(shape.is_active, block, after);
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
  Value* is_computed = builder_.CreateICmpSGT(shape.size[1], integer(0));
  if (shape.is_active != nullptr) is_computed = builder_.CreateAnd(is_computed, shape.is_active);
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
  for (const NodeId sink : sinks) builder_.CreateStore(constant(0), row_sums_.at(sink));
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
    if (!is_second || !shape.is_circular[d]) return place;
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
    Value* row = builder_.CreateLoad(vector_, row_sums_.at(sink));
    if (vector_ != doubles) row = builder_.CreateFPExt(row, doubles);
    Value* total = builder_.CreateLoad(doubles, totals_.at(sink));
    builder_.CreateStore(builder_.CreateFAdd(total, row), totals_.at(sink));
  }
}

}  // namespace ntkc::codegen
