#include "ntkc/array_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "ntkc/suggestion.hpp"
#include "runtime/data/array_source.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/element_reader.hpp"
#include "runtime/data/foreign_formats.hpp"
#include "runtime/data/npy_header.hpp"

namespace ntkc {

namespace {

using data::ByteSource;
using data::ElementFormat;
using data::ElementKind;

std::int64_t product(const std::vector<std::int64_t>& lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), std::int64_t{1}, std::multiplies<>());
}

/// Elements in Fortran order (the first axis contiguous) brought to C order.
std::vector<double> c_order(const std::vector<double>& values, const std::vector<std::int64_t>& shape) {
  std::vector<std::size_t> strides(shape.size());
  std::size_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= static_cast<std::size_t>(shape[axis]);
  }
  std::vector<double> result(values.size());
  std::vector<std::int64_t> index(shape.size());
  std::size_t target = 0;
  for (const double value : values) {
    result[target] = value;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      target += strides[axis];
      if (++index[axis] < shape[axis]) break;
      target -= strides[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return result;
}

NumericArray read_npy(ByteSource& source, const ShapeCheck& check = {}) {
  const data::NpyHeader header = data::read_npy_header(source);
  if (check) check(header.shape);
  const bool reorder = header.fortran_order && header.shape.size() > 1;
  NumericArray array;
  array.shape = header.shape;
  array.element_type = data::element_type(header.format);
  array.values = data::read_elements(source, header.size, header.shape, header.format, reorder ? 2 : 1);
  if (reorder) array.values = c_order(array.values, array.shape);
  return array;
}

ElementFormat idx_format(const ByteSource& source, unsigned code) {
  switch (code) {
    case 0x08:
      return {ElementKind::unsigned_integer, 1, true};
    case 0x09:
      return {ElementKind::signed_integer, 1, true};
    case 0x0b:
      return {ElementKind::signed_integer, 2, true};
    case 0x0c:
      return {ElementKind::signed_integer, 4, true};
    case 0x0d:
      return {ElementKind::floating, 4, true};
    case 0x0e:
      return {ElementKind::floating, 8, true};
    default:
      break;
  }
  source.fail(fmt::format("is IDX with the unknown element type {:#04x}; the file is damaged", code));
}

/// IDX (yann.lecun.com/exdb/mnist): two bytes 0, the type, the number of axes, the length of each axis as a
/// big-endian 32-bit number, the elements in C order.
NumericArray read_idx(ByteSource& source, const ShapeCheck& check = {}) {
  const std::string_view start = source.peek();
  if (start.empty()) source.fail("is empty; an IDX file was expected");
  if (start.size() < 4 || start[0] != 0 || start[1] != 0) {
    source.fail("is not an IDX file (its first two bytes are not 0); IDX is the format of MNIST's files");
  }
  char magic[4];
  source.read(magic, sizeof magic);
  const ElementFormat format = idx_format(source, static_cast<unsigned char>(magic[2]));
  const auto axes = static_cast<std::size_t>(static_cast<unsigned char>(magic[3]));
  if (axes == 0) source.fail("is IDX without axes; the file is damaged");
  std::vector<unsigned char> lengths(4 * axes);
  if (source.read(reinterpret_cast<char*>(lengths.data()), lengths.size()) < lengths.size()) {
    source.fail(fmt::format("ends within its header of {} axes; the file is truncated or damaged", axes));
  }
  NumericArray array;
  array.element_type = data::element_type(format);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const unsigned char* bytes = &lengths[4 * axis];
    array.shape.push_back(std::int64_t{bytes[0]} << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
  }
  if (check) check(array.shape);
  array.values = data::read_elements(source, sizeof magic + lengths.size(), array.shape, format, 1);
  return array;
}

template <typename T>
void write_array(OutputFile& out, const std::vector<std::int64_t>& shape, MatrixView<const T> matrix) {
  out.append(data::make_npy_header(sizeof(T) == 8 ? "<f8" : "<f4", shape));
  for (std::ptrdiff_t i = 0; i < matrix.rows; ++i) {
    const std::span<const T> row(matrix.data + i * matrix.stride, static_cast<std::size_t>(matrix.columns));
    out.append(std::as_bytes(row));
  }
}

}  // namespace

std::int64_t NumericArray::rows() const { return shape.empty() ? 1 : shape.front(); }

std::int64_t NumericArray::columns() const {
  return shape.empty() ? 1 : product({shape.begin() + 1, shape.end()});
}

