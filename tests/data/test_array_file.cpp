#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>

#include "ntkc/array_file.hpp"
#include "tests/data/numpy_goldens.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

using Shape = std::vector<std::int64_t>;
using Values = std::vector<double>;

NumericArray read_bytes(std::string_view bytes) {
  const TemporaryDirectory directory;
  return read_array(directory.write("a.npy", bytes));
}

/// The message, without the path before it.
std::string refusal(std::string_view bytes) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.npy", bytes);
  const std::string message = error_of([&] { read_npy(path); });
  const std::string prefix = path + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : "without the path: " + message;
}

/// The bytes of a number, most significant first on request.
template <typename T>
std::string stored(T value, bool big_endian) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return big_endian ? std::string(bytes.rbegin(), bytes.rend()) : bytes;
}

template <typename T>
void check_type(const std::string& type, const std::vector<T>& values, ElementType element_type) {
  for (const bool big_endian : {false, true}) {
    for (const char version : {'\1', '\2', '\3'}) {
      const char order = sizeof(T) == 1 ? '|' : big_endian ? '>' : '<';
      const std::string descr = order + type;
      CAPTURE(descr);
      CAPTURE(static_cast<int>(version));
      std::string elements;
      for (const T value : values) elements += stored(value, big_endian);
      const std::string dictionary = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" +
                                     std::to_string(values.size()) + ",), }\n";
      const NumericArray array = read_bytes(npy(dictionary, elements, version));
      CHECK(array.shape == Shape{static_cast<std::int64_t>(values.size())});
      CHECK(array.element_type == element_type);
      CHECK(array.values == Values(values.begin(), values.end()));
    }
  }
}

const std::string eight_doubles(64, '\0');

