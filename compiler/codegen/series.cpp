#include "compiler/codegen/series.hpp"

#include <llvm/IR/Constants.h>

#include <cmath>
#include <numbers>

#include "compiler/codegen/loops.hpp"
#include "compiler/codegen/sparse_series.hpp"
#include "compiler/codegen/vector_math.hpp"
#include "compiler/hermite/sparse.hpp"

namespace ntkc::codegen {
namespace {

using llvm::Value;

struct Nodes {
  Value* nodes;
  Value* weights;
  int count;
};
Nodes constant_nodes(llvm::IRBuilder<>& builder, const hermite::Rule& rule) {
  const hermite::Quadrature quadrature = hermite::symmetric_quadrature(rule);
  return {constant_array(builder, quadrature.nodes), constant_array(builder, quadrature.weights), rule.nodes};
}

Value* load(llvm::IRBuilder<>& builder, llvm::Type* type, Value* array, Value* index) {
  return builder.CreateAlignedLoad(type, builder.CreateGEP(type, array, index),
                                   llvm::Align(type->getScalarSizeInBits() / 8));
}
void store(llvm::IRBuilder<>& builder, Value* value, Value* array, Value* index) {
  builder.CreateAlignedStore(value, builder.CreateGEP(value->getType(), array, index),
                             llvm::Align(value->getType()->getScalarSizeInBits() / 8));
}

/// Copies a scalar to all lanes.
Value* splat(llvm::IRBuilder<>& builder, llvm::FixedVectorType* type, Value* value) {
  return value->getType()->isVectorTy() ? value : builder.CreateVectorSplat(type->getElementCount(), value);
}

/// A place where a function is evaluated: t and z = rt in all lanes, and its weight, which is one double or
/// one for each lane.
struct Point {
  Value* number;
  Value* t;
  Value* z;
  Value* weight;
};
using EmitPoint = std::function<std::vector<Value*>(const Point&, const std::vector<Value*>&)>;

/// Goes through the nodes of a rule that is not symmetric: Gauss-Legendre between the breaks, which are at
/// places of their own in each lane (`hermite::edges`).
std::vector<Value*> emit_broken_rule(llvm::IRBuilder<>& builder, Value* root, const hermite::Rule& rule,
                                     std::vector<Value*> state, const EmitPoint& body) {
  auto* type = llvm::cast<llvm::FixedVectorType>(root->getType());
  const auto constant = [&](double value) { return llvm::ConstantFP::get(type, value); };
  Value* high_end = constant(rule.reach);
  if (rule.extent > 0)
    high_end = builder.CreateBinaryIntrinsic(llvm::Intrinsic::minnum, high_end,
                                             builder.CreateFDiv(constant(rule.extent), root));
  Value* low_end = builder.CreateFNeg(high_end);
  Value* breaks = rule.breaks.empty() ? nullptr : constant_array(builder, rule.breaks);
  const auto intervals = static_cast<std::int64_t>(rule.breaks.size()) + 1;
  // The end of interval `number`, the last one's being the reach.
  const auto end = [&](Value* number) -> Value* {
    if (breaks == nullptr) return high_end;
    Value* is_last =
        builder.CreateICmpSGE(number, builder.getInt64(static_cast<std::uint64_t>(intervals - 1)));
    Value* z = splat(builder, type,
                     load(builder, builder.getDoubleTy(), breaks,
                          builder.CreateSelect(is_last, builder.getInt64(0), number)));
    Value* is_zero = builder.CreateFCmpOEQ(z, constant(0));  // a root of 0 has no quotient
    Value* t = builder.CreateSelect(is_zero, constant(0), builder.CreateFDiv(z, root));
    t = builder.CreateBinaryIntrinsic(llvm::Intrinsic::maxnum, t, low_end);
    t = builder.CreateBinaryIntrinsic(llvm::Intrinsic::minnum, t, high_end);
    return builder.CreateSelect(is_last, high_end, t);
  };
  const UnitNodes unit = unit_nodes(builder, hermite::unit_rule(rule), 1 / std::sqrt(2 * std::numbers::pi));
  state.push_back(low_end);
  state = emit_loop(builder, intervals, state, [&](Value* interval, const std::vector<Value*>& before) {
    Value* low = before.back();
    Value* high = end(interval);
    Value* width = builder.CreateFSub(high, low);
    Value* first = builder.CreateMul(interval, builder.getInt64(static_cast<std::uint64_t>(rule.nodes)));
    std::vector<Value*> after = emit_loop(
        builder, rule.nodes, {before.begin(), before.end() - 1},
        [&](Value* i, const std::vector<Value*>& carried) {
          Value* t = multiply_add(builder, width, unit.node(builder, i, type), low);
          Value* exponent = builder.CreateFMul(builder.CreateFMul(t, t), constant(-0.5));
          Value* weight = builder.CreateFMul(unit.weight(builder, i, type), emit_exp(builder, exponent));
          return body({builder.CreateAdd(first, i), t, builder.CreateFMul(root, t),
                       builder.CreateFMul(width, weight)},
                      carried);
        });
    after.push_back(high);
    return after;
  });
  state.pop_back();
  return state;
}

/// The doubles that the recurrence of h_k keeps at each node: one h_k for even k and one for odd k.
struct Recurrence {
  Value* even;
  Value* odd;
};

/// The factors of h_{k+2} = up1 t h_{k+1} - down1 h_k and h_{k+3} = up2 t h_{k+2} - down2 h_{k+1}, k even.
struct Climb {
  Value* k;
  Value* up1;    // 1/√(k + 2)
  Value* down1;  // √(k + 1)/√(k + 2)
  Value* up2;    // 1/√(k + 3)
  Value* down2;  // √(k + 2)/√(k + 3)
  Value* turn1;  // √((k + 1)(k + 2))
  Value* turn2;  // √((k + 2)(k + 3))
};
Climb climb(llvm::IRBuilder<>& builder, Value* number) {
  Value* k = builder.CreateUIToFP(builder.CreateShl(number, 1), builder.getDoubleTy());
  const auto root = [&](double more) {
    Value* sum = builder.CreateFAdd(k, llvm::ConstantFP::get(builder.getDoubleTy(), more));
    return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, sum);
  };
  Value* one = llvm::ConstantFP::get(builder.getDoubleTy(), 1);
  Value* up1 = builder.CreateFDiv(one, root(2));
  Value* up2 = builder.CreateFDiv(one, root(3));
  return {k,
          up1,
          builder.CreateFMul(root(1), up1),
          up2,
          builder.CreateFMul(root(2), up2),
          builder.CreateFMul(root(1), root(2)),
          builder.CreateFMul(root(2), root(3))};
}

/// What a series is summed from: the nodes and, at each, the values times their weights that are multiplied
/// by h_k for even k and for odd k. The nodes of a symmetric rule are doubles ≥ 0, and the values are the
/// even and the odd part of f. Those of another rule are one for each lane, and both values are f.
struct SeriesSamples {
  llvm::Type* node_type;
  Value* nodes;
  Value* parts[2];
  Recurrence h;  // with the values of k = 0
  std::int64_t count;
};

SeriesSamples symmetric_samples(llvm::IRBuilder<>& builder, Value* root, Value* scale, const EmitFunction& f,
                                const hermite::Terms& terms) {
  auto* type = llvm::cast<llvm::FixedVectorType>(root->getType());
  llvm::Type* real = builder.getDoubleTy();
  const Nodes nodes = constant_nodes(builder, terms.rule);
  const bool has_even = terms.parity != hermite::Parity::odd;
  const bool has_odd = terms.parity != hermite::Parity::even;
  const SeriesSamples result = {real,
                                nodes.nodes,
                                {has_even ? allocate(builder, type, nodes.count) : nullptr,
                                 has_odd ? allocate(builder, type, nodes.count) : nullptr},
                                {allocate(builder, real, nodes.count), allocate(builder, real, nodes.count)},
                                nodes.count};
  emit_loop(builder, nodes.count, {}, [&](Value* i, const std::vector<Value*>&) -> std::vector<Value*> {
    Value* t = load(builder, real, nodes.nodes, i);
    Value* weight = splat(builder, type, load(builder, real, nodes.weights, i));
    weight = builder.CreateFMul(weight, scale);
    Value* z = builder.CreateFMul(root, splat(builder, type, t));
    Value* above = f(z);
    Value* below = f(builder.CreateFNeg(z));
    const auto store_part = [&](Value* sum, Value* part) {
      if (part != nullptr) store(builder, builder.CreateFMul(weight, sum), part, i);
    };
    store_part(builder.CreateFAdd(above, below), result.parts[0]);
    store_part(builder.CreateFSub(above, below), result.parts[1]);
    store(builder, llvm::ConstantFP::get(real, 1), result.h.even, i);
    store(builder, t, result.h.odd, i);
    return {};
  });
  return result;
}

SeriesSamples broken_samples(llvm::IRBuilder<>& builder, Value* root, Value* scale, const EmitFunction& f,
                             const hermite::Terms& terms) {
  llvm::Type* type = root->getType();
  const int count = terms.rule.nodes * static_cast<int>(terms.rule.breaks.size() + 1);
  Value* values = allocate(builder, type, count);
  // With sparse degrees the parity is that of degrees of f, not of the derivative that is evaluated.
  const bool is_turned = terms.order % 2 != 0;
  const hermite::Parity without = is_turned ? hermite::Parity::even : hermite::Parity::odd;
  const hermite::Parity other = is_turned ? hermite::Parity::odd : hermite::Parity::even;
  const SeriesSamples result = {
      type,
      allocate(builder, type, count),
      {terms.parity == without ? nullptr : values, terms.parity == other ? nullptr : values},
      {allocate(builder, type, count), allocate(builder, type, count)},
      count};
  emit_broken_rule(builder, root, terms.rule, {},
                   [&](const Point& point, const std::vector<Value*>&) -> std::vector<Value*> {
                     Value* value = builder.CreateFMul(builder.CreateFMul(point.weight, scale), f(point.z));
                     store(builder, value, values, point.number);
                     store(builder, point.t, result.nodes, point.number);
                     store(builder, llvm::ConstantFP::get(type, 1), result.h.even, point.number);
                     store(builder, point.t, result.h.odd, point.number);
                     return {};
                   });
  return result;
}

/// What the recurrence's coefficients are multiplied by where there are sparse degrees; 0 below the first.
std::vector<double> entry_factors(const hermite::Terms& terms, std::int64_t below) {
  std::vector<double> result(static_cast<std::size_t>(below), 0.0);
  for (int j = 0; j < terms.count; ++j)
    result.push_back(hermite::integration_factor(terms.degree(j) - terms.order, terms.order) *
                     hermite::consecutive_weight(terms, j));
  return result;
}

}  // namespace

