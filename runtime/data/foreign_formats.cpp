#include "runtime/data/foreign_formats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ntkc::data {

namespace {

struct Format {
  std::string_view start;
  std::string_view name;
  std::string_view help;
};

// NOTE: Debian 12 has no library for Parquet, Arrow and Feather (libarrow came later).
constexpr auto formats = std::to_array<Format>({
    {"PAR1", "a Parquet file",
     "write it as CSV: `pandas.read_parquet(name).to_csv(name + '.csv', index=False)`"},
    {"ARROW1", "an Arrow or Feather file",
     "write it as CSV: `pandas.read_feather(name).to_csv(name + '.csv', index=False)`"},
    {"FEA1", "a Feather file",
     "write it as CSV: `pandas.read_feather(name).to_csv(name + '.csv', index=False)`"},
    {"\x89HDF\r\n\x1a\n", "an HDF5 file", "write an array of it: `np.save(name, h5py.File(name)['x'][:])`"},
    {"MATLAB 5.0", "a MATLAB file", "write an array of it: `np.save(name, scipy.io.loadmat(name)['x'])`"},
    {"\xd0\xcf\x11\xe0", "an Excel file", "save the sheet as CSV"},
    {"RDX", "an R data file", "write it as CSV: `write.csv(x, file, row.names = FALSE)`"},
    {"SQLite format 3", "a SQLite database",
     "write a table of it as CSV: `sqlite3 -csv -header name 'select …'`"},
    {"\x80\x02", "a Python pickle", "save it as a NumPy array: `np.save(name, x)`"},
    {"\x80\x03", "a Python pickle", "save it as a NumPy array: `np.save(name, x)`"},
    {"\x80\x04", "a Python pickle", "save it as a NumPy array: `np.save(name, x)`"},
    {"\x80\x05", "a Python pickle", "save it as a NumPy array: `np.save(name, x)`"},
    {"BZh", "compressed with bzip2", "unpack it, or compress it with gzip or zstd"},
    {"\xfd"
     "7zXZ",
     "compressed with xz", "unpack it, or compress it with gzip or zstd"},
    {"@relation", "an ARFF file",
     "write it as CSV: `pandas.DataFrame(scipy.io.arff.loadarff(name)[0]).to_csv(…)`"},
    {"@RELATION", "an ARFF file",
     "write it as CSV: `pandas.DataFrame(scipy.io.arff.loadarff(name)[0]).to_csv(…)`"},
});

}  // namespace

std::string foreign_format(std::string_view start) {
  const auto* const found =
      std::ranges::find_if(formats, [&](const Format& format) { return start.starts_with(format.start); });
  if (found == formats.end()) return "";
  return fmt::format("is {}, which ntkc does not read; {}", found->name, found->help);
}

}  // namespace ntkc::data
