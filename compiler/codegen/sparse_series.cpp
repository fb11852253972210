#include "compiler/codegen/sparse_series.hpp"

#include <llvm/IR/Constants.h>

#include <cmath>
#include <numbers>

#include "compiler/codegen/loops.hpp"
#include "compiler/codegen/vector_math.hpp"
#include "compiler/hermite/sparse.hpp"

namespace ntkc::codegen {
namespace {

using llvm::Value;

Value* constant(Value* like, double value) { return llvm::ConstantFP::get(like->getType(), value); }

/// Σ coefficients[i] yⁱ.
Value* polynomial(llvm::IRBuilder<>& builder, Value* y, const std::vector<double>& coefficients) {
  Value* sum = constant(y, coefficients.back());
  for (std::size_t i = coefficients.size() - 1; i-- > 0;)
    sum = multiply_add(builder, sum, y, constant(y, coefficients[i]));
  return sum;
}

/// hermite::Wave of each sparse degree, as arrays in the module.
struct WaveConstants {
  Value* nu_square;
  Value* nu;
  Value* half_over_nu;
  Value* over_mu_square;
  Value* scale;
};
WaveConstants wave_constants(llvm::IRBuilder<>& builder, const hermite::Terms& terms, bool is_odd) {
  std::vector<double> columns[5];
  for (const hermite::SparseDegree& each : hermite::sparse_degrees(terms)) {
    const double m = each.degree - terms.order;
    const hermite::Wave wave = hermite::wave(m, is_odd);
    columns[0].push_back(wave.nu_square);
    columns[1].push_back(std::sqrt(wave.nu_square));
    columns[2].push_back(wave.half_over_nu);
    columns[3].push_back(wave.over_mu_square);
    columns[4].push_back(wave.scale * each.weight * hermite::integration_factor(m, terms.order) *
                         hermite::sparse_sign(terms));
  }
  const auto array = [&](int i) { return constant_array(builder, columns[i]); };
  return {array(0), array(1), array(2), array(3), array(4)};
}

/// As hermite::evaluate, but for the scale.
Value* emit_wave(llvm::IRBuilder<>& builder, const WaveConstants& constants, Value* number, bool is_odd,
                 Value* t) {
  auto* type = llvm::cast<llvm::FixedVectorType>(t->getType());
  const auto times = [&](Value* a, Value* b) { return builder.CreateFMul(a, b); };
  Value* one = constant(t, 1);
  Value* x = times(t, splat_entry(builder, constants.half_over_nu, number, type));
  Value* xx = times(x, x);
  Value* c = builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, builder.CreateFSub(one, xx));
  Value* ratio = emit_fitted(builder, FittedFunction::arcsine_ratio, 0, 0.25, xx);
  Value* theta =
      times(times(splat_entry(builder, constants.nu_square, number, type), x), builder.CreateFAdd(ratio, c));
  Value* y =
      builder.CreateFDiv(splat_entry(builder, constants.over_mu_square, number, type), times(c, times(c, c)));
  Value* yy = times(y, y);
  Value* u1 = times(x, polynomial(builder, xx, {-6.0 / 24, 1.0 / 24}));
  Value* u2 = polynomial(builder, xx, {145.0 / 1152, 249.0 / 1152, -9.0 / 1152});
  Value* u3 = times(x, polynomial(builder, xx,
                                  {-259290.0 / 414720, -151995.0 / 414720, -28287.0 / 414720,
                                   18189.0 / 414720, -4042.0 / 414720}));
  Value* alpha = builder.CreateFSub(one, times(u2, yy));
  Value* beta = times(y, builder.CreateFSub(u1, times(u3, yy)));
  Value* sine = emit_sin(builder, theta);
  Value* cosine = emit_sin(builder, theta, 1);
  Value* bracket = is_odd ? builder.CreateFSub(times(alpha, sine), times(beta, cosine))
                          : builder.CreateFAdd(times(alpha, cosine), times(beta, sine));
  return builder.CreateFDiv(bracket, builder.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, c));
}

/// hermite::largest_nu.
Value* largest_nu(llvm::IRBuilder<>& builder, Value* root, const hermite::Rule& rule) {
  const double steps = rule.breaks.empty() ? rule.nodes - 1 : rule.nodes * 2 / std::numbers::pi;
  Value* over_extent = builder.CreateFDiv(root, constant(root, rule.extent));
  Value* over_reach =
      builder.CreateBinaryIntrinsic(llvm::Intrinsic::maxnum, over_extent, constant(root, 1 / rule.reach));
  return builder.CreateFMul(over_reach, constant(root, 2.5 * steps / 2));
}

