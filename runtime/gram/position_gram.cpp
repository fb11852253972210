#include "runtime/gram/position_gram.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "ntkc/expansion_remainder.hpp"
#include "runtime/gram/diagonal_roots.hpp"
#include "runtime/gram/gram_problem.hpp"
#include "runtime/gram/kept_tiles.hpp"
#include "runtime/gram/ordered_pairs.hpp"
#include "runtime/gram/position_samples.hpp"

namespace ntkc::runtime {
namespace {

/// Looks for a wish to stop while compiled code runs, which knows no exceptions.
class Poll {
 public:
  explicit Poll(ProgressMeter& meter) : meter_(meter) {}

  static bool ask(void* state) {
    auto& poll = *static_cast<Poll*>(state);
    const auto now = std::chrono::steady_clock::now();
    if (now - poll.last_ < std::chrono::milliseconds(50)) return true;
    poll.last_ = now;
    try {
      poll.meter_.add(0);
    } catch (...) {
      poll.failure_ = std::current_exception();
      return false;
    }
    return true;
  }
  void rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  ProgressMeter& meter_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::exception_ptr failure_;
};

/// The pairs of a row with as many columns as the kernel computes at a time; the memory of one worker.
template <typename T>
class RowEvaluator {
 public:
  RowEvaluator(const KernelFunctions& kernel, const KernelStack& stack, const PositionSamples& rows,
               const PositionSamples& columns, ProgressMeter& meter)
      : kernel_(kernel),
        rows_(rows),
        columns_(columns),
        pair_(stack.pair),
        poll_(meter),
        scratch_(kernel.positions.scratch_bytes),
        ordered_(kernel),
        is_exchanged_(static_cast<std::size_t>(kernel.positions.lanes)),
        values_(std::ssize(stack.planes) * kernel.positions.lanes) {}

  /// At x_row and the columns from `column` on, a multiple of the lanes. Entry j of plane p is `value(p, j)`.
  void evaluate(std::ptrdiff_t row, std::ptrdiff_t column) {
    const std::int64_t lanes = kernel_.positions.lanes;
    PairArguments arguments{.rows = 1, .columns = lanes, .result = values_.data(), .plane_stride = lanes};
    rows_.block(row / lane_padding, row_scratch_).set_row(arguments, row % lane_padding);
    columns_.block(column / lane_padding, column_scratch_).set_columns(arguments, column % lane_padding);
    if (&rows_ == &columns_) arguments.same_column = row - column;
    if (kernel_.positions.rows_by_lane) {
      for (std::ptrdiff_t j = 0; j < lanes; ++j) {
        is_exchanged_[static_cast<std::size_t>(j)] =
            column + j < columns_.rows() &&
            std::ranges::lexicographical_compare(columns_.input(column + j), rows_.input(row));
      }
      ordered_.put_in_order(arguments, is_exchanged_);
    }
    arguments.scratch = scratch_.data();
    arguments.proceed = &Poll::ask;
    arguments.proceed_state = &poll_;
    pair_(&arguments);
    poll_.rethrow();
  }
  [[nodiscard]] T value(std::size_t plane, std::ptrdiff_t j) const {
    return values_.data()[static_cast<std::ptrdiff_t>(plane) * kernel_.positions.lanes + j];
  }

 private:
  const KernelFunctions& kernel_;
  const PositionSamples& rows_;
  const PositionSamples& columns_;
  PairFunction pair_;
  Poll poll_;
  AlignedArray<std::byte> scratch_;
  OrderedPairs ordered_;
  std::vector<bool> is_exchanged_;  // by lane
  AlignedArray<T> values_;
  PositionSamples::Scratch row_scratch_;
  PositionSamples::Scratch column_scratch_;
};

/// Everything that the three functions share.
template <typename T>
class PositionProblem {
 public:
  PositionProblem(const KernelFunctions& kernel, const KernelStack& stack, const PositionSamples& rows,
                  const PositionSamples& columns, const Execution& execution, double entries)
      : kernel_(kernel),
        stack_(stack),
        rows_(rows),
        columns_(columns),
        lanes_(kernel.positions.lanes),
        meter_(execution, entries),
        workers_(std::min(rows.workers(), columns.workers())),
        evaluators_(static_cast<std::size_t>(workers_)) {}

  /// run(evaluator, task) for each task.
  template <typename Run>
  void for_each(std::ptrdiff_t tasks, const Run& run) {
    parallel_for(tasks, workers_, [&](std::ptrdiff_t task, int worker) {
      auto& evaluator = evaluators_[static_cast<std::size_t>(worker)];
      if (!evaluator) evaluator.emplace(kernel_, stack_, rows_, columns_, meter_);
      run(*evaluator, task);
    });
  }
  [[nodiscard]] std::ptrdiff_t lanes() const { return lanes_; }
  void count(std::ptrdiff_t entries) { meter_.add(static_cast<double>(entries)); }
  void resume(double entries) { meter_.resume(entries); }

