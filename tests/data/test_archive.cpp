// Arrays of .npz archives, half and long double precision.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "ntkc/array_file.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value /= 256) text += static_cast<char>(value & 0xff);
  return text;
}

/// gzip's deflate data without the wrapping of 10 bytes before and 8 behind.
std::string deflated(std::string_view bytes) {
  const std::string packed = gzip(bytes);
  return packed.substr(10, packed.size() - 18);
}

struct Member {
  std::string name;
  std::string bytes;
  bool deflate = false;
};

/// As `np.savez` writes it: local headers with ZIP64 fields, sizes in the central directory.
std::string archive(const std::vector<Member>& members) {
  std::string file;
  std::string directory;
  for (const Member& member : members) {
    const std::string stored = member.deflate ? deflated(member.bytes) : member.bytes;
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(member.bytes.data()), static_cast<uInt>(member.bytes.size()));
    const std::string common = little_endian(0, 2) + little_endian(member.deflate ? 8 : 0, 2) +
                               little_endian(0, 4) + little_endian(sum, 4);
    const std::uint64_t offset = file.size();
    const std::string large = little_endian(1, 2) + little_endian(16, 2) +
                              little_endian(member.bytes.size(), 8) + little_endian(stored.size(), 8);
    file += "PK\x03\x04" + little_endian(45, 2) + common + little_endian(0xffffffff, 4) +
            little_endian(0xffffffff, 4) + little_endian(member.name.size(), 2) +
            little_endian(large.size(), 2) + member.name + large + stored;
    directory += "PK\x01\x02" + little_endian(45, 2) + little_endian(45, 2) + common +
                 little_endian(stored.size(), 4) + little_endian(member.bytes.size(), 4) +
                 little_endian(member.name.size(), 2) + little_endian(0, 12) + little_endian(offset, 4) +
                 member.name;
  }
  const std::uint64_t start = file.size();
  return file + directory + "PK\x05\x06" + little_endian(0, 4) + little_endian(members.size(), 2) +
         little_endian(members.size(), 2) + little_endian(directory.size(), 4) + little_endian(start, 4) +
         little_endian(0, 2);
}

std::string array_of(const std::vector<double>& values) {
  std::string bytes(values.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return npy(fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, 1), }}", values.size()),
             bytes);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("an array of an archive is read by its name, stored or deflated") {
  const TemporaryDirectory directory;
  const std::string path =
      directory.write("d.npz", archive({{"x.npy", array_of({1, 2})}, {"y.npy", array_of({3, 4, 5}), true}}));
  CHECK(read_array(path + ":x").values == std::vector<double>{1, 2});
  CHECK(read_array(path + ":y").values == std::vector<double>{3, 4, 5});
  CHECK(read_array(path + ":y").shape == std::vector<std::int64_t>{3, 1});
  CHECK(contains(error_of([&] { read_array(path); }), "holds the arrays `x`, `y`; name one of them"));
  CHECK(contains(error_of([&] { read_array(path + ":X"); }), "holds no array `X`, did you mean `x`?"));
  const std::string single = directory.write("s.npz", archive({{"arr_0.npy", array_of({7}), true}}));
  CHECK(read_array(single).values == std::vector<double>{7});
  CHECK(file_of(path + ":x") == path);
  CHECK(file_of("x.npy") == "x.npy");
}

TEST_CASE("what is no archive of arrays, or a damaged one, is refused") {
  const TemporaryDirectory directory;
  const std::string good = archive({{"x.npy", array_of({1, 2})}, {"y.npy", array_of({3, 4, 5}), true}});
  const auto refusal = [&](const std::string& bytes, const std::string& member) {
    return error_of([&] { read_array(directory.write("d.npz", bytes) + ":" + member); });
  };
  std::string changed = good;
  changed[good.find("PK\x03\x04", 4) - 1] ^= 1;  // the last byte of x
  CHECK(contains(refusal(changed, "x"), "does not match its checksum"));
  CHECK(contains(refusal(good.substr(0, good.size() - 5), "x"), "no directory at its end"));
  CHECK(contains(error_of([&] { read_array(directory.write("t.xlsx", archive({{"sheet1.xml", "<x/>"}}))); }),
                 "without arrays (a spreadsheet?)"));
  CHECK(contains(error_of([&] { read_array(directory.write("x.npz", array_of({1})) + ":x"); }),
                 "is not an .npz archive"));
  {
    const StandardInput input(good);
    CHECK(contains(error_of([] { read_array("-"); }), "cannot be read from a pipe"));
  }
}

TEST_CASE("mutated archives are read consistently or refused") {
  const TemporaryDirectory directory;
  const std::string good = archive({{"x.npy", array_of({1, 2, 3, 4})}, {"y.npy", array_of({3, 4, 5}), true}});
  std::mt19937_64 random(5);
  int accepted = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = directory.write("d.npz", mutated(good, random)) + (i % 2 == 0 ? ":x" : ":y");
    const std::string error = error_of([&] {
      const NumericArray array = read_array(path);
      REQUIRE(static_cast<std::int64_t>(array.values.size()) == array.rows() * array.columns());
      // The checksum holds: what is read is what was written.
      REQUIRE(array.values == (i % 2 == 0 ? std::vector<double>{1, 2, 3, 4} : std::vector<double>{3, 4, 5}));
    });
    accepted += error == "no error" ? 1 : 0;
  }
  CHECK(accepted > 0);
}

TEST_CASE("half precision is exact, long double is rounded") {
  const TemporaryDirectory directory;
  const auto read = [&](const std::string& descr, const std::string& bytes, std::size_t count) {
    return read_array(
               directory.write("h.npy",
                               npy(fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}",
                                               descr, count),
                                   bytes)))
        .values;
  };
  // 1, -2, 65504 (the largest), 2^-24 (the smallest), 1/3 rounded, -0, infinity, NaN.
  const std::vector<double> halves = read("<f2", from_hexadecimal("003c00c0ff7b010055350080007c007e"), 8);
  CHECK(halves[0] == 1);
  CHECK(halves[1] == -2);
  CHECK(halves[2] == 65504);
  CHECK(halves[3] == std::ldexp(1, -24));
  CHECK(halves[4] == 0.333251953125);
  CHECK((halves[5] == 0 && std::signbit(halves[5])));
  CHECK(std::isinf(halves[6]));
  CHECK(std::isnan(halves[7]));
  CHECK(read(">f2", from_hexadecimal("3c00c000"), 2) == std::vector<double>{1, -2});
  const long double given[] = {0.1L, -3.0L, 1e-4000L};
  std::string bytes(sizeof given, '\0');
  std::memcpy(bytes.data(), given, sizeof given);
  CHECK(read("<f16", bytes, 3) == std::vector<double>{0.1, -3, 0});
}