/// log(1 - w), to full relative accuracy for small w.
Value* log_of_complement(llvm::IRBuilder<>& builder, Value* w) {
  // -2 artanh(y), y = w/(2 - w)
  Value* y = builder.CreateFDiv(w, builder.CreateFSub(constant(w, 2), w));
  Value* yy = builder.CreateFMul(y, y);
  Value* rest = emit_fitted(builder, FittedFunction::artanh_remainder, 0, 0.0295, yy);
  Value* near = builder.CreateFMul(builder.CreateFMul(constant(w, -2), y),
                                   multiply_add(builder, yy, rest, constant(w, 1)));
  Value* far = emit_log(builder, builder.CreateFSub(constant(w, 1), w));
  return builder.CreateSelect(builder.CreateFCmpOLT(w, constant(w, 0.25)), near, far);
}

}  // namespace

Value* emit_sparse_entries(llvm::IRBuilder<>& builder, Value* root, const hermite::Terms& terms,
                           const NodeValues& samples,
                           const std::function<void(Value* number, Value* entry)>& store) {
  auto* type = llvm::cast<llvm::FixedVectorType>(root->getType());
  const llvm::Align align(8);
  const bool is_odd = (terms.first - terms.order) % 2 != 0;
  const WaveConstants constants = wave_constants(builder, terms, is_odd);
  const auto at = [&](Value* array, Value* i) { return builder.CreateGEP(type, array, i); };
  const auto load = [&](Value* array, Value* i) {
    return builder.CreateAlignedLoad(type, at(array, i), align);
  };
  // Times e^(t²/4): what the waves leave of the weight.
  emit_loop(builder, samples.count, {}, [&](Value* i, const std::vector<Value*>&) -> std::vector<Value*> {
    Value* t = load(samples.nodes, i);
    Value* exponent = builder.CreateFMul(builder.CreateFMul(t, t), constant(t, 0.25));
    builder.CreateAlignedStore(builder.CreateFMul(load(samples.values, i), emit_exp(builder, exponent)),
                               at(samples.values, i), align);
    return {};
  });
  Value* resolved = largest_nu(builder, root, terms.rule);
  Value* zero = llvm::Constant::getNullValue(type);
  return emit_loop(
      builder, terms.entries() - terms.count, {zero},
      [&](Value* number, const std::vector<Value*>& squares) -> std::vector<Value*> {
        Value* sum = emit_loop(builder, samples.count, {zero},
                               [&](Value* i, const std::vector<Value*>& state) -> std::vector<Value*> {
                                 Value* wave =
                                     emit_wave(builder, constants, number, is_odd, load(samples.nodes, i));
                                 return {multiply_add(builder, wave, load(samples.values, i), state[0])};
                               })[0];
        sum = builder.CreateFMul(sum, splat_entry(builder, constants.scale, number, type));
        Value* is_resolved =
            builder.CreateFCmpOLE(splat_entry(builder, constants.nu, number, type), resolved);
        sum = builder.CreateSelect(is_resolved, sum, zero);
        store(builder.CreateAdd(number, builder.getInt64(static_cast<std::uint64_t>(terms.count))), sum);
        return {multiply_add(builder, sum, sum, squares[0])};
      })[0];
}

Value* emit_sparse_contraction(llvm::IRBuilder<>& builder, kernel_ir::Operation operation,
                               llvm::FixedVectorType* type, const SeriesPlace& a, const SeriesPlace& b,
                               Value* w, const hermite::Terms& terms) {
  const bool is_deficit = operation == kernel_ir::Operation::sparse_deficit;
  Value* s = builder.CreateFSub(constant(w, 1), w);
  Value* head = emit_contraction(
      builder, is_deficit ? kernel_ir::Operation::series_slope : kernel_ir::Operation::series_product, type,
      a, b, s, terms.count);
  if (is_deficit) head = builder.CreateFMul(w, head);
  std::vector<double> exponents;
  for (const hermite::SparseDegree& each : hermite::sparse_degrees(terms))
    exponents.push_back((each.degree - terms.first) / 2);
  Value* powers = constant_array(builder, exponents);
  Value* logarithm = log_of_complement(builder, w);
  return emit_loop(
      builder, static_cast<std::int64_t>(exponents.size()), {head},
      [&](Value* i, const std::vector<Value*>& sum) -> std::vector<Value*> {
        Value* k = builder.CreateAdd(i, builder.getInt64(static_cast<std::uint64_t>(terms.count)));
        Value* product = builder.CreateFMul(load_entry(builder, type, a, k), load_entry(builder, type, b, k));
        Value* exponent = builder.CreateFMul(splat_entry(builder, powers, i, type), logarithm);
        Value* factor =
            is_deficit ? builder.CreateFNeg(emit_expm1(builder, exponent)) : emit_exp(builder, exponent);
        return {multiply_add(builder, product, factor, sum[0])};
      })[0];
}

}  // namespace ntkc::codegen
