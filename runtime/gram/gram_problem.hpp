// Gram matrices, tile by tile on several threads.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/gram/parallel.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/tile_evaluator.hpp"
#include "runtime/gram/unit_rows.hpp"

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

/// Calls body(evaluator, samples, i, j, place) for every tile on and below the diagonal of x with itself, on
/// all threads; those on the diagonal come first. prepare(samples) is called before, and returns how many
/// tiles are done already; so many times body returns false.
template <typename T, typename Prepare, typename Body>
void for_each_lower_tile(const KernelFunctions& kernel, PairFunction pair, MatrixView<const double> x,
                         std::size_t table_bytes, const Execution& execution, const Prepare& prepare,
                         const Body& body) {
  const int threads = thread_count(execution);
  const UnitRows<T> samples(x, fitting_tile(kernel.slots, column_tile(x.rows), table_element(kernel)), "x",
                            kernel.precision, threads);
  const SampleTables<T> tables(kernel, samples, threads, table_bytes);
  const PairProblem<T> problem{pair, table_element(kernel), samples, tables, samples, tables};
  Evaluators<T> evaluators(problem, threads);
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> tiles;
  for (std::ptrdiff_t i = 0; i < samples.tiles(); ++i) {
    for (std::ptrdiff_t j = 0; j < i; ++j) tiles.emplace_back(i, j);
  }
  ProgressMeter progress(execution, static_cast<double>(samples.tiles() + std::ssize(tiles)));
  progress.resume(prepare(samples));
  const auto evaluate = [&](std::ptrdiff_t i, std::ptrdiff_t j, int worker) {
    progress.add(body(evaluators[worker], samples, i, j, place_of(samples, i, samples, j)) ? 1 : 0);
  };
  parallel_for(samples.tiles(), tables.workers(),
               [&](std::ptrdiff_t task, int worker) { evaluate(task, task, worker); });
  parallel_for(std::ssize(tiles), tables.workers(), [&](std::ptrdiff_t task, int worker) {
    const auto [i, j] = tiles[static_cast<std::size_t>(task)];
    evaluate(i, j, worker);
  });
}

/// Calls prepare(rows, columns), then body(evaluator, rows, columns, i, j, place) for every tile of x with y, on
/// all threads. What prepare and body return is as above.
template <typename T, typename Prepare, typename Body>
void for_each_tile(const KernelFunctions& kernel, PairFunction pair, MatrixView<const double> x,
                   MatrixView<const double> y, std::size_t table_bytes, const Execution& execution,
                   const Prepare& prepare, const Body& body) {
  const int threads = thread_count(execution);
  const auto fitting = [&](std::ptrdiff_t tile) {
    return fitting_tile(kernel.slots, tile, table_element(kernel));
  };
  const UnitRows<T> rows(x, fitting(row_tile(x.rows)), "x", kernel.precision, threads);
  const UnitRows<T> columns(y, fitting(column_tile(y.rows)), "y", kernel.precision, threads);
  const SampleTables<T> row_tables(kernel, rows, threads, table_bytes);
  const SampleTables<T> column_tables(kernel, columns, threads, table_bytes);
  const PairProblem<T> problem{pair, table_element(kernel), rows, row_tables, columns, column_tables};
  Evaluators<T> evaluators(problem, threads);
  const std::ptrdiff_t tasks = rows.tiles() * columns.tiles();
  ProgressMeter progress(execution, static_cast<double>(tasks));
  progress.resume(prepare(rows, columns));
  parallel_for(tasks, std::min(row_tables.workers(), column_tables.workers()),
               [&](std::ptrdiff_t task, int worker) {
                 const std::ptrdiff_t i = task / columns.tiles();
                 const std::ptrdiff_t j = task % columns.tiles();
                 const TilePlace place = place_of(rows, i, columns, j);
                 progress.add(body(evaluators[worker], rows, columns, i, j, place) ? 1 : 0);
               });
}

}  // namespace ntkc::runtime
