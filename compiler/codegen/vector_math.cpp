#include "compiler/codegen/vector_math.hpp"

#include <llvm/IR/Constants.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numbers>
#include <stdexcept>
#include <string>
#include <tuple>

#include "compiler/codegen/emit_normal_probabilities.hpp"

namespace ntkc::codegen {
namespace {

/// The fits of this process: the same few are asked for again and again.
const Polynomial& cached_fit(FittedFunction function, double low, double high, bool f32) {
  static std::mutex mutex;
  static std::map<std::tuple<FittedFunction, double, double, bool>, Polynomial> fits;
  const std::lock_guard lock(mutex);
  const auto [position, inserted] = fits.try_emplace({function, low, high, f32});
  if (inserted) position->second = fit(function, low, high, std::ldexp(1.0L, f32 ? -25 : -54));
  return position->second;
}

}  // namespace

llvm::Value* multiply_add(llvm::IRBuilder<>& builder, llvm::Value* a, llvm::Value* b, llvm::Value* c) {
  return builder.CreateIntrinsic(a->getType(), llvm::Intrinsic::fmuladd, {a, b, c});
}

llvm::Value* emit_fitted(llvm::IRBuilder<>& builder, FittedFunction f, double low, double high,
                         llvm::Value* t) {
  const bool f32 = t->getType()->getScalarType()->isFloatTy();
  const Polynomial& polynomial = cached_fit(f, low, high, f32);
  const auto constant = [&](long double value) {
    return llvm::ConstantFP::get(t->getType(), static_cast<double>(value));
  };
  llvm::Value* result = constant(polynomial.coefficients.back());
  for (std::size_t k = polynomial.coefficients.size() - 1; k-- > 0;) {
    result = multiply_add(builder, result, t, constant(polynomial.coefficients[k]));
  }
  return result;
}

namespace {

/// What the routines know of the element type they work in.
struct Format {
  llvm::Type* type;
  llvm::Type* bits;  ///< integers as wide
  bool f32;
  int mantissa;
  int bias;

  explicit Format(llvm::IRBuilder<>& builder, llvm::Value* x)
      : type(x->getType()),
        bits(type->getWithNewType(type->getScalarType()->isFloatTy() ? builder.getInt32Ty()
                                                                     : builder.getInt64Ty())),
        f32(type->getScalarType()->isFloatTy()),
        mantissa(f32 ? 23 : 52),
        bias(f32 ? 127 : 1023) {}

