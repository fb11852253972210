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

std::int64_t channels_of(const std::vector<std::int64_t>& input_shape) {
  return input_shape.size() > 1 ? input_shape.back() : 0;
}

namespace {

double count_of(const std::vector<std::int64_t>& shape) {
  // The product of an untrusted shape may overflow; that of a file that has the values does not.
  double count = 1;
  for (const std::int64_t length : shape) count *= static_cast<double>(length);
  return count;
}

/// Whether samples of this shape fit an input: as they are, without the axis of a single channel, or flattened.
bool fits(const std::vector<std::int64_t>& sample, const std::vector<std::int64_t>& input_shape) {
  if (sample == input_shape) return true;
  std::vector<std::int64_t> with_channel = sample;
  with_channel.push_back(1);
  if (with_channel == input_shape) return true;
  const bool flattened = (input_shape.size() == 1) != (sample.size() == 1);
  return flattened && count_of(sample) == count_of(input_shape);
}

/// What to do about samples that do not fit.
std::string help_for(const std::vector<std::int64_t>& sample, const std::vector<std::int64_t>& input_shape) {
  if (sample.size() == input_shape.size() && sample.size() > 1) {
    std::vector<std::int64_t> channels_last(sample.begin() + 1, sample.end());
    channels_last.push_back(sample.front());
    if (channels_last == input_shape) return "; channels come last: `np.moveaxis(x, 1, -1)`";
  }
  return fmt::format("; wanted (n, {}), or (n, {:.0f}), position by position", fmt::join(input_shape, ", "),
                     count_of(input_shape));
}

}  // namespace

void require_input_shape(const std::string& path, const std::vector<std::int64_t>& shape,
                         const std::string& network, const std::vector<std::int64_t>& input_shape) {
  const std::vector<std::int64_t> sample(shape.begin() + 1, shape.end());
  if (fits(sample, input_shape)) return;
  throw InputError(
      fmt::format("{}: samples of shape {} (the array is {}) do not fit the input of network `{}`, {}{}",
                  path, shape_text(sample), shape_text(shape), network, input_type_text(input_shape),
                  input_shape.size() == 1 ? fmt::format("; wanted (n, {})", input_shape.front())
                                          : help_for(sample, input_shape)));
}

void require_input_shape(const Dataset& dataset, const KernelFunctions& kernel) {
  if (dataset.feature_names.empty())
    return require_input_shape(dataset.path, dataset.inputs.shape, kernel.name, kernel.input_shape);
  const auto features = static_cast<std::int64_t>(dataset.feature_names.size());
  if (fits({features}, kernel.input_shape)) return;
  const std::string help =
      kernel.input_shape.size() == 1
          ? fmt::format("write `vector({})`, or `vector(*)`, which takes its size from the data", features)
          : fmt::format("it takes {:.0f} of them, position by position", count_of(kernel.input_shape));
  throw InputError(fmt::format("{}: {} feature column{} not fit the input of network `{}`, {}; {}",
                               dataset.path, features, features == 1 ? " does" : "s do", kernel.name,
                               input_type_text(kernel.input_shape), help));
}

void require_memory(double bytes, const std::string& what) {
  const auto limit = static_cast<double>(data::memory_limit());
  if (bytes <= limit) return;
  throw InputError(fmt::format("{} takes {:.1f} GB of memory, there are {:.1f} GB; use fewer samples", what,
                               bytes / 1e9, limit / 1e9));
}

}  // namespace ntkc
