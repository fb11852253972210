#include "compiler/codegen/position_emitter.hpp"

#include <llvm/IR/Constants.h>
#include <llvm/IR/MDBuilder.h>

#include <algorithm>
#include <span>

#include "compiler/codegen/loops.hpp"
#include "compiler/codegen/position_maps.hpp"

namespace ntkc::codegen {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Place;
using kernel_ir::RegionId;
using kernel_ir::Space;

std::int64_t PositionEmitter::vector_bytes() const {
  return static_cast<std::int64_t>(vector_->getNumElements()) *
         vector_->getElementType()->getPrimitiveSizeInBits() / 8;
}
llvm::Align PositionEmitter::vector_align() const {
  return llvm::Align(static_cast<std::uint64_t>(std::min<std::int64_t>(64, vector_bytes())));
}
std::int64_t PositionEmitter::count(Place place) const {
  return kernel_ir::position_count(context_.program.extents(place));
}

// --- arrays

Value* PositionEmitter::allocate(std::int64_t vectors) {
  Value* result = array_entry(scratch_, integer(vectors_));
  vectors_ += vectors;
  return result;
}

/// With what is behind the positions, where there are zeros.
std::int64_t PositionEmitter::array_vectors(Place place) const {
  const std::int64_t side = count(place) + 1;
  return place.space == Space::full ? side * side : side;
}

/// Zeros at its end.
Value* PositionEmitter::allocate_array(Place place) {
  const std::int64_t side = count(place) + 1;
  if (place.space != Space::full) {
    Value* array = allocate(side + 1);  // one more takes what is not wanted
    store(constant(0), array, integer(side - 1));
    return array;
  }
  Value* array = allocate(side * side);
  codegen::emit_loop(builder_, side, {}, [&](Value* i, const std::vector<Value*>&) -> std::vector<Value*> {
    store(constant(0), array, builder_.CreateAdd(builder_.CreateMul(i, integer(side)), integer(side - 1)));
    store(constant(0), array, builder_.CreateAdd(integer(side * (side - 1)), i));
    return {};
  });
  return array;
}

Value* PositionEmitter::array_entry(Value* array, Value* number) {
  return builder_.CreateGEP(vector_, array, number);
}
Value* PositionEmitter::load(Value* array, Value* number) {
  return builder_.CreateAlignedLoad(vector_, array_entry(array, number), vector_align());
}
void PositionEmitter::store(Value* value, Value* array, Value* number) {
  builder_.CreateAlignedStore(value, array_entry(array, number), vector_align());
}

Value* PositionEmitter::array_number(Place place, Value* row, Value* column) {
  if (place.space != Space::full) return row;
  return builder_.CreateAdd(builder_.CreateMul(row, integer(count(place) + 1)), column);
}

Value* PositionEmitter::number(Place place) {
  if (place.space == Space::point) return integer(0);
  if (place.space != Space::full) return index_.row;
  return builder_.CreateAdd(builder_.CreateMul(index_.row, integer(count(place))), index_.column);
}

// --- loops

/// body() with `index` at each position, or each pair of positions.
template <typename Body>
void PositionEmitter::for_each_position(Place place, Body body) {
  const Index before = index_;
  const std::pair<Value*, Value*> complements = complements_;
  codegen::emit_loop(builder_, count(place), {},
                     [&](Value* p, const std::vector<Value*>&) -> std::vector<Value*> {
                       if (place.space == Space::full) {
                         codegen::emit_loop(builder_, count(place), {},
                                            [&](Value* q, const std::vector<Value*>&) -> std::vector<Value*> {
                                              index_ = {p, q};
                                              complements_ = {nullptr, nullptr};
                                              body();
                                              return {};
                                            });
                         check_proceed();
                       } else {
                         index_ = {p, p};
                         complements_ = {nullptr, nullptr};
                         body();
                       }
                       return {};
                     });
  index_ = before;
  complements_ = complements;
}

/// body(i) for begin ≤ i < end.
void PositionEmitter::for_range(Value* begin, Value* end, const std::function<void(Value*)>& body) {
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  builder_.CreateCondBr(builder_.CreateICmpSLT(begin, end), block, after);
  builder_.SetInsertPoint(block);
  llvm::PHINode* i = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  i->addIncoming(begin, before);
  body(i);
  Value* next = builder_.CreateAdd(i, integer(1));
  i->addIncoming(next, builder_.GetInsertBlock());
  builder_.CreateCondBr(builder_.CreateICmpSLT(next, end), block, after);
  builder_.SetInsertPoint(after);
}

/// Σ term(i) for begin ≤ i < end.
template <typename Term>
Value* PositionEmitter::sum(Value* begin, Value* end, Term term) {
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "sum", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  builder_.CreateCondBr(builder_.CreateICmpSLT(begin, end), block, after);
  builder_.SetInsertPoint(block);
  llvm::PHINode* i = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  llvm::PHINode* total = builder_.CreatePHI(vector_, 2);
  i->addIncoming(begin, before);
  total->addIncoming(constant(0), before);
  Value* next_total = builder_.CreateFAdd(total, term(i));
  Value* next = builder_.CreateAdd(i, integer(1));
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  i->addIncoming(next, last);
  total->addIncoming(next_total, last);
  builder_.CreateCondBr(builder_.CreateICmpSLT(next, end), block, after);
  builder_.SetInsertPoint(after);
  llvm::PHINode* result = builder_.CreatePHI(vector_, 2);
  result->addIncoming(constant(0), before);
  result->addIncoming(next_total, last);
  return result;
}

void PositionEmitter::copy(NodeId id, Value* to, Value* from) {
  const Place place = context_.program[id].place;
  if (segment_ != PositionPlan::no_segment) {
    const std::int64_t vectors = shape_of(id).vectors();
    for_range(integer(0), integer(vectors), [&](Value* i) { store(load(from, i), to, i); });
    return;
  }
  for_each_position(place, [&] {
    Value* at = array_number(place, index_.row, index_.column);
    store(load(from, at), to, at);
  });
}
void PositionEmitter::fill(Place place, Value* to, Value* value) {
  for_each_position(place, [&] { store(value, to, array_number(place, index_.row, index_.column)); });
}

// --- regions

void PositionEmitter::emit_program(Value* scratch) {
  if (!has_positions(context_.program)) {
    emit_region(0);
    return;
  }
  scratch_ = scratch;
  vectors_ = 0;
  plan_.clear();
  plan_.emplace_back(context_.program, context_.needed, dependence_, stored_nodes(),
                     context_.target.in_slices);
  arrays_.assign(context_.program.size(), nullptr);
  buffers_.assign(context_.program.size(), nullptr);
  for (NodeId id = 0; id < context_.program.size(); ++id) {
    const bool is_alias = context_.program[id].operation == Operation::loop_result &&
                          plan_[0].segment(id) == PositionPlan::no_segment;
    if (plan_[0].storage(id).in_array && !is_alias) arrays_[id] = allocate_array(context_.program[id].place);
  }
  emit_levels(plan_[0].levels(0));
}

void PositionEmitter::emit_levels(const std::vector<PositionLevel>& levels) {
  for (const PositionLevel& level : levels) {
    for (const NodeId id : level.points) emit_point(id);
    for (const PositionGroup& group : level.groups) {
      if (segment_ == PositionPlan::no_segment)
        emit_group(group);
      else
        emit_slice_group(group);
    }
    for (const NodeId id : level.loops) emit_loop_over(id);
    for (const std::size_t number : level.segments) emit_segment(number);
  }
}

void PositionEmitter::emit_point(NodeId id) {
  const Node& node = context_.program[id];
  const bool is_carried =
      node.operation == Operation::loop_argument || node.operation == Operation::loop_result;
  if (node.operation == Operation::loop_result) {
    const Node& loop = context_.program[node.operands[0]];
    values_[id] = values_[context_.program.body(loop).results[context_.program.carried_number(node)]];
  } else if (!is_carried) {
    values_[id] = evaluate(id);
  }
  if (values_[id] != nullptr) computed(id);
}

void PositionEmitter::emit_group(const PositionGroup& group) {
  check_proceed();
  std::vector<bool> is_target(context_.program.size(), false);
  for (const NodeId id : group.targets) is_target[id] = true;
  find_deferred(group, is_target);
  for_each_position(group.place, [&] { evaluate_nodes(group, is_target); });
  for (const NodeId id : group.nodes) values_[id] = nullptr;
}

/// At the current position, each node and what becomes of it.
void PositionEmitter::evaluate_nodes(const PositionGroup& group, const std::vector<bool>& is_target) {
  const bool in_slice = segment_ != PositionPlan::no_segment;
  for (const NodeId id : group.nodes) {
    if (is_deferred_[id]) continue;
    const bool is_result = context_.program[id].operation == Operation::loop_result;
    const bool is_read = is_stored_here(id) && (!is_target[id] || is_result);
    if (!is_read && has_deferred(id))
      values_[id] = emit_deferring(group, id);
    else
      values_[id] = is_read ? read(id) : evaluate(id);
    if (!is_target[id]) continue;
    const Storage& storage = plan_[0].storage(id);
    if (storage.in_array && (in_slice || !is_result))
      store(values_[id], arrays_[id], array_number(group.place, index_.row, index_.column));
    if (in_slice && storage.in_buffer && !is_result)
      store(values_[id], buffers_[id], slice_number(shape_of(id), slice_y_, slice_x_));
    if (in_slice) {
      for (const NodeId sink : plan_[0].sinks(id)) add_to_sink(sink, id);
    }
    store_at_position(id);
  }
}

/// Whether a node is a choice of a value as it is, but of another one where it is less than some number: the other one
/// is then computed where a lane takes it.
bool PositionEmitter::has_deferred(NodeId id) const {
  const Node& node = context_.program[id];
  return node.operation == Operation::select_less && node.operands[0] == node.operands[3] &&
         context_.program[node.operands[2]].place.space != Space::point;
}

/// Of the nodes of a group those that nothing needs but such choices.
void PositionEmitter::find_deferred(const PositionGroup& group, const std::vector<bool>& is_target) {
  std::vector<bool> is_needed = is_target;
  is_deferred_.assign(context_.program.size(), false);
  for (std::size_t i = group.nodes.size(); i-- > 0;) {
    const NodeId id = group.nodes[i];
    if (!is_needed[id]) {
      is_deferred_[id] = true;
      continue;
    }
    const Node& node = context_.program[id];
    for (std::size_t k = 0; k < node.operands.size(); ++k) {
      if (k != 2 || !has_deferred(id)) is_needed[node.operands[k]] = true;
    }
  }
}

/// The choice, behind a test whether any lane takes the other value.
Value* PositionEmitter::emit_deferring(const PositionGroup& group, NodeId id) {
  const Node& node = context_.program[id];
  Value* usual = operand(node.operands[0]);
  Value* is_taken = builder_.CreateFCmpOLT(usual, operand(node.operands[1]));
  const auto complements = complements_;
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "deferred", function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "", function_);
  llvm::MDBuilder metadata(builder_.getContext());
  builder_.CreateCondBr(builder_.CreateOrReduce(is_taken), block, after, metadata.createBranchWeights(1, 64));
  builder_.SetInsertPoint(block);
  std::vector<bool> wanted(context_.program.size(), false);
  wanted[node.operands[2]] = true;
  std::vector<NodeId> nodes;
  for (std::size_t i = group.nodes.size(); i-- > 0;) {
    const NodeId other = group.nodes[i];
    if (!wanted[other] || !is_deferred_[other]) continue;
    nodes.push_back(other);
    if (is_stored_here(other)) continue;
    for (const NodeId used : context_.program[other].operands) wanted[used] = true;
  }
  for (std::size_t i = nodes.size(); i-- > 0;)
    values_[nodes[i]] = is_stored_here(nodes[i]) ? read(nodes[i]) : evaluate(nodes[i]);
  Value* chosen = builder_.CreateSelect(is_taken, operand(node.operands[2]), usual);
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  builder_.CreateBr(after);
  builder_.SetInsertPoint(after);
  llvm::PHINode* result = builder_.CreatePHI(vector_, 2);
  result->addIncoming(usual, before);
  result->addIncoming(chosen, last);
  // What was computed for this is not there behind it.
  for (const NodeId other : nodes) values_[other] = nullptr;
  complements_ = complements;
  return result;
}