  [[nodiscard]] llvm::Value* constant(double value) const { return llvm::ConstantFP::get(type, value); }
  [[nodiscard]] llvm::Value* integer(std::int64_t value) const {
    return llvm::ConstantInt::get(bits, static_cast<std::uint64_t>(value), true);
  }
  /// ln 2 in two parts, the first with so few bits that n times it is exact.
  [[nodiscard]] llvm::Value* ln2_high() const { return constant(f32 ? 0x1.62ep-1 : 0x1.62e42fefap-1); }
  [[nodiscard]] llvm::Value* ln2_low() const {
    return constant(f32 ? 3.1946184945309415e-05 : 1.6465949582897082e-12);
  }
};

/// The integer nearest to x·scale, as a number and as bits: adding 1.5·2^mantissa rounds to an integer and
/// leaves it in the low bits.
struct Rounded {
  llvm::Value* value;
  llvm::Value* bits;
};
Rounded round_multiple(llvm::IRBuilder<>& builder, const Format& format, llvm::Value* x, double scale) {
  llvm::Value* magic = format.constant(std::ldexp(1.5, format.mantissa));
  llvm::Value* shifted = multiply_add(builder, x, format.constant(scale), magic);
  return {builder.CreateFSub(shifted, magic), builder.CreateBitCast(shifted, format.bits)};
}

/// 2ⁿ from the low bits of n.
llvm::Value* power_of_two(llvm::IRBuilder<>& builder, const Format& format, llvm::Value* n) {
  llvm::Value* exponent =
      builder.CreateShl(builder.CreateAdd(n, format.integer(format.bias)), format.integer(format.mantissa));
  return builder.CreateBitCast(exponent, format.type);
}

/// x = n ln 2 + r, |r| ≤ ln 2/2 and a little: n, and e^r - 1.
struct Exponential {
  llvm::Value* n;
  llvm::Value* small;
};
Exponential reduce_exponential(llvm::IRBuilder<>& builder, const Format& format, llvm::Value* x) {
  const Rounded n = round_multiple(builder, format, x, std::numbers::log2e);
  llvm::Value* r = multiply_add(builder, n.value, builder.CreateFNeg(format.ln2_high()), x);
  r = multiply_add(builder, n.value, builder.CreateFNeg(format.ln2_low()), r);
  llvm::Value* remainder = emit_fitted(builder, FittedFunction::expm1_remainder, -0.35, 0.35, r);
  return {n.bits, multiply_add(builder, builder.CreateFMul(r, r), remainder, r)};
}

}  // namespace

llvm::Value* emit_expm1(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  llvm::Value* lowest = format.constant(format.f32 ? -86.0 : -707.0);
  llvm::Value* clamped = builder.CreateSelect(builder.CreateFCmpOGT(x, lowest), x, lowest);
  const Exponential e = reduce_exponential(builder, format, clamped);
  llvm::Value* power = power_of_two(builder, format, e.n);
  return multiply_add(builder, power, e.small, builder.CreateFSub(power, format.constant(1)));
}

llvm::Value* emit_exp(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  llvm::Value* lowest = format.constant(format.f32 ? -87.33 : -708.39);
  llvm::Value* highest = format.constant(format.f32 ? 89.0 : 710.0);
  llvm::Value* clamped = builder.CreateSelect(builder.CreateFCmpOGT(x, lowest), x, lowest);
  clamped = builder.CreateSelect(builder.CreateFCmpOLT(clamped, highest), clamped, highest);
  const Exponential e = reduce_exponential(builder, format, clamped);
  // The bits above n's own are those of the 1.5: shifted out.
  llvm::Value* shift = format.integer(format.mantissa / 2);
  llvm::Value* n = builder.CreateAShr(builder.CreateShl(e.n, shift), shift);
  llvm::Value* half = builder.CreateAShr(n, format.integer(1));
  llvm::Value* power = power_of_two(builder, format, half);
  llvm::Value* value = multiply_add(builder, power, e.small, power);
  value = builder.CreateFMul(value, power_of_two(builder, format, builder.CreateSub(n, half)));
  return builder.CreateSelect(builder.CreateFCmpOLT(x, lowest), format.constant(0), value);
}

llvm::Value* emit_log(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  const int up = format.mantissa + 2;
  llvm::Value* is_tiny = builder.CreateFCmpOLT(x, format.constant(std::ldexp(1.0, 1 - format.bias)));
  llvm::Value* normal =
      builder.CreateSelect(is_tiny, builder.CreateFMul(x, format.constant(std::ldexp(1.0, up))), x);
  // The exponent of normal/√½, rounded down, and m = normal/2^exponent by its bits.
  llvm::Value* bits = builder.CreateBitCast(normal, format.bits);
  llvm::Value* root_half = builder.CreateBitCast(format.constant(std::sqrt(0.5)), format.bits);
  llvm::Value* exponent =
      builder.CreateAShr(builder.CreateSub(bits, root_half), format.integer(format.mantissa));
  llvm::Value* m = builder.CreateBitCast(
      builder.CreateSub(bits, builder.CreateShl(exponent, format.integer(format.mantissa))), format.type);
  llvm::Value* e = builder.CreateSIToFP(exponent, format.type);
  e = builder.CreateFSub(e, builder.CreateSelect(is_tiny, format.constant(up), format.constant(0)));
  // log m = f - s (f - 2 w R), s = f/(2 + f), f = m - 1, w = s², artanh(s)/s = 1 + w R: f is exact.
  llvm::Value* one = format.constant(1);
  llvm::Value* f = builder.CreateFSub(m, one);
  llvm::Value* s = builder.CreateFDiv(f, builder.CreateFAdd(format.constant(2), f));
  llvm::Value* w = builder.CreateFMul(s, s);
  llvm::Value* ratio = emit_fitted(builder, FittedFunction::artanh_remainder, 0, 0.0295, w);
  llvm::Value* inner =
      builder.CreateFSub(f, builder.CreateFMul(format.constant(2), builder.CreateFMul(w, ratio)));
  llvm::Value* low =
      multiply_add(builder, e, format.ln2_low(), builder.CreateFNeg(builder.CreateFMul(s, inner)));
  llvm::Value* value = multiply_add(builder, e, format.ln2_high(), builder.CreateFAdd(f, low));
  const double infinity = std::numeric_limits<double>::infinity();
  value = builder.CreateSelect(builder.CreateFCmpOEQ(x, format.constant(infinity)), x, value);
  value =
      builder.CreateSelect(builder.CreateFCmpOEQ(x, format.constant(0)), format.constant(-infinity), value);
  return builder.CreateSelect(builder.CreateFCmpOLT(x, format.constant(0)), format.constant(std::nan("")),
                              value);
}

llvm::Value* emit_tanh(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  llvm::Value* magnitude = builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  llvm::Value* e = emit_expm1(builder, builder.CreateFMul(format.constant(-2), magnitude));
  llvm::Value* value = builder.CreateFDiv(builder.CreateFNeg(e), builder.CreateFAdd(format.constant(2), e));
  return builder.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, value, x);
}

