#include "compiler/codegen/emit_normal_probabilities.hpp"

#include <llvm/IR/Module.h>

#include <array>
#include <numbers>
#include <string>
#include <vector>

#include "compiler/codegen/loops.hpp"
#include "compiler/codegen/vector_math.hpp"
#include "compiler/hermite/quadrature.hpp"

namespace ntkc::codegen {
namespace {

using llvm::Value;

/// Short names for the instructions that the formulas need, on vectors of one type.
class Arithmetic {
 public:
  Arithmetic(llvm::IRBuilder<>& builder, llvm::Type* type)
      : builder_(builder), type_(type), f32_(type->getScalarType()->isFloatTy()) {}

  [[nodiscard]] bool f32() const { return f32_; }
  [[nodiscard]] Value* number(double value) const { return llvm::ConstantFP::get(type_, value); }
  Value* add(Value* a, Value* b) { return builder_.CreateFAdd(a, b); }
  Value* subtract(Value* a, Value* b) { return builder_.CreateFSub(a, b); }
  Value* multiply(Value* a, Value* b) { return builder_.CreateFMul(a, b); }
  Value* divide(Value* a, Value* b) { return builder_.CreateFDiv(a, b); }
  Value* negative(Value* a) { return builder_.CreateFNeg(a); }
  Value* square(Value* a) { return multiply(a, a); }
  Value* root(Value* a) { return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, a); }
  Value* absolute(Value* a) { return builder_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a); }
  /// ab + c
  Value* fused(Value* a, Value* b, Value* c) {
    return builder_.CreateIntrinsic(type_, llvm::Intrinsic::fmuladd, {a, b, c});
  }
  Value* less(Value* a, Value* b) { return builder_.CreateFCmpOLT(a, b); }
  Value* select(Value* condition, Value* yes, Value* no) { return builder_.CreateSelect(condition, yes, no); }
  Value* smaller(Value* a, Value* b) { return select(less(a, b), a, b); }
  Value* larger(Value* a, Value* b) { return select(less(b, a), a, b); }
  /// Limits a to where its square is finite.
  Value* clamp(Value* a) {
    const double limit = f32_ ? 1e18 : 1e150;
    return larger(smaller(a, number(limit)), number(-limit));
  }

 private:
  llvm::IRBuilder<>& builder_;
  llvm::Type* type_;
  bool f32_;
};

/// A side of the angle: its h and m ≥ 0, and the coefficients of the integrand
/// n e^(a - b x - c x²)/(d + e x + f x²) on [0, 1] whose integral is W or T. Near 0 only the ratio of h and m
/// counts, whose squares may underflow.
struct Side {
  Value* h;
  Value* m;
  Value* is_far;
  std::array<Value*, 7> nabcdef;
};

Side make_side(Arithmetic& to, Value* h, Value* leg, Value* s) {
  Side side{h, to.absolute(leg), nullptr, {}};
  Value* m = side.m;
  Value* zero = to.number(0);
  Value* distance = to.fused(h, h, to.square(m));
  side.is_far = to.less(to.number(4), distance);
  // Far: y = m + Yx, Y²/2 + mY = L, the integrand at Y being e^-L of that at 0.
  const double two_l = to.f32() ? 35 : 74;
  Value* reach = to.divide(to.number(two_l), to.add(m, to.root(to.fused(m, m, to.number(two_l)))));
  // Near: p² + q²x², divided by p².
  Value* p = to.larger(h, m);
  Value* q = to.smaller(h, m);
  Value* ratio = to.divide(q, to.larger(p, to.number(to.f32() ? 1e-37 : 1e-307)));
  const auto choose = [&](Value* far, Value* near) { return to.select(side.is_far, far, near); };
  Value* a = choose(distance, to.square(p));
  Value* cross = to.multiply(m, reach);
  Value* c = choose(to.square(reach), to.square(q));
  side.nabcdef = {choose(to.multiply(reach, h), ratio),
                  to.fused(to.number(-0.5), a, s),
                  choose(cross, zero),
                  to.multiply(to.number(0.5), c),
                  choose(distance, to.number(1)),
                  choose(to.add(cross, cross), zero),
                  choose(c, to.square(ratio))};
  return side;
}

Value* integrand(llvm::IRBuilder<>& builder, Arithmetic& to, const Side& side, Value* x) {
  const auto& [n, a, b, c, d, e, f] = side.nabcdef;
  Value* exponent = to.fused(to.negative(x), to.fused(c, x, b), a);
  Value* below = to.fused(x, to.fused(f, x, e), d);
  return to.multiply(emit_exp(builder, exponent), to.divide(n, below));
}

/// Returns e^s W(h, leg), given the integral of the side's integrand divided by 2π.
Value* wedge(llvm::IRBuilder<>& builder, Arithmetic& to, const Side& side, Value* integral, Value* leg,
             Value* s) {
  Value* whole = emit_normal_tail(builder, side.h, s);
  Value* above = emit_normal_tail(builder, side.m, s);
  Value* within = emit_erf(builder, to.multiply(side.h, to.number(1 / std::numbers::sqrt2)));
  Value* low = to.fused(to.number(0.5), whole, to.negative(integral));
  Value* high = to.fused(to.negative(above), to.multiply(to.number(0.5), within), integral);
  Value* near = to.select(to.less(side.h, side.m), high, low);
  Value* value = to.select(side.is_far, integral, near);
  return to.select(to.less(leg, to.number(0)), to.subtract(whole, value), value);
}