/// Whether a node that is not computed here is read from memory: otherwise it is computed again.
bool PositionEmitter::is_stored_here(NodeId id) const {
  const bool is_same = segment_ != PositionPlan::no_segment && plan_[0].segment(id) == segment_;
  return is_same ? plan_[0].storage(id).in_buffer : plan_[0].storage(id).in_array;
}

Value* PositionEmitter::read(NodeId id) {
  const bool is_same = segment_ != PositionPlan::no_segment && plan_[0].segment(id) == segment_;
  if (is_same) return load(buffers_[id], slice_number(shape_of(id), slice_y_, slice_x_));
  return load(arrays_[id], array_number(context_.program[id].place, index_.row, index_.column));
}

/// Whether what is carried to the next iteration is written where that reads it.
bool PositionEmitter::goes_straight(NodeId loop, std::size_t carried) const {
  const auto& body = context_.program.body(context_.program[loop]);
  const NodeId result = body.results[carried];
  const Node& node = context_.program[result];
  return node.region == context_.program.loop(context_.program[loop]).body &&
         node.place.space != Space::point && node.operation != Operation::loop_argument &&
         node.operation != Operation::loop_result && std::ranges::count(body.results, result) == 1;
}

/// do { body } while (++i < count). Numbers are carried by phis; arrays change places with those of what is
/// carried to the next iteration.
void PositionEmitter::emit_loop_over(NodeId id) {
  const Node& loop = context_.program[id];
  const auto [region, count] = context_.program.loop(loop);
  const auto& body = context_.program.regions()[region];
  std::vector<std::size_t> numbers;
  std::vector<std::size_t> arrays;
  for (std::size_t i = 0; i < body.arguments.size(); ++i) {
    const Node& argument = context_.program[body.arguments[i]];
    if (!context_.needed[body.arguments[i]] || argument.dependence != dependence_) continue;
    (argument.place.space == Space::point ? numbers : arrays).push_back(i);
  }
  if (numbers.empty() && arrays.empty() && !stores_in(region)) return;
  const bool in_slice = segment_ != PositionPlan::no_segment;
  std::vector<Value*>& stored = in_slice ? buffers_ : arrays_;
  std::vector<Value*> next_arrays;
  for (const std::size_t i : arrays) {
    const Place place = context_.program[body.arguments[i]].place;
    const NodeId initial = loop.operands[i];
    if (context_.program[initial].place.space == Space::point)
      fill(place, stored[body.arguments[i]], operand(initial));
    else
      copy(body.arguments[i], stored[body.arguments[i]], stored[initial]);
    next_arrays.push_back(in_slice ? carried_next_.at(body.arguments[i]) : allocate_array(place));
  }
  llvm::BasicBlock* before = builder_.GetInsertBlock();
  llvm::BasicBlock* block = llvm::BasicBlock::Create(builder_.getContext(), "iteration", function_);
  builder_.CreateBr(block);
  builder_.SetInsertPoint(block);
  llvm::PHINode* counter = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  counter->addIncoming(integer(0), before);
  std::vector<llvm::PHINode*> number_phis;
  for (const std::size_t i : numbers) {
    llvm::PHINode* phi = builder_.CreatePHI(vector_, 2);
    phi->addIncoming(operand(loop.operands[i]), before);
    values_[body.arguments[i]] = phi;
    number_phis.push_back(phi);
  }
  std::vector<std::pair<llvm::PHINode*, llvm::PHINode*>> array_phis;  // this iteration's, the next one's
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    Value* current = stored[body.arguments[arrays[k]]];
    llvm::PHINode* mine = builder_.CreatePHI(builder_.getPtrTy(), 2);
    llvm::PHINode* next = builder_.CreatePHI(builder_.getPtrTy(), 2);
    mine->addIncoming(current, before);
    next->addIncoming(next_arrays[k], before);
    stored[body.arguments[arrays[k]]] = mine;
    if (goes_straight(id, arrays[k])) stored[body.results[arrays[k]]] = next;
    array_phis.emplace_back(mine, next);
  }
  counters_.push_back(counter);
  emit_levels(plan_[0].levels(region));
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    const Place place = context_.program[body.arguments[arrays[k]]].place;
    const NodeId result = body.results[arrays[k]];
    if (goes_straight(id, arrays[k])) continue;
    if (context_.program[result].place.space == Space::point)
      fill(place, array_phis[k].second, operand(result));
    else
      copy(body.arguments[arrays[k]], array_phis[k].second, stored[result]);
  }
  llvm::BasicBlock* last = builder_.GetInsertBlock();
  Value* next = builder_.CreateAdd(counter, integer(1));
  counter->addIncoming(next, last);
  for (std::size_t k = 0; k < numbers.size(); ++k)
    number_phis[k]->addIncoming(operand(body.results[numbers[k]]), last);
  for (const auto& [mine, other] : array_phis) {
    mine->addIncoming(other, last);
    other->addIncoming(mine, last);
  }
  llvm::BasicBlock* after = llvm::BasicBlock::Create(builder_.getContext(), "after", function_);
  builder_.CreateCondBr(builder_.CreateICmpSLT(next, integer(count)), block, after);
  builder_.SetInsertPoint(after);
  counters_.pop_back();
  for (NodeId result = id + 1; result < context_.program.size(); ++result) {
    const Node& node = context_.program[result];
    if (node.operation != Operation::loop_result || node.operands[0] != id) continue;
    const auto carried = std::ranges::find(arrays, context_.program.carried_number(node));
    if (carried != arrays.end())
      stored[result] = array_phis[static_cast<std::size_t>(carried - arrays.begin())].second;
  }
}

