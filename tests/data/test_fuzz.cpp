// Seeded mutations of good files: whatever the bytes, the readers return something consistent or throw
// InputError.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <random>

#include "ntkc/array_file.hpp"
#include "ntkc/table_file.hpp"
#include "tests/data/numpy_goldens.hpp"
#include "tests/data/support.hpp"
#include "tests/support/address_sanitizer.hpp"
#include "tests/support/searches.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

/// `./dev search files` asks for more.
const int cases = count_of_search("NTKC_MUTATIONS", 2000);

/// Runs the reader over mutations of the seeds; both outcomes must occur, else the mutations test nothing.
template <typename Read>
void fuzz(const std::vector<std::string>& seeds, std::uint64_t seed, Read read) {
  const TemporaryDirectory directory;
  std::mt19937_64 random(seed);
  rusage before = {};
  getrusage(RUSAGE_SELF, &before);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < cases; ++i) {
    CAPTURE(i);
    const std::string path = directory.write("input", mutated(seeds[random() % seeds.size()], random));
    try {
      read(path);
      ++accepted;
    } catch (const InputError& error) {
      ++refused;
      CHECK(std::string_view(error.what()).starts_with(path + ":"));
    }
  }
  rusage after = {};
  getrusage(RUSAGE_SELF, &after);
  constexpr long most_kibibytes = 64 * 1024;  // the inputs are below 1 KiB
  CHECK((has_address_sanitizer || after.ru_maxrss - before.ru_maxrss < most_kibibytes));
  MESSAGE(cases << " mutations, " << accepted << " read, " << refused << " refused");
  CHECK(accepted > cases / 100);
  CHECK(refused > cases / 10);
}

void read_consistently(const std::string& path) {
  const NumericArray array = read_array(path);
  REQUIRE(static_cast<std::int64_t>(array.values.size()) == array.rows() * array.columns());
}

}  // namespace

TEST_CASE("mutated .npy files are read consistently or refused") {
  std::vector<std::string> seeds;
  for (const std::string_view golden :
       {numpy_f8_c, numpy_f4_fortran, numpy_i8_big_endian, numpy_booleans, numpy_scalar, numpy_version_2,
        numpy_version_3, numpy_fortran_3d, numpy_records}) {
    seeds.push_back(from_hexadecimal(golden));
  }
  seeds.push_back(
      npy("{'descr': '<i2', 'fortran_order': True, 'shape': (16, 20), }\n", std::string(640, '\1')));
  fuzz(seeds, 1, read_consistently);
}

TEST_CASE("mutated IDX files, packed or not, are read consistently or refused") {
  const std::string images = idx(0x08, {2, 3, 2}, "abcdefghijkl");
  fuzz({images, idx(0x0d, {2}, "abcdefgh"), gzip(images), gzip(idx(0x08, {300}, std::string(300, 'x')))}, 2,
       read_consistently);
}

TEST_CASE("mutated CSV files are read consistently or refused") {
  const std::string table =
      "x,\"y\"\"z\",label\r\n1,2.5,cat\r\n-3e5,+4,\"dog, big\"\r\n\"5\",6,\"two\nlines\"\r\n";
  fuzz({table, "a\n1\n2\n", gzip(table), "\xef\xbb\xbfé,b\n1e400,nan\n"}, 3, [](const std::string& path) {
    const Table read = read_csv(path);
    REQUIRE(static_cast<std::int64_t>(read.lines.size()) == read.rows);
    for (const Column& column : read.columns) {
      REQUIRE(static_cast<std::int64_t>(column.numeric ? column.numbers.size() : column.texts.size()) ==
              read.rows);
      REQUIRE((column.numeric ? column.texts.size() : column.numbers.size()) == 0);
      REQUIRE(column.numeric == (column.first_text_line == 0));
      REQUIRE(column.numeric_fields <= read.rows);
    }
  });
}
