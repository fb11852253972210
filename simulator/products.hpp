// Matrix products of the simulator, with weights that are read in blocks. BLAS is called here only.
#pragma once

#include "ntkc/matrix.hpp"
#include "simulator/layer_parameters.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// multiplier · input · Wᵀ + multiplier_b · 1 bᵀ, (rows of `input`) × outputs.
Matrix apply_layer(const LayerParameters& layer, const Weights& weights, const Matrix& input, int threads);

/// multiplier · signal · W[0 … columns of signal), (rows of `signal`) × inputs.
Matrix apply_transposed(const LayerParameters& layer, const Weights& weights, const Matrix& signal,
                        int threads);

/// result += alpha · signalᵀ · input, in the first rows of `result`, as many as `signal` has columns.
void add_transposed_product(double alpha, const Matrix& signal, const Matrix& input, Matrix& result,
                            int threads);

/// alpha · A Aᵀ, the whole of it.
Matrix gram_product(double alpha, const Matrix& a, int threads);

}  // namespace ntkc::simulator