  /// Throws for an entry that is not finite or beyond its bounds.
  void check(T value, std::size_t plane, std::ptrdiff_t i, std::ptrdiff_t j,
             const EntryBounds<T>& bounds) const {
    const bool is_sound = bounds.rows == nullptr
                              ? std::isfinite(value)
                              : is_bounded(value, bounds.rows->of(plane)[i], bounds.columns->of(plane)[j]);
    if (!is_sound)
      refuse_entry(kernel_, static_cast<double>(value), rows_.input_row(i), columns_.input_row(j));
  }

 private:
  const KernelFunctions& kernel_;
  const KernelStack& stack_;
  const PositionSamples& rows_;
  const PositionSamples& columns_;
  std::ptrdiff_t lanes_;
  ProgressMeter meter_;
  int workers_;
  std::vector<std::optional<RowEvaluator<T>>> evaluators_;
};

/// The columns of a block that are wanted, a task for each row.
struct RowTask {
  std::ptrdiff_t row;
  std::ptrdiff_t begin;
  std::ptrdiff_t end;
};

TilePlace place_of(const RowTask& task) { return {task.row, task.begin, 1, task.end - task.begin}; }

/// What is below the groups of columns on the diagonal, block by block.
std::vector<RowTask> lower_tasks(std::ptrdiff_t rows, std::ptrdiff_t blocks, std::ptrdiff_t lanes) {
  std::vector<RowTask> tasks;
  for (std::ptrdiff_t block = 0; block < blocks; ++block) {
    const std::ptrdiff_t end = std::min((block + 1) * lane_padding, rows);
    for (std::ptrdiff_t column = 0; column <= block; ++column) {
      for (std::ptrdiff_t i = block * lane_padding; i < end; ++i) {
        const std::ptrdiff_t last = std::min((column + 1) * lane_padding, i / lanes * lanes);
        if (last > column * lane_padding) tasks.push_back({i, column * lane_padding, last});
      }
    }
  }
  return tasks;
}

/// K(x_i, x_i) of each sample in each plane, checked.
template <typename T>
void set_root(const KernelFunctions& kernel, const PositionSamples& samples, std::size_t plane,
              std::ptrdiff_t i, T value, DiagonalRoots<T>& roots) {
  check_variance(kernel, static_cast<double>(value), samples.input_row(i));
  roots.set(plane, i, value, largest_accepted_loss(kernel));
}

template <typename T>
DiagonalRoots<T> position_roots(const KernelFunctions& kernel, const KernelStack& stack,
                                const PositionSamples& samples, const Execution& execution) {
  DiagonalRoots<T> roots(stack.planes.size(), samples.rows());
  const Execution quiet{.threads = execution.threads};
  PositionProblem<T> problem(kernel, stack, samples, samples, quiet, 1);
  problem.for_each(samples.rows(), [&](RowEvaluator<T>& evaluator, std::ptrdiff_t i) {
    evaluator.evaluate(i, i / problem.lanes() * problem.lanes());
    for (std::size_t p = 0; p < stack.planes.size(); ++p)
      set_root(kernel, samples, p, i, evaluator.value(p, i % problem.lanes()), roots);
  });
  return roots;
}

}  // namespace

template <typename T>
void position_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                   std::span<const MatrixView<T>> planes, const Execution& execution,
                   const GramOptions& options) {
  const PositionSamples samples(kernel, x, "x", thread_count(execution), options.maximum_table_bytes);
  PositionProblem<T> problem(kernel, stack, samples, samples, execution,
                             static_cast<double>(x.rows) * static_cast<double>(x.rows + 1) / 2);
  const std::ptrdiff_t lanes = problem.lanes();
  const std::vector<RowTask> tasks = lower_tasks(x.rows, samples.blocks(), lanes);
  KeptTiles<T> kept(execution, kernel, stack, x, {}, lanes, x.rows + std::ssize(tasks));
  problem.resume(kept.entries(planes.size()));
  DiagonalRoots<T> roots(stack.is_kernel ? planes.size() : 0, x.rows);
  const EntryBounds<T> bounds = stack.is_kernel ? EntryBounds<T>{&roots, &roots} : EntryBounds<T>{};
  const auto store = [&](const RowEvaluator<T>& evaluator, std::ptrdiff_t i, std::ptrdiff_t first,
                         std::ptrdiff_t end, const EntryBounds<T>& known) {
    for (std::size_t p = 0; p < planes.size(); ++p) {
      for (std::ptrdiff_t j = first; j < end; ++j) {
        const T value = evaluator.value(p, j - first);
        problem.check(value, p, i, j, known);
        planes[p](i, j) = value;
      }
    }
    problem.count(end - first);
  };
  const auto mirror = [&](const TilePlace& place) {
    for (const MatrixView<T>& plane : planes) store_mirrored(place, plane);
  };
  // What is beside the diagonal first: it says what the other entries are bounded by.
  problem.for_each(x.rows, [&](RowEvaluator<T>& evaluator, std::ptrdiff_t i) {
    const std::ptrdiff_t first = i / lanes * lanes;
    const TilePlace place{i, first, 1, i + 1 - first};
    if (!kept.restore(i, place, planes)) {
      evaluator.evaluate(i, first);
      store(evaluator, i, first, i + 1, {});
      kept.keep(i, place, planes);
    }
    mirror(place);
    if (!stack.is_kernel) return;
    for (std::size_t p = 0; p < planes.size(); ++p) set_root(kernel, samples, p, i, planes[p](i, i), roots);
  });
  for (std::size_t p = 0; p < planes.size(); ++p) {
    for (std::ptrdiff_t i = 0; i < x.rows; ++i) {
      for (std::ptrdiff_t j = i / lanes * lanes; j < i; ++j) problem.check(planes[p](i, j), p, i, j, bounds);
    }
  }
  problem.for_each(std::ssize(tasks), [&](RowEvaluator<T>& evaluator, std::ptrdiff_t number) {
    const RowTask& task = tasks[static_cast<std::size_t>(number)];
    const TilePlace place = place_of(task);
    if (!kept.restore(x.rows + number, place, planes)) {
      for (std::ptrdiff_t j = task.begin; j < task.end; j += lanes) {
        evaluator.evaluate(task.row, j);
        store(evaluator, task.row, j, j + lanes, bounds);
      }
      kept.keep(x.rows + number, place, planes);
    }
    mirror(place);
  });
}

