// A whole file of text in memory.
#pragma once

#include <string>

#include "runtime/data/byte_source.hpp"

namespace ntkc::data {

/// All of it, UTF-8 without NUL. Throws InputError naming the line of the first byte that is neither, and before
/// more than half of the memory is taken.
std::string read_text(ByteSource& source);

}  // namespace ntkc::data