// --- nodes

Value* PositionEmitter::evaluate(NodeId id) {
  const Node& node = context_.program[id];
  switch (node.operation) {
    case Operation::broadcast:
      return operand(node.operands[0]);
    case Operation::rows:
      if (node.type == kernel_ir::Type::series) return nullptr;  // contractions read the table
      return value_at(node.operands[0], index_.row);
    case Operation::columns:
      if (node.type == kernel_ir::Type::series) return nullptr;
      return value_at(node.operands[0], index_.column);
    case Operation::loop_result:
    case Operation::loop_argument:
      return read(id);
    case Operation::diagonal:
      if (is_sunk(id)) return read(id);
      return load(arrays_[node.operands[0]],
                  array_number(context_.program[node.operands[0]].place, index_.row, index_.row));
    case Operation::coupled:
      if (node.place.space == Space::point && is_sunk(id)) return sunk_value(id);
      return emit_coupled(id);
    case Operation::congruent:
      if (is_sunk(id)) return sunk_value(id);
      return emit_congruent(node);
    case Operation::separate: {
      const Place place = context_.program[node.operands[0]].place;
      Value* value = load(arrays_[node.operands[0]], array_number(place, index_.row, index_.column));
      return builder_.CreateSelect(builder_.CreateICmpEQ(index_.row, index_.column), value, constant(0));
    }
    case Operation::identity:
    case Operation::self_identity: {
      Value* of_sample = node.operation == Operation::identity ? emit_node(id) : constant(1);
      if (node.place.space != Space::full) return of_sample;
      return builder_.CreateSelect(builder_.CreateICmpEQ(index_.row, index_.column), of_sample, constant(0));
    }
    case Operation::tap_product:
      return emit_tap_product(node);
    case Operation::first:
    case Operation::second:
      if (node.place.space == Space::point) break;
      return table_value_at(id, number(node.place));
    case Operation::input_square:
      if (node.place.space == Space::point) break;
      return input_square_at(index_.row);
    case Operation::input_complement:
    case Operation::input_self_complement:
      if (node.place.space == Space::point) break;
      return input_complement(false);
    case Operation::input_cocomplement:
    case Operation::input_self_cocomplement:
      if (node.place.space == Space::point) break;
      return input_complement(true);
    default:
      break;
  }
  return emit_node(id);
}

