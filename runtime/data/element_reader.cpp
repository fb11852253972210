#include "runtime/data/element_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "runtime/data/memory_limit.hpp"

namespace ntkc::data {

namespace {

static_assert(std::endian::native == std::endian::little,
              "decoding and write_npy assume a little-endian machine");

constexpr std::uint64_t block_elements = std::uint64_t{1} << 16;

/// The number of elements. The product of the axes other than 0 must stay far from overflow even if one of
/// them is 0, since consumers form it too.
std::uint64_t element_count(const ByteSource& source, const std::vector<std::int64_t>& shape) {
  constexpr std::uint64_t most = std::uint64_t{1} << 59;  // × 8 bytes fits in 62 bits
  std::uint64_t product = 1;
  bool empty = false;
  for (const std::int64_t length : shape) {
    if (length == 0) {
      empty = true;
      continue;
    }
    if (static_cast<std::uint64_t>(length) > most / product) {
      source.fail(fmt::format("the header claims the shape {}, whose product overflows; the file is damaged",
                              shape_text(shape)));
    }
    product *= static_cast<std::uint64_t>(length);
  }
  return empty ? 0 : product;
}

void check_claim(const ByteSource& source, std::uint64_t header_size, const std::vector<std::int64_t>& shape,
                 std::uint64_t count, int width, int copies) {
  const std::uint64_t needed = header_size + count * static_cast<std::uint64_t>(width);
  if (source.largest_size() != ByteSource::unknown_size && needed > source.largest_size()) {
    source.fail(fmt::format(
        "the header claims the shape {}, which needs {} with the header, but the file {} {}; it is "
        "truncated or damaged",
        shape_text(shape), byte_text(needed), source.exact_size() ? "has" : "cannot unpack to more than",
        byte_text(source.largest_size())));
  }
  if (source.exact_size() && needed < source.largest_size()) {
    const std::uint64_t surplus = source.largest_size() - needed;
    source.fail(fmt::format(
        "{} the array of shape {}; the file is damaged or holds several arrays, write one "
        "array per file",
        surplus == 1 ? "1 byte follows" : fmt::format("{} bytes follow", surplus), shape_text(shape)));
  }
  const std::uint64_t memory = count * sizeof(double) * static_cast<std::uint64_t>(copies);
  if (memory > memory_limit()) {
    source.fail(fmt::format("the shape {} needs {} of memory as f64, there are {}; use fewer samples",
                            shape_text(shape), byte_text(memory), byte_text(memory_limit())));
  }
}

template <typename Unsigned>
Unsigned load(const char* bytes, bool big_endian) {
  Unsigned value = 0;
  std::memcpy(&value, bytes, sizeof value);
  if (big_endian) {
    if constexpr (sizeof(Unsigned) == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof(Unsigned) == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof(Unsigned) == 8) value = __builtin_bswap64(value);
  }
  return value;
}

/// An integer is a double exactly if its significant bits, from the highest 1 to the lowest, are at most 53.
bool is_exact_double(std::uint64_t magnitude) {
  return magnitude == 0 || 64 - std::countl_zero(magnitude) - std::countr_zero(magnitude) <= 53;
}

/// IEEE 754 binary16: 5 bits of exponent, 10 of fraction. Exact.
double from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const int fraction = bits & 1023;
  double value = 0;
  if (exponent == 31)
    value =
        fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  else
    value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

/// The 80-bit numbers of x86, NumPy's longdouble: 10 bytes in 16. Rounded to double.
std::uint64_t decode_extended(const char* bytes, std::uint64_t count, double* out) {
  static_assert(std::numeric_limits<long double>::digits == 64, "long double is that of x86");
  constexpr std::size_t stored = 16;
  constexpr std::size_t used = 10;
  for (std::uint64_t i = 0; i < count; ++i) {
    long double value = 0;
    std::memcpy(&value, bytes + i * stored, used);
    out[i] = static_cast<double>(value);
  }
  return count;
}

/// Decodes a block; the result is the index of the first element that cannot be taken, or `count`.
template <typename Unsigned>
std::uint64_t decode(const char* bytes, std::uint64_t count, ElementFormat format, double* out) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const Unsigned raw = load<Unsigned>(bytes + i * sizeof(Unsigned), format.big_endian);
    switch (format.kind) {
      case ElementKind::floating:
        if constexpr (sizeof(Unsigned) == 2) out[i] = from_half(raw);
        if constexpr (sizeof(Unsigned) == 4) out[i] = static_cast<double>(std::bit_cast<float>(raw));
        if constexpr (sizeof(Unsigned) == 8) out[i] = std::bit_cast<double>(raw);
        break;
      case ElementKind::signed_integer: {
        constexpr int surplus_bits = 64 - 8 * static_cast<int>(sizeof(Unsigned));
        const std::int64_t value =
            static_cast<std::int64_t>(static_cast<std::uint64_t>(raw) << surplus_bits) >> surplus_bits;
        const auto bits = static_cast<std::uint64_t>(value);
        if (!is_exact_double(value < 0 ? 0 - bits : bits)) return i;
        out[i] = static_cast<double>(value);
        break;
      }
      case ElementKind::unsigned_integer:
        if (!is_exact_double(raw)) return i;
        out[i] = static_cast<double>(raw);
        break;
      case ElementKind::boolean:
        if (raw > 1) return i;
        out[i] = static_cast<double>(raw);
        break;
    }
  }
  return count;
}

