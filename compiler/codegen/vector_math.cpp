#include "compiler/codegen/vector_math.hpp"

#include <llvm/IR/Constants.h>

#include <cmath>
#include <map>
#include <mutex>
#include <numbers>
#include <tuple>

namespace ntkc::codegen {
namespace {

/// The fits of this process: the same few are asked for again and again.
const Polynomial& cached_fit(Function function, double low, double high, bool f32) {
  static std::mutex mutex;
  static std::map<std::tuple<Function, double, double, bool>, Polynomial> fits;
  const std::lock_guard lock(mutex);
  const auto [position, inserted] = fits.try_emplace({function, low, high, f32});
  if (inserted) position->second = fit(function, low, high, std::ldexp(1.0L, f32 ? -25 : -54));
  return position->second;
}

llvm::Value* multiply_add(llvm::IRBuilder<>& builder, llvm::Value* a, llvm::Value* b, llvm::Value* c) {
  return builder.CreateIntrinsic(a->getType(), llvm::Intrinsic::fmuladd, {a, b, c});
}

}  // namespace

const std::vector<Accuracy>& accuracy_table() {
  static const std::vector<Accuracy> table = {
      {"arcsine_ratio", "0 <= z <= 1/2", 1.0, 1.0},
      {"arccosine_ratio", "0 <= z <= 1/2", 1.0, 1.0},
      {"expm1", "x <= 0", 1.5, 1.5},
  };
  return table;
}

llvm::Value* emit_fitted(llvm::IRBuilder<>& builder, Function f, double low, double high, llvm::Value* t) {
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

llvm::Value* emit_expm1(llvm::IRBuilder<>& builder, llvm::Value* x) {
  llvm::Type* type = x->getType();
  const bool f32 = type->getScalarType()->isFloatTy();
  const auto constant = [&](double value) { return llvm::ConstantFP::get(type, value); };
  const int mantissa = f32 ? 23 : 52;
  const int bias = f32 ? 127 : 1023;
  // ln 2 in two parts, the first with so few bits that n times it is exact.
  const double ln2_high = f32 ? 0x1.62ep-1 : 0x1.62e42fefap-1;
  const double ln2_low = f32 ? 3.1946184945309415e-05 : 1.6465949582897082e-12;
  llvm::Value* lowest = constant(f32 ? -86.0 : -707.0);
  llvm::Value* clamped = builder.CreateSelect(builder.CreateFCmpOGT(x, lowest), x, lowest);
  // Adding 1.5·2^mantissa rounds to an integer and leaves it in the low bits.
  llvm::Value* magic = constant(std::ldexp(1.5, mantissa));
  llvm::Value* shifted = multiply_add(builder, clamped, constant(std::numbers::log2e), magic);
  llvm::Value* n = builder.CreateFSub(shifted, magic);
  llvm::Value* r = multiply_add(builder, n, constant(-ln2_high), clamped);
  r = multiply_add(builder, n, constant(-ln2_low), r);
  llvm::Type* bits_type = type->getWithNewType(f32 ? builder.getInt32Ty() : builder.getInt64Ty());
  llvm::Value* bits = builder.CreateBitCast(shifted, bits_type);
  llvm::Value* exponent = builder.CreateShl(builder.CreateAdd(bits, llvm::ConstantInt::get(bits_type, bias)),
                                            llvm::ConstantInt::get(bits_type, mantissa));
  llvm::Value* power = builder.CreateBitCast(exponent, type);
  llvm::Value* remainder = emit_fitted(builder, Function::expm1_remainder, -0.35, 0.35, r);
  llvm::Value* small = multiply_add(builder, builder.CreateFMul(r, r), remainder, r);
  return multiply_add(builder, power, small, builder.CreateFSub(power, constant(1)));
}

}  // namespace ntkc::codegen