llvm::Value* emit_sin(llvm::IRBuilder<>& builder, llvm::Value* x, int quarter) {
  const Format format(builder, x);
  const Rounded n = round_multiple(builder, format, x, 2 * std::numbers::inv_pi);
  // π/2 in three parts; n times the first two is exact for n < 2²⁰ (f64), 2¹² (f32).
  const std::array<double, 3> parts =
      format.f32 ? std::array{0x1.92p+0, 0x1.fb4p-12, 0x1.4442d18p-24}
                 : std::array{0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};
  llvm::Value* r = x;
  for (const double part : parts) r = multiply_add(builder, n.value, format.constant(-part), r);
  llvm::Value* w = builder.CreateFMul(r, r);
  constexpr double end = 0.6169;  // (π/4)² and a little
  llvm::Value* sine = builder.CreateFMul(r, emit_fitted(builder, FittedFunction::sine_ratio, 0, end, w));
  llvm::Value* half = builder.CreateFMul(w, emit_fitted(builder, FittedFunction::cosine_ratio, 0, end, w));
  llvm::Value* cosine = builder.CreateFSub(format.constant(1), half);
  llvm::Value* turn = builder.CreateAdd(n.bits, format.integer(quarter));
  const auto bit = [&](std::int64_t mask) {
    return builder.CreateICmpNE(builder.CreateAnd(turn, format.integer(mask)), format.integer(0));
  };
  llvm::Value* value = builder.CreateSelect(bit(1), cosine, sine);
  return builder.CreateSelect(bit(2), builder.CreateFNeg(value), value);
}

