// Whether samples fit the input of a network, and the memory.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "ntkc/dataset.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/memory_limit.hpp"

namespace ntkc {

std::string input_type_text(const std::vector<std::int64_t>& input_shape) {
  static constexpr std::array<const char*, 4> names = {"scalar", "vector", "sequence", "image"};
  const char* const name = input_shape.size() < names.size() ? names[input_shape.size()] : "array";
  return fmt::format("{}({})", name, fmt::join(input_shape, ", "));
}

namespace {

/// Whether samples, arrays of this shape without its first axis, fit an input.
bool fits(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& input_shape) {
  const std::vector<std::int64_t> sample(shape.begin() + 1, shape.end());
  if (sample == input_shape) return true;
  std::vector<std::int64_t> with_channel = sample;
  with_channel.push_back(1);
  if (with_channel == input_shape) return true;
  // Flattened. The product of an untrusted shape may overflow; that of a file that has the values does not.
  double values = 1;
  for (const std::int64_t length : sample) values *= static_cast<double>(length);
  return input_shape.size() == 1 && sample.size() > 1 && values == static_cast<double>(input_shape.front());
}

}  // namespace

void require_input_shape(const std::string& path, const std::vector<std::int64_t>& shape,
                         const std::string& network, const std::vector<std::int64_t>& input_shape) {
  if (fits(shape, input_shape)) return;
  throw InputError(fmt::format(
      "{}: samples of shape {} (the array is {}) do not fit the input of network `{}`, {}; wanted (n, {})",
      path, shape_text({shape.begin() + 1, shape.end()}), shape_text(shape), network,
      input_type_text(input_shape), fmt::join(input_shape, ", ")));
}

void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel) {
  if (dataset.feature_names.empty())
    return require_input_shape(dataset.path, dataset.inputs.shape, kernel.name, kernel.input_shape);
  if (fits(dataset.inputs.shape, kernel.input_shape)) return;
  const std::size_t features = dataset.feature_names.size();
  throw InputError(fmt::format("{}: {} feature column{} not fit the input of network `{}`, {}", dataset.path,
                               features, features == 1 ? " does" : "s do", kernel.name,
                               input_type_text(kernel.input_shape)));
}

void require_memory(double bytes, const std::string& what) {
  const auto limit = static_cast<double>(data::memory_limit());
  if (bytes <= limit) return;
  throw InputError(fmt::format("{} takes {:.1f} GB of memory, there are {:.1f} GB; use fewer samples", what,
                               bytes / 1e9, limit / 1e9));
}

}  // namespace ntkc
