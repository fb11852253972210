#include "tests/fuzz/data_files.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "ntkc/dataset.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/model.hpp"

namespace ntkc::fuzz {

namespace {

enum class Form : std::uint8_t { plain, gzip, zstd, member, archive, model, gram, targets };
constexpr unsigned forms = 8;

/// Made once; the system cleans up.
const std::string& temporary_folder() {
  static const std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "ntkc-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    return name;
  }();
  return folder;
}

/// A file in memory, that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || write(descriptor_, bytes.data(), bytes.size()) != std::ssize(bytes))
      throw std::runtime_error("no file in memory");
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }
  /// The same under a name that archives have.
  [[nodiscard]] std::string archive_path() const {
    static const std::string link = temporary_folder() + "/archive.npz";
    unlink(link.c_str());
    if (symlink(path().c_str(), link.c_str()) != 0) throw std::runtime_error("no link");
    return link;
  }

 private:
  int descriptor_;
};

std::string gzipped(std::string_view bytes, int window_bits = MAX_WBITS + 16) {
  z_stream stream = {};
  if (deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib");
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstd_packed(std::string_view bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 1));
  return packed;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += i < 8 ? static_cast<char>(value >> 8 * i & 0xff) : '\0';
  return text;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// An archive of one array called `x`.
std::string archived(std::string_view array, bool deflated) {
  const std::string stored = deflated ? gzipped(array, -MAX_WBITS) : std::string(array);
  const std::string name = "x.npy";
  const std::string common = little_endian(0, 2) + little_endian(deflated ? 8 : 0, 2) + little_endian(0, 4) +
                             little_endian(checksum(array), 4) + little_endian(stored.size(), 4) +
                             little_endian(array.size(), 4) + little_endian(name.size(), 2);
  const std::string local =
      "PK\x03\x04" + little_endian(45, 2) + common + little_endian(0, 2) + name + stored;
  const std::string directory = "PK\x01\x02" + little_endian(45, 2) + little_endian(45, 2) + common +
                                little_endian(0, 12) + little_endian(0, 4) + name;
  return local + directory + "PK\x05\x06" + little_endian(0, 4) + little_endian(1, 2) + little_endian(1, 2) +
         little_endian(directory.size(), 4) + little_endian(local.size(), 4) + little_endian(0, 2);
}

DataOptions options_of(unsigned bits) {
  DataOptions options;
  const auto next = [&bits](unsigned choices) {
    const unsigned choice = bits % choices;
    bits /= choices;
    return choice;
  };
  constexpr char separators[] = {',', ';', '\t', ' '};
  options.table.header = static_cast<TableHeader>(next(3));
  if (const unsigned separator = next(5); separator > 0) options.table.separator = separators[separator - 1];
  options.encoding.onehot = next(2) == 1;
  options.encoding.missing = static_cast<MissingRule>(next(3));
  if (next(2) == 1) options.target = {"y"};
  return options;
}

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

void require_consistent(const NumericArray& array) {
  require(static_cast<std::int64_t>(array.values.size()) == array.rows() * array.columns(),
          "an array of another size than its shape");
}

void require_consistent(const Dataset& dataset) {
  require_consistent(dataset.inputs);
  require(dataset.feature_names.empty() ||
              static_cast<std::int64_t>(dataset.feature_names.size()) == dataset.inputs.columns(),
          "names of other columns than there are");
  require(dataset.feature_names.size() == dataset.features.width(), "an encoding of other columns");
  for (const double value : dataset.inputs.values)
    require(std::isfinite(value), "an input that is not finite");
  if (!dataset.targets) return;
  const RawTargets& targets = *dataset.targets;
  require(targets.rows() == dataset.rows(), "as many targets as samples");
  const std::size_t values = targets.text ? targets.texts.size() : targets.numbers.size();
  require(static_cast<std::int64_t>(values) == targets.rows() * targets.columns(), "targets without values");
}

/// What was learnt on a file reads the same file as the same numbers.
void read_again(const Dataset& first, const std::string& path, const DataOptions& options) {
  if (options.encoding.missing == MissingRule::drop) return;
  DataOptions again;
  again.table = options.table;
  const Dataset second = read_dataset_as(first.features, path, options.target, again);
  require(second.inputs.values == first.inputs.values && second.inputs.shape == first.inputs.shape,
          "read again, the inputs are others");
}

void read_samples(const std::string& path, unsigned bits) {
  const DataOptions options = options_of(bits);
  const Dataset dataset = read_dataset(path, options);
  require_consistent(dataset);
  read_again(dataset, path, options);
  if (dataset.targets) prepare_regression(dataset, {});
}

void read_model_file(std::string bytes) {
  constexpr std::size_t checksum_bytes = 4;
  if (bytes.size() >= checksum_bytes) {
    bytes.resize(bytes.size() - checksum_bytes);
    bytes += little_endian(checksum(bytes), 4);
  }
  const Model model = read_model(MemoryFile(bytes).path());
  require_consistent(model.inputs);
  require(model.dual_coefficients.rows() == model.inputs.rows(), "coefficients of other samples");
}

void read_targets_for(unsigned rows, const std::string& path) {
  std::string table = "a\n";
  for (unsigned i = 0; i < rows; ++i) table += "1\n";
  const MemoryFile samples(table);
  DataOptions options;
  options.targets = path;
  const Dataset dataset = read_dataset(samples.path(), options);
  require_consistent(dataset);
  prepare_regression(dataset, {});
}

void read_as(Form form, unsigned bits, std::string_view bytes) {
  switch (form) {
    case Form::plain:
      return read_samples(MemoryFile(bytes).path(), bits);
    case Form::gzip:
      return read_samples(MemoryFile(gzipped(bytes)).path(), bits);
    case Form::zstd:
      return read_samples(MemoryFile(zstd_packed(bytes)).path(), bits);
    case Form::member:
      return read_samples(MemoryFile(archived(bytes, bits % 2 == 1)).archive_path() + ":x", 0);
    case Form::archive:
      return read_samples(MemoryFile(bytes).archive_path() + (bits % 2 == 1 ? ":x" : ""), 0);
    case Form::model:
      return read_model_file(std::string(bytes));
    case Form::gram: {
      const Matrix k = read_gram_matrix(MemoryFile(bytes).path(), bits % 4 + 1);
      return require(k.rows() == bits % 4 + 1, "a Gram matrix of other samples");
    }
    case Form::targets:
      return read_targets_for(bits % 4 + 1, MemoryFile(bytes).path());
  }
}

std::string npy(const std::string& type, const std::string& shape, std::string_view elements) {
  const std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n", type, shape);
  return std::string("\x93NUMPY\x01\x00", 8) + little_endian(dictionary.size(), 2) + dictionary +
         std::string(elements);
}

std::string doubles(std::initializer_list<double> values) {
  std::string bytes(values.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

std::string seed(Form form, unsigned bits, const std::string& bytes) {
  return std::string{static_cast<char>(form), static_cast<char>(bits)} + bytes;
}

std::string model_bytes() {
  Model model;
  model.network = {"n.arch", "network n\ninput x : vector(2)\noutput x |> dense |> relu |> dense\n", {}};
  FeatureColumn colour;
  colour.name = "colour";
  colour.categories = {"blue", "red"};
  model.features.columns = {colour};
  model.preprocessing.kind = PreprocessingKind::standardize;
  model.preprocessing.means = {0.5, 0.5};
  model.preprocessing.scales = {1, 2};
  model.targets.name = "y";
  model.targets.outputs = {"y"};
  model.targets.offsets = {0};
  model.inputs.shape = {2, 2};
  model.inputs.values = {1, 0, 0, 1};
  model.dual_coefficients = Matrix(2, 1);
  const std::string path = temporary_folder() + "/model";
  OutputFile out(path);
  write_model(out, model);
  out.commit();
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

}  // namespace

bool read_data_file(std::string_view input) {
  if (input.size() < 2) return false;
  const auto byte = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(input[i]));
  };
  try {
    read_as(static_cast<Form>(byte(0) % forms), byte(1), input.substr(2));
    return true;
  } catch (const InputError& error) {
    require(*error.what() != '\0', "a refusal without a word");
    return false;
  }
}

const std::vector<std::string>& data_file_seeds() {
  static const std::vector<std::string> seeds = [] {
    const std::string array = npy("<f8", "(2, 2)", doubles({1, 2, 3, 4}));
    const std::string images = std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02", 16) + "abcd";
    const std::string table = "a,b,y\n1,2.5,cat\n-3e5,+4,\"dog, big\"\n5,6,cat\n";
    const unsigned with_target = 3 * 5 * 2 * 3;
    return std::vector<std::string>{
        seed(Form::plain, with_target, table),
        seed(Form::plain, 0, "\"a\";\"b\";\"y\"\r\n7,4;1,9;5\r\n7,8;2,6;6\r\n"),
        seed(Form::plain, with_target + 15, "id\tcolour\ty\n1\tred\t0.5\n2\tblue\t1.5\n3\tred\t0.1\n"),
        seed(Form::plain, 30, "1.5 2 3\n4 ? 6\n7.5 8 9\n"),
        seed(Form::plain, 0, "1 1:0.5 3:2\n-1 2:1e-3\n"),
        seed(Form::plain, 0, "150,4,setosa,versicolor\n5.1,3.5,1.4,0.2,0\n4.9,3.0,1.4,0.2,1\n"),
        seed(Form::plain, 0, array),
        seed(Form::plain, 0, npy("<f2", "(2, 1, 2)", "abcdefgh")),
        seed(Form::plain, 0, npy("<f16", "(1, 2)", std::string(32, '\0'))),
        seed(Form::plain, 0, npy("|b1", "(2, 2)", std::string("\0\1\1\0", 4))),
        seed(Form::plain, 0, images),
        seed(Form::gzip, with_target, table),
        seed(Form::gzip, 0, images),
        seed(Form::zstd, with_target, table),
        seed(Form::member, 0, array),
        seed(Form::member, 1, array),
        seed(Form::archive, 0, archived(array, true)),
        seed(Form::archive, 1, archived(array, false)),
        seed(Form::model, 0, model_bytes()),
        seed(Form::gram, 1, array),
        seed(Form::targets, 1, npy("<i8", "(2,)", little_endian(7, 8) + little_endian(9, 8))),
        seed(Form::targets, 1, "y\nred\nblue\n"),
    };
  }();
  return seeds;
}

}  // namespace ntkc::fuzz