Value* PositionEmitter::value_at(NodeId id, Value* position) {
  const Node& node = context_.program[id];
  if (node.place.space == Space::point) return operand(id);
  if (node.operation == Operation::first || node.operation == Operation::second)
    return table_value_at(id, position);
  if (node.operation == Operation::broadcast) return operand(node.operands[0]);
  return load(arrays_[id], position);
}

Value* PositionEmitter::emit_coupled(NodeId id) {
  const Node& node = context_.program[id];
  if (segment_ != PositionPlan::no_segment && plan_[0].is_local(id)) {
    const auto rolled = rolled_.find(id);
    return rolled != rolled_.end() ? rolled->second : emit_local_sum(node);
  }
  const auto& map = std::get<kernel_ir::Coupled>(context_.program.attribute(node));
  const Place inputs = context_.program[node.operands[0]].place;
  const TapTable table = tap_table(builder_, map, context_.program.extents(inputs));
  Value* array = arrays_[node.operands[0]];
  const auto tap = [&](Value* output, Value* t) {
    Value* first = output == nullptr ? integer(0) : builder_.CreateMul(output, integer(table.count));
    return load_index(builder_, table.entries, builder_.CreateAdd(first, t));
  };
  const bool is_full = inputs.space == Space::full;
  Value* total = sum(integer(0), integer(table.count), [&](Value* t) {
    Value* row = tap(index_.row, t);
    return load(array, array_number(inputs, row, is_full ? tap(index_.column, t) : row));
  });
  return builder_.CreateFMul(total, constant(1.0 / static_cast<double>(table.count)));
}

