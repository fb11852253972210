#include "compiler/codegen/position_maps.hpp"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Module.h>

#include <algorithm>
#include <utility>

#include "compiler/codegen/loops.hpp"

namespace ntkc::codegen {

using llvm::Value;

Value* constant_integers(llvm::IRBuilder<>& builder, const std::vector<std::int32_t>& values) {
  llvm::Module& module = *builder.GetInsertBlock()->getModule();
  const std::vector<std::uint32_t> bits(values.begin(), values.end());
  llvm::Constant* data = llvm::ConstantDataArray::get(builder.getContext(), bits);
  for (llvm::GlobalVariable& global : module.globals()) {
    if (global.hasInitializer() && global.getInitializer() == data) return &global;
  }
  return new llvm::GlobalVariable(module, data->getType(), true, llvm::GlobalValue::PrivateLinkage, data,
                                  "positions");
}

TapTable tap_table(llvm::IRBuilder<>& builder, const kernel_ir::Coupled& map,
                   const kernel_ir::Extents& inputs) {
  const auto read = kernel_ir::taps(map, inputs);
  const std::int64_t count = kernel_ir::position_count(inputs);
  std::vector<std::int32_t> entries;
  for (const auto& output : read) {
    for (const std::int64_t input : output)
      entries.push_back(static_cast<std::int32_t>(input == kernel_ir::outside ? count : input));
  }
  return {constant_integers(builder, entries), static_cast<std::int64_t>(read[0].size())};
}

RowTable row_table(llvm::IRBuilder<>& builder, const kernel_ir::Congruent& map,
                   const kernel_ir::Extents& inputs) {
  std::vector<std::int32_t> begins = {0};
  std::vector<std::int32_t> columns;
  std::vector<double> weights;
  for (const auto& row : kernel_ir::rows(map, inputs)) {
    for (const auto& [input, weight] : row) {
      columns.push_back(static_cast<std::int32_t>(input));
      weights.push_back(static_cast<double>(weight));
    }
    begins.push_back(static_cast<std::int32_t>(columns.size()));
  }
  RowTable result;
  bool is_uniform = true;
  for (const double weight : weights) is_uniform = is_uniform && weight == weights[0];
  if (columns.empty()) columns.push_back(0);  // no row has an entry
  if (is_uniform)
    result.weight = weights.empty() ? 0 : weights[0];
  else
    result.weights = constant_array(builder, weights);
  result.begins = constant_integers(builder, begins);
  result.inputs = constant_integers(builder, columns);
  return result;
}

CoverTable cover_table(llvm::IRBuilder<>& builder, const kernel_ir::Congruent& map,
                       const kernel_ir::Extents& inputs) {
  std::vector<std::vector<std::pair<std::int32_t, double>>> covers(
      static_cast<std::size_t>(kernel_ir::position_count(inputs)));
  std::int32_t output = 0;
  for (const auto& row : kernel_ir::rows(map, inputs)) {
    for (const auto& [input, weight] : row)
      covers[static_cast<std::size_t>(input)].emplace_back(output, static_cast<double>(weight));
    ++output;
  }
  CoverTable result;
  for (const auto& of : covers) result.count = std::max(result.count, std::ssize(of));
  std::vector<std::int32_t> outputs;
  std::vector<double> weights;
  for (const auto& of : covers) {
    for (std::int64_t i = 0; i < result.count; ++i) {
      const bool is_there = i < std::ssize(of);
      outputs.push_back(is_there ? of[static_cast<std::size_t>(i)].first : 0);
      weights.push_back(is_there ? of[static_cast<std::size_t>(i)].second : 0);
    }
  }
  result.is_uniform = std::ranges::all_of(weights, [&](double weight) { return weight == weights[0]; });
  if (result.is_uniform && !weights.empty()) result.weight = weights[0];
  if (weights.empty()) return result;
  result.outputs = constant_integers(builder, outputs);
  if (!result.is_uniform) result.weights = constant_array(builder, weights);
  return result;
}

Value* load_index(llvm::IRBuilder<>& builder, Value* array, Value* i) {
  Value* pointer = builder.CreateGEP(builder.getInt32Ty(), array, i);
  return builder.CreateZExt(builder.CreateAlignedLoad(builder.getInt32Ty(), pointer, llvm::Align(4)),
                            builder.getInt64Ty());
}

}  // namespace ntkc::codegen