Value* emit_gaussian_mean(llvm::IRBuilder<>& builder, Value* root, const EmitFunction& f,
                          const hermite::Rule& rule) {
  llvm::Type* type = root->getType();
  Value* zero = llvm::Constant::getNullValue(type);
  if (!rule.is_symmetric()) {
    return emit_broken_rule(builder, root, rule, {zero},
                            [&](const Point& point, const std::vector<Value*>& sum) -> std::vector<Value*> {
                              return {multiply_add(builder, point.weight, f(point.z), sum[0])};
                            })[0];
  }
  const Nodes nodes = constant_nodes(builder, rule);
  const auto lanes = llvm::cast<llvm::FixedVectorType>(type)->getElementCount();
  return emit_loop(
      builder, nodes.count, {zero}, [&](Value* i, const std::vector<Value*>& sum) -> std::vector<Value*> {
        const auto at = [&](Value* array) {
          return builder.CreateVectorSplat(lanes, load(builder, builder.getDoubleTy(), array, i));
        };
        Value* z = builder.CreateFMul(root, at(nodes.nodes));
        Value* both = builder.CreateFAdd(f(z), f(builder.CreateFNeg(z)));
        return {multiply_add(builder, at(nodes.weights), both, sum[0])};
      })[0];
}

Value* emit_hermite_series(llvm::IRBuilder<>& builder, Value* root, Value* scale, const EmitFunction& f,
                           const hermite::Terms& terms,
                           const std::function<void(Value*, Value*)>& store_term) {
  auto* type = llvm::cast<llvm::FixedVectorType>(root->getType());
  llvm::Type* real = builder.getDoubleTy();
  Value* stack = builder.CreateStackSave();
  const SeriesSamples samples = terms.rule.is_symmetric() ? symmetric_samples(builder, root, scale, f, terms)
                                                          : broken_samples(builder, root, scale, f, terms);
  const auto& [node_type, nodes, parts, h, count] = samples;
  // Those below the first degree are gone through for the recurrence alone.
  const std::int64_t below = terms.tail > 0 ? (terms.first - terms.order) / 2 : 0;
  const std::int64_t steps = below + (terms.parity == hermite::Parity::none ? terms.count / 2 : terms.count);
  Value* factors = terms.tail > 0 ? constant_array(builder, entry_factors(terms, below)) : nullptr;
  Value* zero = llvm::Constant::getNullValue(type);
  Value* squares_sum = emit_loop(
      builder, steps, {zero}, [&](Value* number, const std::vector<Value*>& squares) -> std::vector<Value*> {
        const Climb steps_up = climb(builder, number);
        const std::vector<Value*> sums = emit_loop(
            builder, count, {zero, zero},
            [&](Value* i, const std::vector<Value*>& sum) -> std::vector<Value*> {
              std::vector<Value*> next = sum;
              Value* t = load(builder, node_type, nodes, i);
              Value* even = load(builder, node_type, h.even, i);
              Value* odd = load(builder, node_type, h.odd, i);
              const auto add = [&](Value* coefficient, int part) {
                next[static_cast<std::size_t>(part)] =
                    multiply_add(builder, splat(builder, type, coefficient),
                                 load(builder, type, parts[part], i), sum[static_cast<std::size_t>(part)]);
              };
              const auto of_nodes = [&](Value* value) {
                return node_type == type ? splat(builder, type, value) : value;
              };
              const auto next_degree = [&](Value* up, Value* current, Value* down, Value* previous) {
                return builder.CreateFSub(builder.CreateFMul(builder.CreateFMul(t, of_nodes(up)), current),
                                          builder.CreateFMul(of_nodes(down), previous));
              };
              Value* next_even = next_degree(steps_up.up1, odd, steps_up.down1, even);
              Value* next_odd = next_degree(steps_up.up2, next_even, steps_up.down2, odd);
              store(builder, next_even, h.even, i);
              store(builder, next_odd, h.odd, i);
              if (terms.turned) {  // k h_k + √((k + 1)(k + 2)) h_{k+2}
                Value* k1 = builder.CreateFAdd(steps_up.k, llvm::ConstantFP::get(real, 1));
                const auto turn = [&](Value* k_th, Value* current, Value* by, Value* after) {
                  return builder.CreateFAdd(builder.CreateFMul(of_nodes(k_th), current),
                                            builder.CreateFMul(of_nodes(by), after));
                };
                even = turn(steps_up.k, even, steps_up.turn1, next_even);
                odd = turn(k1, odd, steps_up.turn2, next_odd);
              }
              if (parts[0] != nullptr) add(even, 0);
              if (parts[1] != nullptr) add(odd, 1);
              return next;
            });
        Value* total = squares[0];
        const bool has_both = parts[0] != nullptr && parts[1] != nullptr;
        for (const int part : {0, 1}) {
          if (parts[part] == nullptr) continue;
          Value* a = sums[static_cast<std::size_t>(part)];
          if (factors != nullptr)
            a = builder.CreateFMul(a, splat(builder, type, load(builder, real, factors, number)));
          total = multiply_add(builder, a, a, total);
          Value* place =
              has_both ? builder.CreateAdd(builder.CreateShl(number, 1), builder.getInt64(part)) : number;
          if (below > 0) {  // what stands in place 0 before its turn is 0 times a coefficient
            place = builder.CreateSub(place, builder.getInt64(static_cast<std::uint64_t>(below)));
            place = builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, place, builder.getInt64(0));
          }
          store_term(place, a);
        }
        return {total};
      })[0];
  if (terms.tail > 0) {
    Value* values = parts[0] != nullptr ? parts[0] : parts[1];
    squares_sum = builder.CreateFAdd(
        squares_sum, emit_sparse_entries(builder, root, terms, {nodes, values, count}, store_term));
  }
  builder.CreateStackRestore(stack);
  return squares_sum;
}