Value* tail_body(llvm::IRBuilder<>& builder, Value* x, Value* s) {
  Arithmetic to(builder, x->getType());
  Value* size = to.absolute(to.clamp(x));
  Value* y = to.multiply(size, to.number(1 / std::numbers::sqrt2));
  Value* t = to.divide(to.subtract(y, to.number(3.75)), to.add(y, to.number(3.75)));
  Value* ratio = to.divide(emit_fitted(builder, FittedFunction::erfc_ratio, -1, 1, t),
                           to.fused(to.number(2), y, to.number(1)));
  Value* decay = emit_exp(builder, to.fused(to.multiply(to.number(-0.5), size), size, s));
  Value* above = to.multiply(to.number(0.5), to.multiply(decay, ratio));
  return to.select(to.less(x, to.number(0)), to.subtract(emit_exp(builder, s), above), above);
}

Value* orthant_body(llvm::IRBuilder<>& builder, Value* h, Value* k, Value* z, Value* zbar, Value* s) {
  Arithmetic to(builder, h->getType());
  Value* zero = to.number(0);
  h = to.clamp(h);
  k = to.clamp(k);
  Value* half = to.multiply(to.root(z), to.root(zbar));
  // For h = k = 0 only the direction of the legs counts: m/h = √(z/z̄).
  const double tiny = to.f32() ? 1e-15 : 1e-140;
  Value* centred = builder.CreateAnd(builder.CreateFCmpOEQ(h, zero), builder.CreateFCmpOEQ(k, zero));
  Value* near = to.less(z, zbar);
  Value* divisor = to.larger(to.add(half, half), to.number(to.f32() ? 1e-30 : 1e-290));
  const auto leg = [&](Value* at, Value* other) {
    Value* one = to.fused(to.add(z, z), at, to.subtract(other, at));
    Value* two = to.fused(to.negative(to.add(zbar, zbar)), at, to.add(other, at));
    Value* value = to.clamp(to.divide(to.select(near, one, two), divisor));
    return to.select(centred, to.multiply(to.number(tiny), to.root(z)), value);
  };
  Value* legs[] = {leg(h, k), leg(k, h)};
  Value* limits[] = {h, k};
  Side sides[2];
  for (const int i : {0, 1}) {
    Value* size = to.select(centred, to.multiply(to.number(tiny), to.root(zbar)), to.absolute(limits[i]));
    sides[i] = make_side(to, size, legs[i], s);
  }
  // The rule is one on [0, 1] without a density; its weights are divided by 2π.
  const UnitNodes rule =
      unit_nodes(builder, hermite::unit_legendre(to.f32() ? 13 : 26), 1 / (2 * std::numbers::pi));
  const std::vector<Value*> sums =
      emit_loop(builder, rule.count, {zero, zero}, [&](Value* i, const std::vector<Value*>& sum) {
        Value* x = rule.node(builder, i, h->getType());
        Value* weight = rule.weight(builder, i, h->getType());
        std::vector<Value*> next;
        for (const std::size_t side : {0U, 1U})
          next.push_back(to.fused(weight, integrand(builder, to, sides[side], x), sum[side]));
        return next;
      });
  Value* both = builder.CreateAnd(to.less(h, zero), to.less(k, zero));
  Value* result = to.select(both, emit_exp(builder, s), zero);
  for (const std::size_t i : {0U, 1U}) {
    Value* value = wedge(builder, to, sides[i], sums[i], legs[i], s);
    result = to.add(result, to.select(to.less(limits[i], zero), to.negative(value), value));
  }
  return to.larger(result, zero);
}

/// Calls a function of the module that computes `body` of its arguments, all of one vector type. Such bodies
/// are long and used in many places: written out in each, they would take seconds to compile.
template <typename Body>
Value* call_outlined(llvm::IRBuilder<>& builder, const std::string& what,
                     const std::vector<Value*>& arguments, Body body) {
  const llvm::Function& caller = *builder.GetInsertBlock()->getParent();
  llvm::Module& module = *builder.GetInsertBlock()->getModule();
  llvm::Type* type = arguments[0]->getType();
  // There is one for each type, because sample functions are in f64 and those of pairs may be in f32.
  const std::string name = type->getScalarType()->isFloatTy() ? what + "_f32" : what;
  llvm::Function* function = module.getFunction(name);
  if (function == nullptr) {
    const std::vector<llvm::Type*> parameters(arguments.size(), type);
    function = llvm::Function::Create(llvm::FunctionType::get(type, parameters, false),
                                      llvm::Function::InternalLinkage, name, module);
    const llvm::AttrBuilder attributes(module.getContext(), caller.getAttributes().getFnAttrs());
    function->addFnAttrs(attributes);
    function->addFnAttr(llvm::Attribute::NoInline);
    llvm::IRBuilder<> inside(llvm::BasicBlock::Create(module.getContext(), "", function));
    std::vector<Value*> values;
    for (llvm::Argument& argument : function->args()) values.push_back(&argument);
    inside.CreateRet(body(inside, values));
  }
  return builder.CreateCall(function, arguments);
}

}  // namespace

Value* emit_normal_tail(llvm::IRBuilder<>& builder, Value* x, Value* s) {
  return call_outlined(builder, "normal_tail", {x, s},
                       [](llvm::IRBuilder<>& inside, const std::vector<Value*>& values) {
                         return tail_body(inside, values[0], values[1]);
                       });
}

Value* emit_normal_orthant(llvm::IRBuilder<>& builder, Value* h, Value* k, Value* z, Value* zbar, Value* s) {
  return call_outlined(builder, "normal_orthant", {h, k, z, zbar, s},
                       [](llvm::IRBuilder<>& inside, const std::vector<Value*>& values) {
                         return orthant_body(inside, values[0], values[1], values[2], values[3], values[4]);
                       });
}

}  // namespace ntkc::codegen