std::string header(std::string_view shape, std::string_view descr = "'<f8'") {
  return "{'descr': " + std::string(descr) + ", 'fortran_order': False, 'shape': " + std::string(shape) +
         ", }\n";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("files written by NumPy are read") {
  const NumericArray doubles = read_bytes(from_hexadecimal(numpy_f8_c));
  CHECK(doubles.shape == Shape{2, 3});
  CHECK(doubles.values == Values{1.5, -2.25, 3.0, 1e300, -0.0, 3.141592653589793});
  CHECK(std::signbit(doubles.values[4]));
  CHECK(doubles.element_type == ElementType::f64);

  const NumericArray fortran = read_bytes(from_hexadecimal(numpy_f4_fortran));
  CHECK(fortran.shape == Shape{2, 3});
  CHECK(fortran.values == Values{1.5, -2.25, 3, 4, 5, 6});
  CHECK(fortran.element_type == ElementType::f32);

  const NumericArray integers = read_bytes(from_hexadecimal(numpy_i8_big_endian));
  CHECK(integers.values == Values{1, -2, 9007199254740992.0});
  CHECK(integers.element_type == ElementType::integer);

  const NumericArray booleans = read_bytes(from_hexadecimal(numpy_booleans));
  CHECK(booleans.values == Values{1, 0, 1});
  CHECK(booleans.element_type == ElementType::boolean);

  const NumericArray scalar = read_bytes(from_hexadecimal(numpy_scalar));
  CHECK(scalar.shape.empty());
  CHECK(scalar.values == Values{2.5});
  CHECK(scalar.rows() == 1);
  CHECK(scalar.columns() == 1);

  const NumericArray empty = read_bytes(from_hexadecimal(numpy_empty));
  CHECK(empty.shape == Shape{0, 3});
  CHECK(empty.values.empty());
  CHECK(empty.rows() == 0);
  CHECK(empty.columns() == 3);

  CHECK(read_bytes(from_hexadecimal(numpy_version_2)).values == Values{7});
  CHECK(read_bytes(from_hexadecimal(numpy_version_3)).values == Values{7, 8});
}

TEST_CASE("Fortran order of three axes becomes C order") {
  const NumericArray array = read_bytes(from_hexadecimal(numpy_fortran_3d));
  CHECK(array.shape == Shape{2, 3, 4});
  Values expected(24);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<double>(i);
  CHECK(array.values == expected);
  CHECK(array.rows() == 2);
  CHECK(array.columns() == 12);
  CHECK(array.matrix()(1, 5) == 17);
}

TEST_CASE("every element type is read in both byte orders and all versions") {
  using std::numeric_limits;
  check_type<double>("f8", {0.1, -1e-310, 1e308}, ElementType::f64);
  check_type<float>("f4", {0.1F, -1e-40F, 3e38F}, ElementType::f32);
  check_type<std::int8_t>("i1", {-128, 127, -1}, ElementType::integer);
  check_type<std::uint8_t>("u1", {0, 255, 128}, ElementType::integer);
  check_type<std::int16_t>("i2", {-32768, 32767, 258}, ElementType::integer);
  check_type<std::uint16_t>("u2", {0, 65535, 258}, ElementType::integer);
  check_type<std::int32_t>("i4", {numeric_limits<int>::min(), numeric_limits<int>::max(), 16909060},
                           ElementType::integer);
  check_type<std::uint32_t>("u4", {0, numeric_limits<std::uint32_t>::max(), 16909060}, ElementType::integer);
  check_type<std::int64_t>(
      "i8", {-(std::int64_t{1} << 53), numeric_limits<std::int64_t>::min(), 72623859790382856 / 64},
      ElementType::integer);
  check_type<std::uint64_t>("u8", {0, std::uint64_t{1} << 63, (std::uint64_t{1} << 53) + 2},
                            ElementType::integer);
  check_type<bool>("b1", {true, false, true}, ElementType::boolean);
}

TEST_CASE("an integer that is no double is refused with its index") {
  const std::string good = stored<std::int64_t>(5, false);
  CHECK(refusal(npy(header("(2,)", "'<i8'"),
                    good + stored<std::int64_t>(-((std::int64_t{1} << 53) + 1), false))) ==
        "element 1 is the integer -9007199254740993, beyond 2^53 and not exact as f64; scale the data down "
        "or store "
        "them as f64");
  CHECK(
      contains(refusal(npy(header("(1,)", "'>i8'"), stored(std::numeric_limits<std::int64_t>::max(), true))),
               "element 0 is the integer 9223372036854775807, beyond 2^53"));
  CHECK(contains(
      refusal(npy(header("(1,)", "'<u8'"), stored(std::numeric_limits<std::uint64_t>::max(), false))),
      "element 0 is the integer 18446744073709551615, beyond 2^53"));
}

TEST_CASE("keys in any order, missing blanks and NumPy 1.x under Python 2 are understood") {
  for (const std::string_view dictionary :
       {"{'shape': (2, 4), 'descr': '<f8', 'fortran_order': False}",
        "{'fortran_order':False,'shape':(2,4,),'descr':'<f8'}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 4L), }   \n"}) {
    CHECK(read_bytes(npy(dictionary, eight_doubles)).shape == Shape{2, 4});
  }
}

TEST_CASE("matrices written are what NumPy would write, and read back bit by bit") {
  const TemporaryDirectory directory;
  std::mt19937_64 random(7);
  for (const std::ptrdiff_t columns : {0, 1, 3, 40000}) {
    Matrix matrix(3, columns);
    BasicMatrix<float> small(3, columns);
    for (std::ptrdiff_t i = 0; i < 3 * columns; ++i) {
      matrix.data()[i] = std::ldexp(static_cast<double>(random()), -32);
      small.data()[i] = static_cast<float>(matrix.data()[i]);
    }
    for (const bool single : {false, true}) {
      const std::string path = directory.path("m.npy");
      OutputFile out(path);
      if (single) {
        write_npy(out, std::as_const(small).view());
      } else {
        write_npy(out, std::as_const(matrix).view());
      }
      out.commit();
      const NumericArray array = read_npy(path);
      CHECK(array.shape == Shape{3, columns});
      CHECK(array.element_type == (single ? ElementType::f32 : ElementType::f64));
      CHECK(array.values == (single ? Values(small.data(), small.data() + 3 * columns)
                                    : Values(matrix.data(), matrix.data() + 3 * columns)));
      const std::string bytes = read_file(path);
      const std::size_t length =
          static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
      CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
      CHECK((10 + length) % 64 == 0);
      CHECK(bytes[9 + length] == '\n');
      const std::string dictionary = std::string("{'descr': '<f") + (single ? "4" : "8") +
                                     "', 'fortran_order': False, 'shape': (3, " + std::to_string(columns) +
                                     "), } ";
      CHECK(bytes.substr(10, dictionary.size()) == dictionary);
    }
  }
}

TEST_CASE("a matrix with a stride is written without what lies between its rows") {
  const TemporaryDirectory directory;
  const double data[] = {1, 2, -1, 3, 4, -1};
  OutputFile out(directory.path("m.npy"));
  write_npy(out, MatrixView<const double>(data, 2, 2, 3));
  out.commit();
  CHECK(read_npy(directory.path("m.npy")).values == Values{1, 2, 3, 4});
}

TEST_CASE("a truncated .npy file is refused wherever it ends") {
  const std::string whole = from_hexadecimal(numpy_f8_c);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::string message = refusal(whole.substr(0, size));
    CHECK_FALSE(contains(message, "no error"));
    CHECK_FALSE(contains(message, "without the path"));
  }
  CHECK(refusal("") == "is empty; a .npy file was expected");
  CHECK(refusal(whole.substr(0, 9)) == "ends within its header; the file is truncated");
  CHECK(refusal(whole.substr(0, 100)) ==
        "claims a header of 118 bytes, longer than the file; it is truncated or damaged");
  CHECK(refusal(whole.substr(0, 170)) ==
        "the header claims the shape (2, 3), which needs 176 bytes with the header, but the file has 170 "
        "bytes; it is "
        "truncated or damaged");
}

