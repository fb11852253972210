// Matrix products of the simulator, with weights that are read in blocks. BLAS is called here only.
#pragma once

#include "ntkc/matrix.hpp"
#include "simulator/layer_parameters.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// The product multiplier · input · Wᵀ + multiplier_b · 1 bᵀ, (rows of `input`) × outputs.
Matrix apply_layer(const LayerParameters& layer, const Weights& weights, const Matrix& input, int threads);

/// The product multiplier · signal · W[0 … columns of signal), (rows of `signal`) × inputs.
Matrix apply_transposed(const LayerParameters& layer, const Weights& weights, const Matrix& signal,
                        int threads);

/// Adds alpha · signalᵀ · input to the first rows of `result`, as many as `signal` has columns.
void add_transposed_product(double alpha, const Matrix& signal, const Matrix& input, Matrix& result,
                            int threads);

/// Some rows of alpha · A Aᵀ, the first `columns` columns of them. Serial.
Matrix product_of_rows(double alpha, const Matrix& a, Range rows, std::ptrdiff_t columns);

/// The whole symmetric matrix alpha · A Aᵀ.
Matrix gram_product(double alpha, const Matrix& a, int threads);

}  // namespace ntkc::simulator
