#include "runtime/gram/kept_tiles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "ntkc/checkpoint.hpp"
#include "ntkc/errors.hpp"

namespace ntkc::runtime {

namespace {

void add_inputs(Fingerprint& fingerprint, MatrixView<const double> inputs) {
  fingerprint.add(inputs.rows).add(inputs.columns);
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i)
    fingerprint.add(inputs.data + i * inputs.stride,
                    static_cast<std::size_t>(inputs.columns) * sizeof(double));
}

/// Of the network, the kernel and the inputs.
std::uint64_t identity_of(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                          MatrixView<const double> y, std::int64_t geometry) {
  Fingerprint fingerprint;
  fingerprint.add(kernel.network.text);
  for (const auto& [name, value] : kernel.network.definitions) fingerprint.add(name).add(value);
  fingerprint.add(stack.name);
  for (const std::string& plane : stack.planes) fingerprint.add(plane);
  for (const std::int64_t extent : kernel.input_shape) fingerprint.add(extent);
  fingerprint.add(&kernel.tolerance, sizeof kernel.tolerance);
  fingerprint.add(static_cast<std::int64_t>(kernel.precision)).add(kernel.slots).add(kernel.positions.lanes);
  fingerprint.add(geometry);
  add_inputs(fingerprint, x);
  add_inputs(fingerprint, y);
  return fingerprint.value();
}

template <typename T>
std::size_t bytes_of(const TilePlace& place, std::size_t planes) {
  return planes * static_cast<std::size_t>(place.rows * place.columns) * sizeof(T);
}

/// copy(at, entries) for each piece of a row of the tile, `at` counted in entries.
template <typename T, typename Copy>
void for_each_piece(const TilePlace& place, std::span<const MatrixView<T>> planes, const Copy& copy) {
  std::ptrdiff_t at = 0;
  for (const MatrixView<T>& plane : planes) {
    for (std::ptrdiff_t i = place.row; i < place.row + place.rows; ++i, at += place.columns)
      copy(at, &plane(i, place.column));
  }
}

}  // namespace

template <typename T>
KeptTiles<T>::KeptTiles(const Execution& execution, const KernelFunctions& kernel, const KernelStack& stack,
                        MatrixView<const double> x, MatrixView<const double> y, std::int64_t geometry,
                        std::int64_t tasks) {
  if (execution.checkpoint == nullptr) return;
  const std::uint64_t identity = identity_of(kernel, stack, x, y, geometry);
  const std::string path = fmt::format("{}/gram-{:016x}", execution.checkpoint->folder(), identity);
  log_.emplace(path, identity, tasks);
  execution.checkpoint->note_file(path);
  if (log_->kept() > 0) {
    const double all =
        static_cast<double>(x.rows) * static_cast<double>(y.data == nullptr ? x.rows + 1 : 2 * y.rows) / 2;
    execution.checkpoint->note_resumed(std::min(1.0, entries(stack.planes.size()) / all));
  }
}

template <typename T>
double KeptTiles<T>::entries(std::size_t planes) const {
  if (!log_) return 0;
  return static_cast<double>(log_->kept_bytes()) / static_cast<double>(planes * sizeof(T));
}

template <typename T>
bool KeptTiles<T>::restore(std::int64_t task, const TilePlace& place,
                           std::span<const MatrixView<T>> planes) const {
  if (!log_ || task == log_->first_task()) return false;
  std::vector<T> values(bytes_of<T>(place, planes.size()) / sizeof(T));
  if (!log_->read(task, std::as_writable_bytes(std::span(values)))) return false;
  for_each_piece<T>(place, planes,
                    [&](std::ptrdiff_t at, T* row) { std::copy_n(values.data() + at, place.columns, row); });
  return true;
}

template <typename T>
void KeptTiles<T>::keep(std::int64_t task, const TilePlace& place, std::span<const MatrixView<T>> planes) {
  if (!log_) return;
  std::vector<T> values(bytes_of<T>(place, planes.size()) / sizeof(T));
  for_each_piece<T>(place, planes, [&](std::ptrdiff_t at, const T* row) {
    std::copy_n(row, place.columns, values.data() + at);
  });
  if (task != log_->first_task()) return log_->append(task, std::as_bytes(std::span(values)));
  std::vector<T> before(values.size());
  log_->read(task, std::as_writable_bytes(std::span(before)));
  if (std::memcmp(before.data(), values.data(), values.size() * sizeof(T)) != 0)
    throw InputError(
        fmt::format("{}: the parts of this Gram matrix were computed by another version of the program, or "
                    "on another processor, "
                    "and are not the same to the last bit; remove the file to compute all of them again",
                    log_->path()));
}

template class KeptTiles<double>;
template class KeptTiles<float>;

}  // namespace ntkc::runtime
