// Inputs with positions as compiled kernels read them, and what the kernels keep of each, in blocks.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/aligned_array.hpp"
#include "runtime/gram/gram_checks.hpp"

namespace ntkc::runtime {

/// lane_padding samples: their unit vectors at each position and the table of the kernel, both twice: as columns
/// are read, in groups of as many samples as are computed at a time, and as rows are, one sample in one piece. What a
/// call of the kernel reads is thus together. Samples that are missing at the end are zero vectors.
class PositionBlock {
 public:
  PositionBlock() = default;
  PositionBlock(const KernelFunctions& kernel, MatrixView<const double> x, const std::string& name,
                std::ptrdiff_t first, const Proceed& proceed, void* proceed_state);

  static double bytes(const KernelFunctions& kernel);

  /// Points the arguments to the group of columns from `column` on, a multiple of the lanes, and to the row.
  void set_columns(PairArguments& arguments, std::ptrdiff_t column) const;
  void set_row(PairArguments& arguments, std::ptrdiff_t row) const;
  /// Entry `slot` of a sample.
  [[nodiscard]] double table_entry(const KernelFunctions& kernel, std::int64_t slot,
                                   std::ptrdiff_t sample) const;

 private:
  std::ptrdiff_t element_ = 0;  // bytes
  std::ptrdiff_t slots_ = 0;
  std::ptrdiff_t components_ = 0;
  std::ptrdiff_t lanes_ = 0;
  AlignedArray<std::byte> table_;
  AlignedArray<std::byte> row_table_;
  AlignedArray<std::byte> inputs_;
  AlignedArray<std::byte> row_inputs_;
};

/// All blocks of a matrix of inputs, kept if they fit, otherwise made where they are needed.
class PositionSamples {
 public:
  /// The memory of one worker for a block that is not kept.
  struct Scratch {
    PositionBlock block;
    std::ptrdiff_t index = -1;
  };

  PositionSamples(const KernelFunctions& kernel, MatrixView<const double> x, const std::string& name,
                  int threads, std::size_t maximum_bytes);

  [[nodiscard]] std::ptrdiff_t rows() const { return x_.rows; }
  [[nodiscard]] std::span<const double> input(std::ptrdiff_t index) const {
    return {&x_(index, 0), static_cast<std::size_t>(x_.columns)};
  }
  [[nodiscard]] std::ptrdiff_t blocks() const { return (x_.rows + lane_padding - 1) / lane_padding; }
  [[nodiscard]] const PositionBlock& block(std::ptrdiff_t index, Scratch& scratch) const;
  /// How many workers there should be, so that their blocks take no more than all might.
  [[nodiscard]] int workers() const { return workers_; }
  /// For messages.
  [[nodiscard]] InputRow input_row(std::ptrdiff_t index) const;

 private:
  [[nodiscard]] PositionBlock make(std::ptrdiff_t index) const;

  const KernelFunctions& kernel_;
  MatrixView<const double> x_;
  std::string name_;
  int workers_;
  std::vector<PositionBlock> kept_;
};

/// What the blocks of so many samples take, and the scratch memory of all workers.
double position_bytes(const KernelFunctions& kernel, std::int64_t samples, int threads,
                      std::size_t maximum_bytes);

}  // namespace ntkc::runtime