/// Σ_p Σ_q A[o, p] A[o', q] a[p, q]: half of the sum over q and then p and of that over p and then q, so that exchanged
/// inputs, for which q is first, have the same to the last bit.
Value* PositionEmitter::emit_congruent(const Node& node) {
  Value* one = emit_weighted_sums(node, true);
  if (dependence_ != Dependence::pair) return one;
  return builder_.CreateFMul(builder_.CreateFAdd(one, emit_weighted_sums(node, false)), constant(0.5));
}

Value* PositionEmitter::emit_weighted_sums(const Node& node, bool rows_last) {
  const auto& map = std::get<kernel_ir::Congruent>(context_.program.attribute(node));
  const Place inputs = context_.program[node.operands[0]].place;
  const RowTable table = row_table(builder_, map, context_.program.extents(inputs));
  Value* array = arrays_[node.operands[0]];
  const auto weighted = [&](Value* output, const auto& term) {
    Value* o = output == nullptr ? integer(0) : output;
    Value* begin = load_index(builder_, table.begins, o);
    Value* end = load_index(builder_, table.begins, builder_.CreateAdd(o, integer(1)));
    Value* total = sum(begin, end, [&](Value* entry) {
      Value* value = term(load_index(builder_, table.inputs, entry));
      if (table.weights == nullptr) return value;
      return builder_.CreateFMul(splat_entry(builder_, table.weights, entry, vector_), value);
    });
    return table.weights == nullptr ? builder_.CreateFMul(total, constant(table.weight)) : total;
  };
  Value* outer = rows_last ? index_.row : index_.column;
  Value* inner = rows_last ? index_.column : index_.row;
  return weighted(outer, [&](Value* p) {
    return weighted(inner, [&](Value* q) {
      return load(array, rows_last ? array_number(inputs, p, q) : array_number(inputs, q, p));
    });
  });
}

