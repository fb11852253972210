// libFuzzer: any bytes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/front_end.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ntkc::fuzz::run_front_end({reinterpret_cast<const char*>(data), size});
  return 0;
}