Value* load_entry(llvm::IRBuilder<>& builder, llvm::FixedVectorType* type, const SeriesPlace& place,
                  Value* k) {
  const llvm::Align align(place.element->getScalarSizeInBits() / 8);
  Value* pointer = builder.CreateGEP(place.element, place.base, builder.CreateMul(k, place.stride));
  llvm::Type* loaded = place.splat ? place.element : type->getWithNewType(place.element);
  Value* value = builder.CreateAlignedLoad(loaded, pointer, align);
  if (place.element != type->getElementType())
    value = builder.CreateFPExt(value, loaded->getWithNewType(type->getElementType()));
  return place.splat ? builder.CreateVectorSplat(type->getElementCount(), value) : value;
}

Value* emit_contraction(llvm::IRBuilder<>& builder, kernel_ir::Operation operation,
                        llvm::FixedVectorType* type, const SeriesPlace& a, const SeriesPlace& b, Value* s,
                        std::int64_t count) {
  using kernel_ir::Operation;
  // From the last term to the first, for Horner's rule and so that the smallest terms are added first.
  Value* zero = llvm::Constant::getNullValue(type);
  const std::vector<Value*> sums = emit_loop(
      builder, count, {zero, zero}, [&](Value* i, const std::vector<Value*>& state) -> std::vector<Value*> {
        Value* k = builder.CreateSub(builder.getInt64(static_cast<std::uint64_t>(count - 1)), i);
        Value* x = load_entry(builder, type, a, k);
        Value* y = load_entry(builder, type, b, k);
        if (operation == Operation::series_distance) {
          // These are not fused, so that equal series have distance 0.
          Value* difference = builder.CreateFSub(x, y);
          return {multiply_add(builder, difference, difference, state[0]), zero};
        }
        if (operation == Operation::series_product) {
          return {multiply_add(builder, state[0], s, builder.CreateFMul(x, y)), zero};
        }
        if (operation == Operation::series_derivative) {
          return {multiply_add(builder, state[0], s, state[1]),
                  multiply_add(builder, state[1], s, builder.CreateFMul(x, y))};
        }
        // Degree k takes the products beyond k, which the step before has added up.
        return {multiply_add(builder, state[0], s, state[1]), multiply_add(builder, x, y, state[1])};
      });
  if (operation != Operation::series_distance) return sums[0];
  return builder.CreateFMul(sums[0], llvm::ConstantFP::get(type, 0.5));
}

Value* emit_series_step(llvm::IRBuilder<>& builder, llvm::FixedVectorType* type, const SeriesPlace& a,
                        const SeriesPlace& b, const SeriesPlace& c, std::int64_t count) {
  return emit_loop(builder, count, {llvm::Constant::getNullValue(type)},
                   [&](Value* i, const std::vector<Value*>& sum) -> std::vector<Value*> {
                     Value* k = builder.CreateSub(builder.getInt64(static_cast<std::uint64_t>(count - 1)), i);
                     Value* difference =
                         builder.CreateFSub(load_entry(builder, type, a, k), load_entry(builder, type, b, k));
                     return {multiply_add(builder, difference, load_entry(builder, type, c, k), sum[0])};
                   })[0];
}

}  // namespace ntkc::codegen