TEST_CASE("bytes after the array are refused") {
  CHECK(refusal(npy(header("(7,)"), eight_doubles)) ==
        "8 bytes follow the array of shape (7,); the file is damaged or holds several arrays, write one "
        "array per file");
}

TEST_CASE("a file that claims 32 GiB is refused before anything is allocated") {
  CHECK(refusal(npy(header("(65536, 65536)"), eight_doubles)) ==
        "the header claims the shape (65536, 65536), which needs 32.0 GiB with the header, but the file has "
        "142 bytes; "
        "it is truncated or damaged");
  CHECK(contains(refusal(npy(header("(4611686018427387904, 4)"), eight_doubles)), "whose product overflows"));
  CHECK(contains(refusal(npy(header("(0, 4611686018427387904, 4)"), "")), "whose product overflows"));
  CHECK(contains(refusal(npy(header("(9223372036854775807,)"), eight_doubles)), "whose product overflows"));
  CHECK(contains(refusal(npy(header("(99999999999999999999,)"), eight_doubles)),
                 "an axis of length `99999999999999999999`"));
}

TEST_CASE("a shape that is no tuple of numbers is refused, never evaluated") {
  CHECK(refusal(npy(header("(2**40,)"), eight_doubles)) ==
        "the shape in the header is not a tuple of numbers such as `(100, 8)`: `(2**40,), `; the file is "
        "damaged or was "
        "not written by NumPy");
  for (const std::string_view shape :
       {"(08,)", "(04, 2)", "(00, 8)", "(__import__('os').system('true'),)", "[8]", "8", "(8)", "(8,,)",
        "(,)", "(8 1)", "(8.0,)", "(+8,)", "(0x8,)", "(8,", "None", "()()", "(1e3,)"}) {
    CAPTURE(shape);
    const std::string message = refusal(npy(header(shape), eight_doubles));
    CHECK((contains(message, "not a tuple of numbers") ||
           contains(message, "not the dictionary NumPy writes")));
  }
  CHECK(refusal(npy(header("(-8,)"), eight_doubles)) ==
        "the header claims an axis of length `-8`; the file is damaged");
  std::string many = "(";
  for (int i = 0; i < 65; ++i) many += "1, ";
  CHECK(contains(refusal(npy(header(many + ")"), "")), "claims 65 axes, more than NumPy's 64"));
}

TEST_CASE("a header that is not the dictionary NumPy writes is refused") {
  const auto refused = [](std::string_view dictionary) { return refusal(npy(dictionary, eight_doubles)); };
  CHECK(refused("{'descr': '<f8', 'shape': (8,), }") ==
        "the header lacks `fortran_order`; the file is damaged or was not written by NumPy");
  CHECK(contains(refused("{'fortran_order': False, 'shape': (8,), }"), "lacks `descr`"));
  CHECK(contains(refused("{'descr': '<f8', 'fortran_order': False}"), "lacks `shape`"));
  CHECK(contains(refused("{'descr': '<f8', 'descr': '<f8'}"), "the key `descr`, unknown or given twice"));
  CHECK(contains(refused("{'colour': 1}"), "the key `colour`, unknown or given twice"));
  CHECK(contains(refused("{'descr': '<f8', 'fortran_order': 0, 'shape': (8,)}"),
                 "where `True` or `False` should be"));
  CHECK(contains(refused("{'descr': '<f8', 'fortran_order': False, 'shape': (8,), } + 1"),
                 "`+ 1` where the end of the header should be"));
  CHECK(contains(refused("{\"descr\": 1}"), "where a text in single quotes should be"));
  CHECK(contains(refused("{'descr"), "where a text in single quotes should be"));
  CHECK(contains(refused("{'descr': '<f8', 'fortran_order': False"), "it ends where `}` should be"));
  CHECK(contains(refused(""), "it ends where `{` should be"));
  CHECK(contains(refused("\x1b[31m"), "`?[31m` where"));
}