MatrixView<const double> NumericArray::matrix() const { return {values.data(), rows(), columns()}; }

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

NumericArray read_npy(const std::string& path) {
  ByteSource source(path);
  return read_npy(source);
}

NumericArray read_idx(const std::string& path) {
  ByteSource source(path);
  return read_idx(source);
}

namespace {

/// "x" or "x.npy"
bool is_called(const data::Extent& member, std::string_view name) {
  return member.name == name || (member.name.ends_with(".npy") && member.name == fmt::format("{}.npy", name));
}

NumericArray read_npz(const std::string& path, const std::string& wanted, const ShapeCheck& check) {
  std::vector<data::Extent> members = data::zip_members(path);
  std::vector<std::string> names;
  for (const data::Extent& member : members)
    if (member.name.ends_with(".npy")) names.push_back(member.name.substr(0, member.name.size() - 4));
  std::vector<std::string> listed;
  for (const std::string& name : names) listed.push_back("`" + shown(name) + "`");
  if (names.empty())
    throw InputError(
        fmt::format("{}: is a ZIP archive without arrays (a spreadsheet?); write arrays with "
                    "`np.savez`, or a table as CSV",
                    path));
  if (wanted.empty() && names.size() > 1)
    throw InputError(fmt::format("{}: holds the arrays {}; name one of them, as in {}:{}", path,
                                 fmt::join(listed, ", "), path, shown(names.front())));
  const auto found = std::ranges::find_if(members, [&](const data::Extent& member) {
    return is_called(member, wanted.empty() ? names.front() : wanted);
  });
  if (found == members.end())
    throw InputError(fmt::format("{}: holds no array `{}`{}; there are {}", path, shown(wanted),
                                 did_you_mean(wanted, {names.begin(), names.end()}),
                                 fmt::join(listed, ", ")));
  ByteSource source(path, *found);
  return read_npy(source, check);
}

}  // namespace

NumericArray read_array(const std::string& path, const ShapeCheck& check) {
  const data::ArchivePath parts = data::split_archive_path(path);
  ByteSource source(parts.file);
  return read_array(source, parts, check);
}

NumericArray read_array(data::ByteSource& source, const data::ArchivePath& path, const ShapeCheck& check) {
  const std::string_view start = source.peek();
  if (start.empty()) source.fail("is empty; a .npy or IDX file was expected");
  if (start.starts_with(data::zip_magic)) {
    if (path.file == "-") source.fail("an archive (.npz) cannot be read from a pipe; name the file");
    return read_npz(path.file, path.member, check);
  }
  if (!path.member.empty()) source.fail("is not an .npz archive; leave out what is behind the colon");
  if (start.size() >= 4 && start[0] == 0 && start[1] == 0) return read_idx(source, check);
  if (data::looks_like_array(start)) return read_npy(source, check);
  const std::string foreign = data::foreign_format(start);
  source.fail(foreign.empty() ? "is neither .npy nor IDX, as its first bytes show; write it with `np.save`"
                              : foreign);
}

void require_finite(const NumericArray& array, const std::string& path) {
  for (std::size_t i = 0; i < array.values.size(); ++i) {
    if (std::isfinite(array.values[i])) continue;
    std::vector<std::int64_t> index(array.shape.size());
    auto rest = static_cast<std::int64_t>(i);
    for (std::size_t axis = array.shape.size(); axis-- > 0;) {
      index[axis] = rest % array.shape[axis];
      rest /= array.shape[axis];
    }
    throw InputError(fmt::format(
        "{}: the element at index {} (counted from 0) of the array of shape {} is {}; remove or replace that "
        "sample",
        path == "-" ? "standard input" : path, shape_text(index), shape_text(array.shape), array.values[i]));
  }
}

void write_npy(OutputFile& out, MatrixView<const double> matrix) {
  write_array(out, {matrix.rows, matrix.columns}, matrix);
}
void write_npy(OutputFile& out, MatrixView<const float> matrix) {
  write_array(out, {matrix.rows, matrix.columns}, matrix);
}
void write_npy(OutputFile& out, MatrixView<const double> planes, std::int64_t count) {
  write_array(out, {count, planes.rows / count, planes.columns}, planes);
}
void write_npy(OutputFile& out, MatrixView<const float> planes, std::int64_t count) {
  write_array(out, {count, planes.rows / count, planes.columns}, planes);
}

}  // namespace ntkc