/// A[o] a[i], 0 where the tap is outside.
Value* PositionEmitter::scaled_tap(const Node& node, std::size_t operand, Value* output, Value* input) {
  const NodeId a = node.operands[operand];
  const Node& read = context_.program[a];
  Value* value = nullptr;
  if (read.operation == Operation::first || read.operation == Operation::second ||
      read.operation == Operation::broadcast || read.place.space == Space::point) {
    // There is no zero behind the positions in a table.
    Value* last = integer(count(read.place) - 1);
    Value* is_outside = builder_.CreateICmpSGT(input, last);
    value = value_at(a, builder_.CreateSelect(is_outside, last, input));
    value = builder_.CreateSelect(is_outside, constant(0), value);
  } else {
    value = load(arrays_[a], input);
  }
  return builder_.CreateFMul(value_at(node.operands[operand + 1], output), value);
}

Value* PositionEmitter::emit_tap_product(const Node& node) {
  const auto& map = std::get<kernel_ir::Coupled>(context_.program.attribute(node));
  const Place inputs = context_.program[node.operands[0]].place;
  const TapTable table = tap_table(builder_, map, context_.program.extents(inputs));
  Value* row = index_.row == nullptr ? integer(0) : index_.row;
  Value* column = index_.column == nullptr ? integer(0) : index_.column;
  const bool is_square =
      std::ranges::equal(std::span(node.operands).first(4), std::span(node.operands).last(4));
  Value* total = sum(integer(0), integer(table.count), [&](Value* t) {
    const auto tap = [&](Value* output) {
      return load_index(builder_, table.entries,
                        builder_.CreateAdd(builder_.CreateMul(output, integer(table.count)), t));
    };
    Value* at_row = tap(row);
    Value* at_column = node.place.space == Space::full ? tap(column) : at_row;
    const auto difference = [&](std::size_t first) {
      return builder_.CreateFSub(scaled_tap(node, first, row, at_row),
                                 scaled_tap(node, first + 2, column, at_column));
    };
    Value* left = difference(0);
    return builder_.CreateFMul(left, is_square ? left : difference(4));
  });
  return builder_.CreateFMul(total, constant(1.0 / static_cast<double>(table.count)));
}