llvm::Value* emit_erf(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  llvm::Value* magnitude = builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  llvm::Value* w = builder.CreateFMul(x, x);
  llvm::Value* is_small = builder.CreateFCmpOLT(magnitude, format.constant(1));
  llvm::Value* low = builder.CreateFMul(magnitude, emit_fitted(builder, FittedFunction::erf_ratio, 0, 1, w));
  const double end = format.f32 ? 4 : 6;  // erf is 1 beyond
  llvm::Value* bounded = builder.CreateSelect(builder.CreateFCmpOLT(magnitude, format.constant(end)),
                                              magnitude, format.constant(end));
  llvm::Value* t = builder.CreateFDiv(builder.CreateFSub(bounded, format.constant(3)),
                                      builder.CreateFAdd(bounded, format.constant(3)));
  llvm::Value* decay = emit_exp(builder, builder.CreateFNeg(builder.CreateFMul(bounded, bounded)));
  llvm::Value* scaled = emit_fitted(builder, FittedFunction::erfc_scaled, -0.5, 1.0 / 3, t);
  llvm::Value* high = builder.CreateFSub(format.constant(1), builder.CreateFMul(decay, scaled));
  return builder.CreateBinaryIntrinsic(llvm::Intrinsic::copysign, builder.CreateSelect(is_small, low, high),
                                       x);
}

llvm::Value* emit_dawson(llvm::IRBuilder<>& builder, llvm::Value* x) {
  const Format format(builder, x);
  llvm::Value* magnitude = builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, x);
  const auto is_below = [&](double bound) {
    return builder.CreateFCmpOLT(magnitude, format.constant(bound));
  };
  llvm::Value* w = builder.CreateFMul(magnitude, magnitude);
  llvm::Value* reciprocal = builder.CreateFDiv(format.constant(1), magnitude);
  llvm::Value* result = builder.CreateFMul(
      builder.CreateFMul(format.constant(0.5), reciprocal),
      emit_fitted(builder, FittedFunction::dawson_tail, 0, 0.04, builder.CreateFMul(reciprocal, reciprocal)));
  struct Piece {
    FittedFunction function;
    double centre;
    double reach;
  };
  // Narrow enough that no coefficient is much larger than D. Out of their intervals polynomials are not used.
  for (const Piece& piece :
       {Piece{FittedFunction::dawson_far, 4.25, 0.75}, Piece{FittedFunction::dawson_middle, 2.875, 0.625},
        Piece{FittedFunction::dawson_near, 1.625, 0.625}}) {
    llvm::Value* t = builder.CreateFSub(magnitude, format.constant(piece.centre));
    result = builder.CreateSelect(is_below(piece.centre + piece.reach),
                                  emit_fitted(builder, piece.function, -piece.reach, piece.reach, t), result);
  }
  llvm::Value* low =
      builder.CreateFMul(magnitude, emit_fitted(builder, FittedFunction::dawson_ratio, 0, 1, w));
  return builder.CreateBinaryIntrinsic(llvm::Intrinsic::copysign,
                                       builder.CreateSelect(is_below(1), low, result), x);
}

llvm::Value* emit_integer_power(llvm::IRBuilder<>& builder, llvm::Value* x, std::int64_t n) {
  llvm::Value* one = llvm::ConstantFP::get(x->getType(), 1);
  llvm::Value* result = nullptr;
  llvm::Value* power = x;
  for (std::int64_t rest = n < 0 ? -n : n; rest != 0; rest /= 2) {
    if (rest % 2 == 1) result = result == nullptr ? power : builder.CreateFMul(result, power);
    if (rest > 1) power = builder.CreateFMul(power, power);
  }
  if (result == nullptr) return one;
  return n < 0 ? builder.CreateFDiv(one, result) : result;
}

// --- operations

