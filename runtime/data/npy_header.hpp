// The header of a .npy file: one Python dict literal, read by a grammar that knows nothing else.
//
// Format: NumPy enhancement proposal 1 and numpy.lib.format. "\x93NUMPY", version (two bytes), length of the
// dictionary (little endian, two bytes in version 1, four since version 2), the dictionary padded with
// blanks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/byte_source.hpp"
#include "runtime/data/element_reader.hpp"

namespace ntkc::data {

constexpr std::string_view npy_magic = "\x93NUMPY";
constexpr std::string_view zip_magic = "PK\x03\x04";

/// Whether a file that begins so is .npy, .npz or IDX.
bool looks_like_array(std::string_view start);

struct NpyHeader {
  ElementFormat format;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::uint64_t size = 0;  ///< bytes before the first element
};

/// Takes the header from the source; throws InputError for anything but a numeric array.
NpyHeader read_npy_header(ByteSource& source);

/// The bytes of a version 1.0 header, C order, padded to a multiple of 64. `descr` is "<f8" or "<f4".
std::string make_npy_header(std::string_view descr, const std::vector<std::int64_t>& shape);

}  // namespace ntkc::data
