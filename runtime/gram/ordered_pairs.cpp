#include "runtime/gram/ordered_pairs.hpp"

#include "runtime/gram/sample_tables.hpp"

namespace ntkc::runtime {
namespace {

std::ptrdiff_t component_count(const KernelFunctions& kernel) {
  return kernel.positions.rows_by_lane ? kernel.positions.count * kernel.positions.channels : 0;
}
std::ptrdiff_t slot_count(const KernelFunctions& kernel) {
  return kernel.positions.rows_by_lane ? kernel.slots : 0;
}

/// Entry k of lane j is at k * lanes + j of what is written; of the row, which is the same for all lanes, at k.
template <typename T>
void exchange_lanes(const T* row, const T* columns, std::ptrdiff_t entries,
                    const std::vector<bool>& is_exchanged, T* rows_result, T* columns_result) {
  const std::ptrdiff_t lanes = std::ssize(is_exchanged);
  for (std::ptrdiff_t k = 0; k < entries; ++k) {
    for (std::ptrdiff_t j = 0; j < lanes; ++j) {
      const std::ptrdiff_t at = k * lanes + j;
      const bool exchanged = is_exchanged[static_cast<std::size_t>(j)];
      rows_result[at] = exchanged ? columns[at] : row[k];
      columns_result[at] = exchanged ? row[k] : columns[at];
    }
  }
}

}  // namespace

OrderedPairs::OrderedPairs(const KernelFunctions& kernel)
    : element_(table_element(kernel)),
      lanes_(kernel.positions.lanes),
      slots_(slot_count(kernel)),
      components_(component_count(kernel)),
      table_{AlignedArray<std::byte>(slots_ * lanes_ * element_),
             AlignedArray<std::byte>(slots_ * lanes_ * element_)},
      inputs_{AlignedArray<std::byte>(components_ * lanes_ * element_),
              AlignedArray<std::byte>(components_ * lanes_ * element_)} {}

double OrderedPairs::bytes(const KernelFunctions& kernel) {
  return 2.0 * static_cast<double>(slot_count(kernel) + component_count(kernel)) *
         static_cast<double>(kernel.positions.lanes * table_element(kernel));
}

void OrderedPairs::put_in_order(PairArguments& arguments, const std::vector<bool>& is_exchanged) {
  exchange(arguments.row_table, arguments.row_table_stride, arguments.column_table, slots_, is_exchanged,
           table_);
  exchange(arguments.row_inputs, arguments.row_input_stride, arguments.column_inputs, components_,
           is_exchanged, inputs_);
}

void OrderedPairs::exchange(const void*& rows, std::int64_t& row_stride, const void*& columns,
                            std::ptrdiff_t entries, const std::vector<bool>& is_exchanged, Side& side) const {
  const auto run = [&]<typename T>(const T* row, const T* column) {
    exchange_lanes(row, column, entries, is_exchanged, reinterpret_cast<T*>(side.rows.data()),
                   reinterpret_cast<T*>(side.columns.data()));
  };
  if (element_ == sizeof(float))
    run(static_cast<const float*>(rows), static_cast<const float*>(columns));
  else
    run(static_cast<const double*>(rows), static_cast<const double*>(columns));
  rows = side.rows.data();
  row_stride = lanes_;
  columns = side.columns.data();
}

}  // namespace ntkc::runtime
