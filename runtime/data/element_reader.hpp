// The numbers of an array file, after its header: limits first, then decoding.
#pragma once

#include <cstdint>
#include <vector>

#include "ntkc/array_file.hpp"
#include "runtime/data/byte_source.hpp"

namespace ntkc::data {

enum class ElementKind : std::uint8_t { floating, signed_integer, unsigned_integer, boolean };

/// How one number is stored.
struct ElementFormat {
  ElementKind kind = ElementKind::floating;
  int width = 8;  ///< bytes: 2, 4, 8 or 16 (80 bits, x87) if floating, 1 if boolean, 1, 2, 4 or 8 if integer
  bool big_endian = false;
};

/// Reads the elements that follow a header of `header_size` bytes, in the order of the file, and checks that
/// the file ends there. The shape is untrusted: its product, the size of the file and the memory of the
/// machine are compared before anything is allocated. `copies` is how many arrays of doubles the caller will
/// hold at once.
std::vector<double> read_elements(ByteSource& source, std::uint64_t header_size,
                                  const std::vector<std::int64_t>& shape, ElementFormat format, int copies);

ElementType element_type(ElementFormat format);

}  // namespace ntkc::data
