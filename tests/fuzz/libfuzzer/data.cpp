// libFuzzer: files of data, models among them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tests/fuzz/data_files.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ntkc::fuzz::read_data_file({reinterpret_cast<const char*>(data), size});
  return 0;
}

/// Now and then a good file comes in anew, so that no folder of them is needed.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  const std::vector<std::string>& seeds = ntkc::fuzz::data_file_seeds();
  constexpr unsigned mutations = 100;
  if (seed % mutations == 0) {
    const std::string& good = seeds[seed / mutations % seeds.size()];
    size = std::min(good.size(), most);
    std::memcpy(data, good.data(), size);
  }
  return LLVMFuzzerMutate(data, size, most);
}