std::uint64_t decode_block(const char* bytes, std::uint64_t count, ElementFormat format, double* out) {
  switch (format.width) {
    case 1:
      return decode<std::uint8_t>(bytes, count, format, out);
    case 2:
      return decode<std::uint16_t>(bytes, count, format, out);
    case 4:
      return decode<std::uint32_t>(bytes, count, format, out);
    case 16:
      return decode_extended(bytes, count, out);
    default:
      return decode<std::uint64_t>(bytes, count, format, out);
  }
}

[[noreturn]] void fail_element(const ByteSource& source, std::uint64_t index, const char* bytes,
                               ElementFormat format) {
  if (format.kind == ElementKind::boolean) {
    source.fail(fmt::format("element {} of the booleans is {}, neither 0 nor 1; the file is damaged", index,
                            static_cast<unsigned>(static_cast<unsigned char>(*bytes))));
  }
  const auto raw = load<std::uint64_t>(bytes, format.big_endian);
  const std::string value = format.kind == ElementKind::signed_integer
                                ? fmt::format("{}", static_cast<std::int64_t>(raw))
                                : fmt::format("{}", raw);
  source.fail(fmt::format(
      "element {} is the integer {}, beyond 2^53 and not exact as f64; scale the data down or store "
      "them as f64",
      index, value));
}

std::vector<double> read_blocks(ByteSource& source, const std::vector<std::int64_t>& shape,
                                std::uint64_t count, ElementFormat format) {
  const auto width = static_cast<std::uint64_t>(format.width);
  std::vector<char> block(std::min(block_elements, count) * width);
  std::vector<double> values;
  // A size that was compared with the file's is allocated at once; a claim that cannot be checked is not
  // believed.
  if (source.exact_size()) values.reserve(count);
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t wanted = std::min(block_elements, count - done);
    const std::size_t received = source.read(block.data(), wanted * width);
    if (received < wanted * width) {
      source.fail(fmt::format("ends after {} of the {} elements that its shape {} claims; it is truncated",
                              done + received / width, count, shape_text(shape)));
    }
    values.resize(done + wanted);
    const std::uint64_t decoded = decode_block(block.data(), wanted, format, values.data() + done);
    if (decoded < wanted) fail_element(source, done + decoded, block.data() + decoded * width, format);
    done += wanted;
  }
  char surplus = 0;
  if (source.read(&surplus, 1) != 0) {
    source.fail(fmt::format(
        "bytes follow the array of shape {}; the file is damaged or holds several arrays, write one "
        "array per file",
        shape_text(shape)));
  }
  return values;
}

}  // namespace

std::vector<double> read_elements(ByteSource& source, std::uint64_t header_size,
                                  const std::vector<std::int64_t>& shape, ElementFormat format, int copies) {
  const std::uint64_t count = element_count(source, shape);
  check_claim(source, header_size, shape, count, format.width, copies);
  try {
    return read_blocks(source, shape, count, format);
  } catch (const std::bad_alloc&) {
    source.fail(fmt::format("not enough memory for an array of shape {} ({} as f64); use fewer samples",
                            shape_text(shape), byte_text(count * sizeof(double))));
  }
}

ElementType element_type(ElementFormat format) {
  switch (format.kind) {
    case ElementKind::floating:
      return format.width <= 4 ? ElementType::f32 : ElementType::f64;
    case ElementKind::boolean:
      return ElementType::boolean;
    case ElementKind::signed_integer:
    case ElementKind::unsigned_integer:
      break;
  }
  return ElementType::integer;
}

}  // namespace ntkc::data