/// With x̂ = x/|x|: (1 - u)/2 = |x̂ - x̂'|²/4 and (1 + u)/2 = |x̂ + x̂'|²/4, the smaller of which is exact to a few units of
/// roundoff in its root; the other is 1 less that. A zero vector has u = 0.
Value* PositionEmitter::input_complement(bool of_negative) {
  if (complements_.first == nullptr) {
    const auto [first, second] = unit_vectors();
    const std::int64_t channels = context_.program.input_size;
    const auto component = [&](const UnitVectors& vectors, Value* position, Value* k) -> Value* {
      Value* place = builder_.CreateAdd(builder_.CreateMul(position, integer(channels)), k);
      place = builder_.CreateAdd(builder_.CreateMul(place, vectors.stride), vectors.offset);
      Value* pointer = builder_.CreateGEP(vector_->getElementType(), vectors.data, place);
      const llvm::Align align(vector_->getElementType()->isFloatTy() ? 4 : 8);
      if (!vectors.splat) return builder_.CreateAlignedLoad(vector_, pointer, align);
      Value* value = builder_.CreateAlignedLoad(vector_->getElementType(), pointer, align);
      return builder_.CreateVectorSplat(vector_->getElementCount(), value);
    };
    const std::vector<Value*> squares = codegen::emit_loop(
        builder_, channels, {constant(0), constant(0)},
        [&](Value* k, const std::vector<Value*>& before) -> std::vector<Value*> {
          Value* a = component(first, index_.row, k);
          Value* b = component(second, index_.column, k);
          Value* difference = builder_.CreateFSub(a, b);
          Value* total = builder_.CreateFAdd(a, b);
          return {builder_.CreateFAdd(before[0], builder_.CreateFMul(difference, difference)),
                  builder_.CreateFAdd(before[1], builder_.CreateFMul(total, total))};
        });
    Value* z = builder_.CreateFMul(squares[0], constant(0.25));
    Value* zbar = builder_.CreateFMul(squares[1], constant(0.25));
    // The sum is (|x̂|² + |x̂'|²)/2: 1, 1/2 or 0.
    Value* is_zero = builder_.CreateFCmpOLT(builder_.CreateFAdd(z, zbar), constant(0.75));
    Value* smaller = builder_.CreateSelect(is_zero, constant(0.5), builder_.CreateMinNum(z, zbar));
    Value* other = builder_.CreateFSub(constant(1), smaller);
    Value* is_negative = builder_.CreateFCmpOGT(z, zbar);
    complements_ = {builder_.CreateSelect(is_negative, other, smaller),
                    builder_.CreateSelect(is_negative, smaller, other)};
  }
  return of_negative ? complements_.second : complements_.first;
}

}  // namespace ntkc::codegen