template <typename T>
void position_cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                         MatrixView<const double> y, std::span<const MatrixView<T>> planes,
                         const Execution& execution, const GramOptions& options) {
  const int threads = thread_count(execution);
  const PositionSamples rows(kernel, x, "x", threads, options.maximum_table_bytes / 2);
  const PositionSamples columns(kernel, y, "y", threads, options.maximum_table_bytes / 2);
  PositionProblem<T> problem(kernel, stack, rows, columns, execution,
                             static_cast<double>(x.rows) * static_cast<double>(y.rows));
  const std::ptrdiff_t lanes = problem.lanes();
  std::optional<DiagonalRoots<T>> row_roots;
  std::optional<DiagonalRoots<T>> column_roots;
  EntryBounds<T> bounds;
  if (stack.is_kernel && kernel.remainder_slot >= 0 && lanes * (x.rows + y.rows) <= x.rows * y.rows) {
    row_roots = position_roots<T>(kernel, stack, rows, execution);
    column_roots = position_roots<T>(kernel, stack, columns, execution);
    bounds = {&*row_roots, &*column_roots};
  }
  std::vector<RowTask> tasks;
  for (std::ptrdiff_t block = 0; block < rows.blocks(); ++block) {
    const std::ptrdiff_t end = std::min((block + 1) * lane_padding, x.rows);
    for (std::ptrdiff_t first = 0; first < y.rows; first += lane_padding) {
      for (std::ptrdiff_t i = block * lane_padding; i < end; ++i)
        tasks.push_back({i, first, std::min(first + lane_padding, y.rows)});
    }
  }
  KeptTiles<T> kept(execution, kernel, stack, x, y, lanes, std::ssize(tasks));
  problem.resume(kept.entries(planes.size()));
  problem.for_each(std::ssize(tasks), [&](RowEvaluator<T>& evaluator, std::ptrdiff_t number) {
    const RowTask& task = tasks[static_cast<std::size_t>(number)];
    if (kept.restore(number, place_of(task), planes)) return;
    for (std::ptrdiff_t first = task.begin; first < task.end; first += lanes) {
      evaluator.evaluate(task.row, first);
      const std::ptrdiff_t end = std::min(first + lanes, task.end);
      for (std::size_t p = 0; p < planes.size(); ++p) {
        for (std::ptrdiff_t j = first; j < end; ++j) {
          const T value = evaluator.value(p, j - first);
          problem.check(value, p, task.row, j, bounds);
          planes[p](task.row, j) = value;
        }
      }
      problem.count(end - first);
    }
    kept.keep(number, place_of(task), planes);
  });
}

template <typename T>
void position_diagonal(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                       double* result) {
  const PositionSamples samples(kernel, x, "x", thread_count({}), maximum_table_bytes);
  PositionProblem<T> problem(kernel, stack, samples, samples, {}, static_cast<double>(x.rows));
  problem.for_each(x.rows, [&](RowEvaluator<T>& evaluator, std::ptrdiff_t i) {
    evaluator.evaluate(i, i / problem.lanes() * problem.lanes());
    result[i] = static_cast<double>(evaluator.value(0, i % problem.lanes()));
    const InputRow row = samples.input_row(i);
    if (stack.is_kernel)
      check_variance(kernel, result[i], row);
    else if (!std::isfinite(result[i]))
      refuse_entry(kernel, result[i], row, row);
  });
}

template void position_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                            std::span<const MatrixView<double>>, const Execution&, const GramOptions&);
template void position_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                            std::span<const MatrixView<float>>, const Execution&, const GramOptions&);
template void position_cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                                  MatrixView<const double>, std::span<const MatrixView<double>>,
                                  const Execution&, const GramOptions&);
template void position_cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                                  MatrixView<const double>, std::span<const MatrixView<float>>,
                                  const Execution&, const GramOptions&);
template void position_diagonal<double>(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                                        double*);
template void position_diagonal<float>(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                                       double*);

}  // namespace ntkc::runtime
