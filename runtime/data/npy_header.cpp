#include "runtime/data/npy_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace ntkc::data {

namespace {

// NumPy itself refuses to parse dictionaries above 10,000 bytes unless told to trust the file.
constexpr std::uint64_t longest_dictionary = 10'000;
constexpr std::size_t most_axes = 64;  // NPY_MAXDIMS of NumPy 2

/// Bytes of a file inside a message: printable, short.
std::string quoted(std::string_view bytes) {
  constexpr std::size_t longest = 60;
  std::string text = "`";
  for (const char c : bytes.substr(0, longest)) text += c >= ' ' && c <= '~' ? c : '?';
  return text + (bytes.size() > longest ? "…`" : "`");
}

/// Reads {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }, keys in any order, each exactly once.
class DictionaryParser {
 public:
  DictionaryParser(const ByteSource& source, std::string_view text) : source_(source), text_(text) {}

  NpyHeader parse() {
    expect('{');
    while (!accept('}')) {
      parse_item();
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_blanks();
    if (at_ < text_.size()) unexpected("the end of the header");
    if (!descr_) missing("descr");
    if (!fortran_order_) missing("fortran_order");
    if (!shape_) missing("shape");
    return {.format = *descr_, .fortran_order = *fortran_order_, .shape = *shape_};
  }

 private:
  void parse_item() {
    const std::string_view key = parse_string();
    expect(':');
    if (key == "descr" && !descr_) {
      descr_ = parse_descr();
    } else if (key == "fortran_order" && !fortran_order_) {
      fortran_order_ = parse_boolean();
    } else if (key == "shape" && !shape_) {
      shape_ = parse_shape();
    } else {
      source_.fail(
          fmt::format("the header has the key {}, unknown or given twice; the file is damaged", quoted(key)));
    }
  }

  ElementFormat parse_descr() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') {
      source_.fail(
          fmt::format("holds records with named fields (dtype {}); save one numeric array, for example "
                      "`np.save(name, a['field'])`",
                      quoted(text_.substr(at_, text_.find(']', at_) - at_ + 1))));
    }
    const std::string_view descr = parse_string();
    const char order = descr.empty() ? ' ' : descr.front();
    const std::string_view type = descr.substr(descr.empty() ? 0 : 1);
    if (type.empty() || std::string_view("<>|").find(order) == std::string_view::npos) refuse_descr(descr);
    ElementFormat format;
    format.big_endian = order == '>';
    if (type == "f8" || type == "f4" || type == "f2" || (type == "f16" && order == '<')) {
      format.kind = ElementKind::floating;
    } else if (type == "i1" || type == "i2" || type == "i4" || type == "i8") {
      format.kind = ElementKind::signed_integer;
    } else if (type == "u1" || type == "u2" || type == "u4" || type == "u8") {
      format.kind = ElementKind::unsigned_integer;
    } else if (type == "b1") {
      format.kind = ElementKind::boolean;
    } else {
      refuse_descr(descr);
    }
    format.width = type == "f16" ? 16 : type[1] - '0';
    if (order == '|' && format.width != 1)
      refuse_descr(descr);  // no byte order given where there must be one
    return format;
  }

  [[noreturn]] void refuse_descr(std::string_view descr) const {
    const char kind = descr.size() > 1 ? descr[1] : ' ';
    std::string_view what = "elements";
    if (kind == 'O') what = "Python objects";
    if (kind == 'S' || kind == 'U') what = "texts";
    if (kind == 'V') what = "raw records";
    if (kind == 'c') what = "complex numbers";
    if (kind == 'M' || kind == 'm') what = "dates";
    source_.fail(
        fmt::format("holds {} of dtype {}, not numbers ntkc reads; save it with a floating dtype, bool or an "
                    "integer type, for example `np.save(name, a.astype(float))`",
                    what, quoted(descr)));
  }