const std::vector<Routine>& routines() {
  using elementary::Operation;
  using Builder = llvm::IRBuilder<>;
  using Operands = std::span<llvm::Value* const>;
  // clang-format off
  static const std::vector<Routine> table = {
      {Operation::arcsine_ratio, "0 <= z <= 1/2", 1.0, 1.0,
       [](Builder& b, Operands x, double limit) { return emit_fitted(b, FittedFunction::arcsine_ratio, 0, limit, x[0]); }},
      {Operation::arccosine_ratio, "0 <= z <= 1/2", 1.0, 1.0,
       [](Builder& b, Operands x, double limit) { return emit_fitted(b, FittedFunction::arccosine_ratio, 0, limit, x[0]); }},
      {Operation::expm1, "x <= 0", 1.5, 1.5, [](Builder& b, Operands x, double) { return emit_expm1(b, x[0]); }},
      {Operation::exp, "all x", 1.0, 1.0, [](Builder& b, Operands x, double) { return emit_exp(b, x[0]); }},
      {Operation::log, "x > 0", 1.0, 1.0, [](Builder& b, Operands x, double) { return emit_log(b, x[0]); }},
      {Operation::tanh, "all x", 2.0, 2.0, [](Builder& b, Operands x, double) { return emit_tanh(b, x[0]); }},
      {Operation::sin, "-4096 <= x <= 4096", 1.0, 1.0, [](Builder& b, Operands x, double) { return emit_sin(b, x[0]); }},
      {Operation::cos, "-4096 <= x <= 4096", 1.0, 1.0, [](Builder& b, Operands x, double) { return emit_sin(b, x[0], 1); }},
      {Operation::erf, "all x", 1.5, 2.0, [](Builder& b, Operands x, double) { return emit_erf(b, x[0]); }},
      {Operation::normal_tail, "x <= 4, s = 0", 5.0, 5.0,
       [](Builder& b, Operands x, double) { return emit_normal_tail(b, x[0], x[1]); }},
      {Operation::normal_orthant, "all h, k, z, s = 0", 1.5, 1.5,
       [](Builder& b, Operands x, double) { return emit_normal_orthant(b, x[0], x[1], x[2], x[3], x[4]); }},
      {Operation::dawson, "all x", 2.0, 2.0, [](Builder& b, Operands x, double) { return emit_dawson(b, x[0]); }},
  };
  // clang-format on
  return table;
}

llvm::Value* emit_elementary(llvm::IRBuilder<>& builder, elementary::Operation operation,
                             std::span<llvm::Value* const> a, double limit) {
  using elementary::Operation;
  const auto routine = std::ranges::find(routines(), operation, &Routine::operation);
  if (routine != routines().end()) return routine->emit(builder, a, limit);
  const auto constant = [&](double value) { return llvm::ConstantFP::get(a[0]->getType(), value); };
  switch (operation) {
    case Operation::add:
      return builder.CreateFAdd(a[0], a[1]);
    case Operation::subtract:
      return builder.CreateFSub(a[0], a[1]);
    case Operation::multiply:
      return builder.CreateFMul(a[0], a[1]);
    case Operation::divide:
      return builder.CreateFDiv(a[0], a[1]);
    case Operation::square_root:
      return builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, a[0]);
    case Operation::reciprocal_or_zero: {
      llvm::Value* is_zero = builder.CreateFCmpOEQ(a[0], constant(0));
      return builder.CreateSelect(is_zero, constant(0), builder.CreateFDiv(constant(1), a[0]));
    }
    case Operation::minimum:
      return builder.CreateSelect(builder.CreateFCmpOLT(a[0], a[1]), a[0], a[1]);
    case Operation::maximum:
      return builder.CreateSelect(builder.CreateFCmpOGT(a[0], a[1]), a[0], a[1]);
    case Operation::select_less:
      return builder.CreateSelect(builder.CreateFCmpOLT(a[0], a[1]), a[2], a[3]);
    case Operation::abs:
      return builder.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, a[0]);
    case Operation::sign: {
      llvm::Value* below =
          builder.CreateSelect(builder.CreateFCmpOLT(a[0], constant(0)), constant(-1), constant(0));
      return builder.CreateSelect(builder.CreateFCmpOGT(a[0], constant(0)), constant(1), below);
    }
    default:
      throw std::invalid_argument("emit: no machine code for " +
                                  std::string(elementary::info(operation).name));
  }
}

}  // namespace ntkc::codegen