TEST_CASE("what is not numbers is refused with help") {
  CHECK(refusal(from_hexadecimal(numpy_objects)) ==
        "holds Python objects of dtype `|O`, not numbers ntkc reads; save it with a floating dtype, "
        "bool or an "
        "integer type, for example `np.save(name, a.astype(float))`");
  CHECK(contains(refusal(from_hexadecimal(numpy_texts)), "holds texts of dtype `<U2`"));
  CHECK(contains(refusal(from_hexadecimal(numpy_records)),
                 "holds records with named fields (dtype `[('a', '<f8'), ('b', '<i4')]`)"));
  for (const std::string_view descr : {"'|f2'", "'<c16'", "'<M8[ns]'", "'|V8'", "'|S3'", "'>f16'", "''",
                                       "'f8'", "'|f8'", "'<b2'", "'<i3'", "'=f8'", "'<f8 '", "'<'"}) {
    CAPTURE(descr);
    CHECK(contains(refusal(npy(header("(8,)", descr), eight_doubles)), "not numbers ntkc reads"));
  }
  CHECK(contains(refusal(npy(header("(8,)", "'|b1'"), std::string(7, '\1') + '\2')),
                 "element 7 of the booleans is 2, neither 0 nor 1"));
}

TEST_CASE("other formats and versions are refused by name") {
  CHECK(contains(refusal("PK\x03\x04 and so on"), "is an archive (.npz)"));
  CHECK(contains(refusal("a,b\n1,2\n"), "is not a .npy file"));
  CHECK(contains(refusal(npy(header("(8,)"), eight_doubles, 4)), "is .npy of version 4.0"));
  std::string long_header = npy(header("(8,)"), std::string(20000, ' '));
  long_header[9] = '\x40';
  CHECK(contains(refusal(long_header), "more than the 10000 a numeric array can need"));
  const TemporaryDirectory directory;
  CHECK(contains(error_of([&] { read_array(directory.write("x", "GIF89a")); }), "is neither .npy nor IDX"));
  CHECK(contains(error_of([&] { read_array(directory.write("y", "")); }),
                 "is empty; a .npy or IDX file was expected"));
}

TEST_CASE("a file that is missing, a directory or without a name is refused") {
  const TemporaryDirectory directory;
  const std::string missing = directory.path("none.npy");
  CHECK(error_of([&] { read_array(missing); }) ==
        missing + ": cannot open for reading: No such file or directory; check the path");
  CHECK(error_of([&] { read_array(directory.path()); }) ==
        directory.path() + ": is a directory; name a file in it");
  CHECK(error_of([&] { read_array(""); }) == "the name of the file to read is empty");
}

TEST_CASE("standard input is read, and its claims are not believed") {
  {
    const StandardInput input(from_hexadecimal(numpy_fortran_3d));
    CHECK(read_array("-").values[23] == 23);
  }
  {
    const StandardInput input(from_hexadecimal(numpy_f8_c).substr(0, 150));
    CHECK(error_of([] { read_array("-"); }) ==
          "standard input: ends after 2 of the 6 elements that its shape (2, 3) claims; it is truncated");
  }
  {
    const StandardInput input(npy(header("(7,)"), eight_doubles));
    CHECK(
        contains(error_of([] { read_array("-"); }), "standard input: bytes follow the array of shape (7,)"));
  }
  {
    const StandardInput input(npy(header("(1099511627776,)"), eight_doubles));
    CHECK(contains(error_of([] { read_array("-"); }),
                   "standard input: the shape (1099511627776,) needs 8.0 TiB of memory as f64, there are"));
  }
  {
    const StandardInput input("");
    CHECK(contains(error_of([] { read_array("-"); }), "standard input: is empty"));
  }
}

TEST_CASE("IDX files are read with every type, packed or not, whatever their name") {
  const TemporaryDirectory directory;
  const std::string bytes = idx(0x08, {2, 1, 3}, std::string("\x00\x01\x02\x80\xfe\xff", 6));
  for (const std::string& content : {bytes, gzip(bytes), gzip(bytes.substr(0, 5)) + gzip(bytes.substr(5))}) {
    const NumericArray images = read_array(directory.write("images", content));
    CHECK(images.shape == Shape{2, 1, 3});
    CHECK(images.values == Values{0, 1, 2, 128, 254, 255});
    CHECK(images.element_type == ElementType::integer);
    CHECK(read_idx(directory.path("images")).values == images.values);
  }
  const auto read = [&](unsigned char type, const std::string& elements) {
    return read_array(directory.write("x.gz", idx(type, {1}, elements)));
  };
  CHECK(read(0x09, "\x80").values == Values{-128});
  CHECK(read(0x0b, stored<std::int16_t>(-258, true)).values == Values{-258});
  CHECK(read(0x0c, stored<std::int32_t>(-16909060, true)).values == Values{-16909060});
  CHECK(read(0x0d, stored(0.1F, true)).values == Values{static_cast<double>(0.1F)});
  CHECK(read(0x0e, stored(0.1, true)).values == Values{0.1});
  CHECK(read(0x0e, stored(0.1, true)).element_type == ElementType::f64);
  CHECK(read_array(directory.write("packed.npy", gzip(from_hexadecimal(numpy_f8_c)))).values[0] == 1.5);
}

