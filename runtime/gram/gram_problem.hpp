// What the evaluation of Gram matrices and of stacks of them share.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/gram/parallel.hpp"
#include "runtime/gram/tile_evaluator.hpp"

namespace ntkc::runtime {

/// One evaluator per worker, made when the worker gets its first tile.
template <typename T>
class Evaluators {
 public:
  Evaluators(const PairProblem<T>& problem, int threads)
      : problem_(problem), evaluators_(static_cast<std::size_t>(threads)) {}
  TileEvaluator<T>& operator[](int worker) {
    std::optional<TileEvaluator<T>>& evaluator = evaluators_[static_cast<std::size_t>(worker)];
    if (!evaluator) evaluator.emplace(problem_);
    return *evaluator;
  }

 private:
  const PairProblem<T>& problem_;
  std::vector<std::optional<TileEvaluator<T>>> evaluators_;
};

/// Results are mostly fresh memory, written here for the first time.
template <typename T>
void prepare(MatrixView<T> result) {
  const std::ptrdiff_t entries = (result.rows - 1) * result.stride + result.columns;
  advise_huge_pages(result.data, static_cast<std::size_t>(entries) * sizeof(T));
}

template <typename T>
TilePlace place_of(const UnitRows<T>& x, std::ptrdiff_t i, const UnitRows<T>& y, std::ptrdiff_t j) {
  const std::ptrdiff_t row = i * x.tile();
  const std::ptrdiff_t column = j * y.tile();
  return {row, column, std::min(x.tile(), x.rows() - row), std::min(y.tile(), y.rows() - column)};
}

}  // namespace ntkc::runtime