  bool parse_boolean() {
    skip_blanks();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return value;
    }
    unexpected("`True` or `False`");
  }

  std::vector<std::int64_t> parse_shape() {
    skip_blanks();
    const std::size_t begin = at_;
    std::vector<std::int64_t> shape;
    if (!accept('(')) refuse_shape(begin);
    bool comma = true;
    while (!accept(')')) {
      if (!comma) refuse_shape(begin);
      shape.push_back(parse_length(begin));
      comma = accept(',');
    }
    // (3) is a number in brackets, (3,) a shape.
    if (shape.size() == 1 && !comma) refuse_shape(begin);
    if (shape.size() > most_axes) {
      source_.fail(fmt::format("the header claims {} axes, more than NumPy's {}; the file is damaged",
                               shape.size(), most_axes));
    }
    return shape;
  }

  std::int64_t parse_length(std::size_t shape_begin) {
    skip_blanks();
    std::int64_t length = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), length);
    if (error == std::errc::result_out_of_range || (error == std::errc() && length < 0)) {
      source_.fail(fmt::format("the header claims an axis of length {}; the file is damaged",
                               quoted({begin, static_cast<std::size_t>(end - begin)})));
    }
    if (error != std::errc() || (*begin == '0' && end != begin + 1))
      refuse_shape(shape_begin);  // nor is 04 Python
    at_ += static_cast<std::size_t>(end - begin);
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2 wrote (3L, 4L)
    return length;
  }

  [[noreturn]] void refuse_shape(std::size_t begin) const {
    source_.fail(fmt::format(
        "the shape in the header is not a tuple of numbers such as `(100, 8)`: {}; the file is damaged "
        "or was not written by NumPy",
        quoted(text_.substr(begin, std::min(text_.find('}', begin), text_.size()) - begin))));
  }

  /// 'text' without escapes: no name or type NumPy writes needs one.
  std::string_view parse_string() {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != '\'') unexpected("a text in single quotes");
    const std::size_t begin = at_ + 1;
    const std::size_t end = text_.find('\'', begin);
    if (end == std::string_view::npos) unexpected("a text in single quotes");
    at_ = end + 1;
    return text_.substr(begin, end - begin);
  }

  void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \n", at_), text_.size()); }

  bool accept(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!accept(c)) unexpected(fmt::format("`{}`", c));
  }

  [[noreturn]] void unexpected(std::string_view wanted) const {
    source_.fail(
        fmt::format("the header is not the dictionary NumPy writes: {} where {} should be; the file is "
                    "damaged or was not written by NumPy",
                    at_ < text_.size() ? quoted(text_.substr(at_)) : "it ends", wanted));
  }

  [[noreturn]] void missing(std::string_view key) const {
    source_.fail(fmt::format("the header lacks `{}`; the file is damaged or was not written by NumPy", key));
  }

  const ByteSource& source_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<ElementFormat> descr_;
  std::optional<bool> fortran_order_;
  std::optional<std::vector<std::int64_t>> shape_;
};

std::string take(ByteSource& source, std::size_t size) {
  std::string bytes(size, '\0');
  if (source.read(bytes.data(), size) < size) source.fail("ends within its header; the file is truncated");
  return bytes;
}

}  // namespace

bool looks_like_array(std::string_view start) {
  const bool idx = start.size() >= 4 && start[0] == 0 && start[1] == 0 && start[2] != 0 && start[3] != 0;
  return start.starts_with(npy_magic) || start.starts_with(zip_magic) || idx;
}

NpyHeader read_npy_header(ByteSource& source) {
  const std::string_view start = source.peek();
  if (start.empty()) source.fail("is empty; a .npy file was expected");
  if (!start.starts_with(npy_magic)) {
    if (start.starts_with(zip_magic)) {
      source.fail("is an archive (.npz), not a .npy file; unpack it and name one array");
    }
    source.fail("is not a .npy file (it does not start with \"\\x93NUMPY\"); write it with `np.save`");
  }
  const std::string fixed = take(source, npy_magic.size() + 2);
  const int version = static_cast<unsigned char>(fixed[6]);
  const int minor_version = static_cast<unsigned char>(fixed[7]);
  if (version < 1 || version > 3 || minor_version != 0) {
    source.fail(
        fmt::format("is .npy of version {}.{}; versions 1.0, 2.0 and 3.0 are read, save it again with NumPy",
                    version, minor_version));
  }
  const std::string length_bytes = take(source, version == 1 ? 2 : 4);
  std::uint64_t length = 0;
  for (std::size_t i = length_bytes.size(); i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(length_bytes[i]);
  const std::uint64_t size = fixed.size() + length_bytes.size() + length;
  if (size > source.largest_size()) {
    source.fail(
        fmt::format("claims a header of {} bytes, longer than the file; it is truncated or damaged", length));
  }
  if (length > longest_dictionary) {
    source.fail(
        fmt::format("claims a header of {} bytes, more than the {} a numeric array can need; the file is "
                    "damaged or holds records with many fields",
                    length, longest_dictionary));
  }
  const std::string dictionary = take(source, length);
  NpyHeader header = DictionaryParser(source, dictionary).parse();
  header.size = size;
  return header;
}

std::string make_npy_header(std::string_view descr, const std::vector<std::int64_t>& shape) {
  constexpr std::size_t alignment = 64;
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr, shape_text(shape));
  const std::size_t unpadded = npy_magic.size() + 4 + dictionary.size() + 1;
  dictionary.append((alignment - unpadded % alignment) % alignment, ' ');
  dictionary += '\n';
  std::string header(npy_magic);
  header += {'\x01', '\x00', static_cast<char>(dictionary.size() & 0xff),
             static_cast<char>(dictionary.size() >> 8)};
  return header + dictionary;
}

}  // namespace ntkc::data