TEST_CASE("a damaged IDX file is refused") {
  const TemporaryDirectory directory;
  const auto refused = [&](const std::string& bytes) {
    return error_of([&] { read_idx(directory.write("labels", bytes)); });
  };
  const std::string labels = idx(0x08, {4}, "\1\2\3\4");
  const std::string prefix = directory.path("labels") + ": ";
  CHECK(refused("") == prefix + "is empty; an IDX file was expected");
  CHECK(contains(refused("label\n1\n"), "is not an IDX file"));
  CHECK(contains(refused(idx(0x0a, {4}, "\1\2\3\4")), "the unknown element type 0x0a"));
  CHECK(contains(refused(idx(0x08, {}, "")), "is IDX without axes"));
  CHECK(contains(refused(labels.substr(0, 6)), "ends within its header of 1 axes"));
  CHECK(contains(refused(labels.substr(0, 11)), "needs 12 bytes with the header, but the file has 11 bytes"));
  CHECK(contains(refused(labels + "x"), "1 byte follows the array"));
  CHECK(contains(refused(idx(0x08, {0xffffffff, 0xffffffff}, "")), "whose product overflows"));
  CHECK(contains(refused(idx(0x0e, {65536, 65536}, "")), "needs 32.0 GiB with the header"));

  const std::string packed = gzip(idx(0x08, {4000}, std::string(4000, 'x')));
  CHECK(contains(refused(packed.substr(0, packed.size() - 1)), "the compressed data end early"));
  std::string wrong_sum = packed;
  wrong_sum[wrong_sum.size() - 6] ^= 1;
  CHECK(refused(wrong_sum) ==
        prefix + "the compressed data are damaged (incorrect data check); fetch or make the file again");
  CHECK(contains(refused(packed + "junk"), "bytes follow the end of the compressed data"));
  CHECK(contains(refused(gzip(labels + "x")), "bytes follow the array of shape (4,)"));
  CHECK(contains(refused(gzip(labels.substr(0, 10))), "ends after 2 of the 4 elements"));
  CHECK(contains(refused(gzip(idx(0x0e, {65536, 65536}, ""))), "but the file cannot unpack to more than"));
}

TEST_CASE("Fashion-MNIST is read as Debian ships it") {
  const std::string folder = "/usr/share/datasets/fashion-mnist/";
  if (!std::filesystem::exists(folder + "t10k-images-idx3-ubyte.gz")) {
    MESSAGE("dataset-fashion-mnist is not installed: skipped");
    return;
  }
  const NumericArray images = read_array(folder + "t10k-images-idx3-ubyte.gz");
  CHECK(images.shape == Shape{10000, 28, 28});
  CHECK(images.columns() == 784);
  const NumericArray labels = read_array(folder + "t10k-labels-idx1-ubyte.gz");
  CHECK(labels.shape == Shape{10000});
  Values counts(10);
  for (const double label : labels.values) counts.at(static_cast<std::size_t>(label)) += 1;
  CHECK(counts == Values(10, 1000));
}

TEST_CASE("a value that is not finite is named with its index") {
  NumericArray array{.shape = {2, 3, 2}, .values = Values(12, 1.0), .element_type = ElementType::f64};
  require_finite(array, "x.npy");
  array.values[9] = std::nan("");
  CHECK(error_of([&] { require_finite(array, "x.npy"); }) ==
        "x.npy: the element at index (1, 1, 1) (counted from 0) of the array of shape (2, 3, 2) is nan; "
        "remove or "
        "replace that sample");
  array.values[0] = -std::numeric_limits<double>::infinity();
  CHECK(contains(error_of([&] { require_finite(array, "-"); }),
                 "standard input: the element at index (0, 0, 0)"));
  CHECK(contains(error_of([&] { require_finite(array, "-"); }), "is -inf;"));
}

TEST_CASE("shapes are printed as NumPy prints them") {
  CHECK(shape_text({}) == "()");
  CHECK(shape_text({5}) == "(5,)");
  CHECK(shape_text({5, 0, 2}) == "(5, 0, 2)");
}
