// Pairs of inputs with positions in an order that only the inputs decide.
#pragma once

#include <cstddef>
#include <vector>

#include "ntkc/kernel_functions.hpp"
#include "runtime/gram/aligned_array.hpp"

namespace ntkc::runtime {

/// Sums over pairs of positions come in another order with the two inputs exchanged. So that K(x, y) and K(y, x) are
/// the same to the last bit, the smaller input of each pair is given to the kernel as its row: each column of a call
/// has a row of its own. The memory of one worker.
class OrderedPairs {
 public:
  explicit OrderedPairs(const KernelFunctions& kernel);

  static double bytes(const KernelFunctions& kernel);

  /// `arguments` has one row and the columns of one group (PositionBlock); in lane j the two are exchanged where
  /// is_exchanged[j]. Points it to copies that are.
  void put_in_order(PairArguments& arguments, const std::vector<bool>& is_exchanged);

 private:
  struct Side {
    AlignedArray<std::byte> rows;
    AlignedArray<std::byte> columns;
  };
  void exchange(const void*& rows, std::int64_t& row_stride, const void*& columns, std::ptrdiff_t entries,
                const std::vector<bool>& is_exchanged, Side& side) const;

  std::ptrdiff_t element_;
  std::ptrdiff_t lanes_;
  std::ptrdiff_t slots_;
  std::ptrdiff_t components_;
  Side table_;
  Side inputs_;
};

}  // namespace ntkc::runtime
