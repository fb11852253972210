// Arrays in files: NumPy's .npy in and out, members of .npz and IDX (the format of MNIST) in. .npy and IDX may be
// compressed with gzip or zstd.
//
// Every function throws InputError naming the file, what is wrong with it and what to do. A file is never
// believed: what its header claims is compared with the size of the file and with the memory of the machine
// before anything is allocated, and a stream (standard input, a pipe) is read piece by piece, so that memory
// follows the bytes received.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ntkc/matrix.hpp"
#include "ntkc/output_file.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// What the file held; the values are doubles in any case. Integers and booleans are exact.
enum class ElementType : std::uint8_t { f64, f32, integer, boolean };

/// An array of any number of axes. A single number has the empty shape; an axis of length 0 makes the array
/// empty.
struct NumericArray {
  std::vector<std::int64_t> shape;
  std::vector<double> values;  ///< C order: the last axis is contiguous
  ElementType element_type = ElementType::f64;

  /// Length of the first axis: the number of samples; 1 for a single number.
  [[nodiscard]] std::int64_t rows() const;
  /// Product of the other axes: the values per sample; 1 for a vector or a single number.
  [[nodiscard]] std::int64_t columns() const;
  /// rows() × columns(), every sample flattened. Valid as long as the array is neither changed nor destroyed.
  [[nodiscard]] MatrixView<const double> matrix() const;
};

/// "(1797, 64)" as NumPy writes it.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// Reads .npy of version 1, 2 or 3 with float16, float32, float64, long double (of x86, 80 bits; rounded to
/// double), integer or bool elements, either byte order, C or Fortran order. An integer that is no double (beyond
/// 2^53) is an error. NaN and infinities pass: see require_finite. "-" is standard input, here and below.
NumericArray read_npy(const std::string& path);

/// Reads IDX: unsigned and signed bytes, shorts, ints, floats and doubles, big endian.
NumericArray read_idx(const std::string& path);

/// Asked about the shape that a header claims, before any value is read or unpacked; throws if it cannot be used.
using ShapeCheck = std::function<void(const std::vector<std::int64_t>& shape)>;

/// Reads .npy, IDX or an array of a .npz archive, told apart by their first bytes, not by the name. "data.npz:x" is
/// the array `x` of an archive; of one that holds a single array, its name may be left out.
NumericArray read_array(const std::string& path, const ShapeCheck& check = {});

/// The file of a path that may name an array of an archive: "data.npz" of "data.npz:x".
std::string file_of(const std::string& path);

/// Throws InputError naming the index of the first value that is NaN or infinite.
void require_finite(const NumericArray& array, const std::string& path);

/// Appends a matrix as .npy: version 1.0, C order, little endian, header padded to a multiple of 64 bytes.
/// The caller commits.
void write_npy(OutputFile& out, MatrixView<const double> matrix);
void write_npy(OutputFile& out, MatrixView<const float> matrix);
/// `count` matrices of one shape, stacked one below the other: an array of shape (count, rows, columns).
void write_npy(OutputFile& out, MatrixView<const double> planes, std::int64_t count);
void write_npy(OutputFile& out, MatrixView<const float> planes, std::int64_t count);

}  // namespace ntkc
#pragma GCC visibility pop
