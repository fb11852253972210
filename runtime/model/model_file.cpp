// The model file: everything `predict` needs in one file, numbers exact to the last bit.
//
//     offset  bytes  content
//     0       8      magic: 0x89 "NTKCM" 0x0D 0x0A (the high bit and the line end show a transfer as text)
//     8       8      H, bytes of the header, unsigned little endian
//     16      H      header: a JSON object in UTF-8, padded with blanks to a multiple of 8 bytes
//     16 + H  8 N    arrays: N little endian f64, in the order of the header's "arrays", each in C order
//     …       4      CRC32 (zlib's polynomial) of all bytes before it, unsigned little endian
//
// The header holds
//
//     "format": "ntkc model", "schema": 1 or 2, "ntkc": version that wrote it
//     "network": {"file", "text", "definitions": {name: expression}}: the .arch text, compiled again by predict
//     "kernel": "theta" | "sigma"
//     "precision": "f64" | "f32"
//     "tolerance": of the expansions of the kernel
//     "features": [names of the numbers of an input from a table; empty for arrays]
//     "table": {"columns": [{"name", "categories", "boolean", "mean"}], "header", "table_columns", "libsvm", "missing"}:
//              how inputs are made of a table (ntkc/features.hpp); not there for arrays
//     "preprocessing": {"kind": "none" | "standardize" | "unit-norm" | "zca", "means": […], "scales": […]}; the means
//              and scales are those of the numbers of an input, or (schema 2) of its channels
//     "target": {"name", "task": "regression" | "classification", "outputs": [names], "numeric_labels",
//                "label_values": […], "offsets": […]}
//     "ridge": {"value", "relative"}, as asked for
//     "solve": {"ridge", "rank", "reciprocal_condition", "relative_residual"}, as it went; the ridge absolute. "jitter" is
//              0, for readers that ask for it; what was written before ranks were has none
//     "arrays": [{"name": "inputs", "shape": [n, …]}, {"name": "dual_coefficients", "shape": [n, outputs]}], and of
//              zca (schema 2) {"name": "whitening", "shape": [d, d]}
//
// "inputs" are the training inputs after preprocessing. Readers ignore what they do not know; a change that an
// old reader would misunderstand raises "schema".
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/model.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/memory_limit.hpp"

namespace ntkc {

namespace {

static_assert(std::endian::native == std::endian::little,
              "the model file is little endian and copied as it is");

using Json = nlohmann::ordered_json;

constexpr int model_schema = 2;  ///< the latest; what needs no more is written as schema 1

constexpr std::string_view magic = "\x89NTKCM\r\n";
constexpr std::size_t prefix_bytes = 16;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t longest_file_name = 4096;
constexpr std::uint64_t max_header_bytes = std::uint64_t{64} << 20U;

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw InputError(fmt::format("{}: {}", path, what));
}

[[noreturn]] void refuse_damaged(const std::string& path, const std::string& what) {
  refuse(path, fmt::format("the model file is damaged ({}); copy it again or fit the model again", what));
}

// writing

Json json_of(const FeatureEncoding& features) {
  Json columns = Json::array();
  for (const FeatureColumn& column : features.columns)
    columns.push_back({{"name", column.name},
                       {"categories", column.categories},
                       {"boolean", column.boolean},
                       {"mean", column.mean}});
  return {{"columns", std::move(columns)},
          {"header", features.header},
          {"table_columns", features.table_columns},
          {"libsvm", features.libsvm},
          {"missing", name(features.missing)}};
}

bool needs_schema_2(const Model& model) {
  const Preprocessing& preprocessing = model.preprocessing;
  return preprocessing.kind == PreprocessingKind::zca ||
         (preprocessing.kind == PreprocessingKind::standardize &&
          std::ssize(preprocessing.means) != model.inputs.columns());
}

Json header_of(const Model& model) {
  const Preprocessing& preprocessing = model.preprocessing;
  const TargetEncoding& targets = model.targets;
  Json header;
  header["format"] = "ntkc model";
  header["schema"] = needs_schema_2(model) ? 2 : 1;
  header["ntkc"] = NTKC_VERSION;
  header["network"] = {
      {"file", model.network.file}, {"text", model.network.text}, {"definitions", model.network.definitions}};
  header["kernel"] = name(model.kernel);
  header["precision"] = name(model.precision);
  header["tolerance"] = model.tolerance;
  header["features"] = model.features.input_names();
  if (!model.features.columns.empty()) header["table"] = json_of(model.features);
  header["preprocessing"] = {
      {"kind", name(preprocessing.kind)}, {"means", preprocessing.means}, {"scales", preprocessing.scales}};
  header["target"] = {{"name", targets.name},
                      {"task", name(targets.task)},
                      {"outputs", targets.outputs},
                      {"numeric_labels", targets.numeric_labels},
                      {"label_values", targets.label_values},
                      {"offsets", targets.offsets}};
  header["ridge"] = {{"value", model.ridge.value}, {"relative", model.ridge.relative}};
  header["solve"] = {{"ridge", model.solve.ridge},
                     {"jitter", 0.0},
                     {"rank", model.solve.rank},
                     {"reciprocal_condition", model.solve.reciprocal_condition},
                     {"relative_residual", model.solve.relative_residual}};
  const std::vector<std::ptrdiff_t> coefficients_shape = {model.dual_coefficients.rows(),
                                                          model.dual_coefficients.columns()};
  header["arrays"] = {{{"name", "inputs"}, {"shape", model.inputs.shape}},
                      {{"name", "dual_coefficients"}, {"shape", coefficients_shape}}};
  const Matrix& whitening = preprocessing.whitening;
  if (whitening.rows() > 0)
    header["arrays"].push_back({{"name", "whitening"}, {"shape", {whitening.rows(), whitening.columns()}}});
  return header;
}

class ChecksummedWriter {
 public:
  explicit ChecksummedWriter(OutputFile& out) : out_(out) {}
  void append(const void* data, std::size_t size) {
    if (size == 0) return;  // the checksum of nothing at no address begins anew
    checksum_ = crc32_z(checksum_, static_cast<const Bytef*>(data), size);
    out_.append(std::span(static_cast<const std::byte*>(data), size));
  }
  void append_checksum() {
    const auto checksum = static_cast<std::uint32_t>(checksum_);
    append(&checksum, checksum_bytes);
  }

 private:
  OutputFile& out_;
  uLong checksum_ = crc32_z(0, nullptr, 0);
};

// reading

double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

/// Product of the extents, or nothing if it is negative, zero or more than `limit`.
std::optional<std::uint64_t> element_count(const std::vector<std::int64_t>& shape, std::uint64_t limit) {
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent <= 0 || static_cast<std::uint64_t>(extent) > limit / count) return std::nullopt;
    count *= static_cast<std::uint64_t>(extent);
  }
  return count;
}

template <typename T>
T require_known(const std::optional<T>& value, const std::string& path, const char* what) {
  if (!value) refuse_damaged(path, fmt::format("unknown {}", what));
  return *value;
}

/// A model holds what its network imported, and matrices that it read. A network that wants to read further files would
/// read those of whoever predicts, and show them in its diagnostics. `import` is a word of the language: outside of
/// comments it can be nothing else; and a text in quotes is always the name of a file.
void require_no_import(std::string_view text, const std::string& path) {
  const auto is_name_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  constexpr std::string_view word = "import";
  const auto refuse_file = [&] {
    refuse(path,
           "the network in the model file imports other files, which no model that `ntkc fit` wrote does; "
           "it was changed by hand: do not use it, or fit the model again");
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (!is_name_character(text[at])) {
      if (text[at] == '"') refuse_file();
      ++at;
    } else {
      std::size_t end = at;
      while (end < text.size() && is_name_character(text[end])) ++end;
      if (text.substr(at, end - at) == word) refuse_file();
      at = end;
    }
  }
}

FeatureEncoding features_of(const Json& header, const std::string& path) {
  FeatureEncoding features;
  if (!header.contains("table")) {  // arrays, and models of before
    for (const Json& feature : header.at("features")) {
      FeatureColumn column;
      feature.get_to(column.name);
      features.columns.push_back(std::move(column));
    }
    return features;
  }
  const Json& table = header.at("table");
  for (const Json& given : table.at("columns")) {
    FeatureColumn column;
    given.at("name").get_to(column.name);
    given.at("categories").get_to(column.categories);
    given.at("boolean").get_to(column.boolean);
    column.mean = number(given.at("mean"));
    if (!std::ranges::is_sorted(column.categories)) refuse_damaged(path, "categories out of order");
    features.columns.push_back(std::move(column));
  }
  table.at("header").get_to(features.header);
  table.at("table_columns").get_to(features.table_columns);
  table.at("libsvm").get_to(features.libsvm);
  features.missing =
      require_known(missing_rule(table.at("missing").get<std::string>()), path, "rule for missing values");
  return features;
}

/// The header but for its arrays.
Model model_of(const Json& header, const std::string& path) {
  Model model;
  const Json& network = header.at("network");
  network.at("file").get_to(model.network.file);
  network.at("text").get_to(model.network.text);
  if (model.network.file.size() > longest_file_name)
    refuse_damaged(path, "the name of its network is too long");
  network.at("definitions").get_to(model.network.definitions);
  const auto kernel = header.at("kernel").get<std::string>();
  const auto precision = header.at("precision").get<std::string>();
  if (kernel != "sigma" && kernel != "theta") refuse_damaged(path, "unknown kernel");
  if (precision != "f64" && precision != "f32") refuse_damaged(path, "unknown precision");
  model.kernel = kernel == "sigma" ? KernelKind::sigma : KernelKind::theta;
  model.precision = precision == "f64" ? Precision::f64 : Precision::f32;
  model.tolerance = header.value("tolerance", model.tolerance);  // older models have none
  if (!(model.tolerance >= 0 && model.tolerance < 1)) refuse_damaged(path, "the tolerance is out of range");
  require_no_import(model.network.text, path);
  model.features = features_of(header, path);
  const Json& preprocessing = header.at("preprocessing");
  model.preprocessing.kind =
      require_known(preprocessing_kind(preprocessing.at("kind").get<std::string>()), path, "preprocessing");
  preprocessing.at("means").get_to(model.preprocessing.means);
  preprocessing.at("scales").get_to(model.preprocessing.scales);
  const Json& target = header.at("target");
  target.at("name").get_to(model.targets.name);
  model.targets.task = require_known(task_from_name(target.at("task").get<std::string>()), path, "task");
  target.at("outputs").get_to(model.targets.outputs);
  target.at("numeric_labels").get_to(model.targets.numeric_labels);
  target.at("label_values").get_to(model.targets.label_values);
  target.at("offsets").get_to(model.targets.offsets);
  model.ridge = {number(header.at("ridge").at("value")), header.at("ridge").at("relative").get<bool>()};
  const Json& solve = header.at("solve");
  model.solve = {number(solve.at("ridge")), solve.value("rank", std::ptrdiff_t{0}),
                 number(solve.at("reciprocal_condition")), number(solve.at("relative_residual"))};
  return model;
}

void require_consistent(const Model& model, std::int64_t coefficient_rows, const std::string& path) {
  const std::size_t outputs = model.targets.outputs.size();
  const auto columns = static_cast<std::size_t>(model.inputs.columns());
  const Preprocessing& preprocessing = model.preprocessing;
  const bool is_whitened = preprocessing.kind == PreprocessingKind::zca;
  // Of all numbers of an input, or of its channels.
  const std::size_t means = preprocessing.means.size();
  const bool has_moments = preprocessing.kind == PreprocessingKind::standardize
                               ? means > 0 && columns % means == 0 && preprocessing.scales.size() == means
                               : means == (is_whitened ? columns : 0) && preprocessing.scales.empty();
  const bool classification = model.targets.task == Task::classification;
  const bool numeric = classification && model.targets.numeric_labels;
  if (coefficient_rows != model.inputs.rows() || !has_moments ||
      static_cast<std::size_t>(preprocessing.whitening.rows()) != (is_whitened ? columns : 0) ||
      (!model.features.columns.empty() && model.features.width() != columns) ||
      model.targets.label_values.size() != (numeric ? outputs : 0) ||
      model.targets.offsets.size() != (classification ? 0 : outputs))
    refuse_damaged(path, "the header contradicts itself");
}

/// Of the arrays, as the header claims them.
struct ArrayShapes {
  std::vector<std::int64_t> inputs;
  std::vector<std::int64_t> coefficients;
  std::int64_t whitening = 0;  ///< rows and columns
  std::uint64_t bytes = 0;     ///< of all and the checksum
};

ArrayShapes array_shapes(const Json& header, const std::string& path) {
  const Json& arrays = header.at("arrays");
  if (arrays.size() < 2 || arrays.size() > 3 || arrays.at(0).at("name") != "inputs" ||
      arrays.at(1).at("name") != "dual_coefficients" ||
      (arrays.size() == 3 && arrays.at(2).at("name") != "whitening"))
    refuse_damaged(path, "unknown arrays");
  ArrayShapes shapes{arrays.at(0).at("shape").get<std::vector<std::int64_t>>(),
                     arrays.at(1).at("shape").get<std::vector<std::int64_t>>()};
  if (arrays.size() == 3) {
    const auto shape = arrays.at(2).at("shape").get<std::vector<std::int64_t>>();
    constexpr std::int64_t largest = 1 << 20;  // its square is within range
    if (shape.size() != 2 || shape[0] != shape[1] || shape[0] < 1 || shape[0] > largest)
      refuse_damaged(path, "impossible array shapes");
    shapes.whitening = shape[0];
  }
  constexpr std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / 64;
  const auto inputs = element_count(shapes.inputs, limit);
  const auto coefficients = element_count(shapes.coefficients, limit);
  if (!inputs || !coefficients || shapes.inputs.size() < 2 || shapes.coefficients.size() != 2)
    refuse_damaged(path, "impossible array shapes");
  const auto whitening = static_cast<std::uint64_t>(shapes.whitening * shapes.whitening);
  shapes.bytes = (*inputs + *coefficients + whitening) * sizeof(double) + checksum_bytes;
  return shapes;
}

void require_body(const ArrayShapes& shapes, std::uint64_t available_bytes, const std::string& path) {
  if (shapes.bytes > available_bytes)
    refuse(path, fmt::format(
                     "the model file is truncated: {} of {} bytes after the header are there; copy it again "
                     "or fit the model again",
                     available_bytes, shapes.bytes));
  if (shapes.bytes < available_bytes) refuse_damaged(path, "there are bytes after its end");
}

void require_schema(const Json& header, const std::string& path) {
  if (header.at("format") != "ntkc model") refuse(path, "not a model that `ntkc fit` wrote");
  const auto schema = header.at("schema").get<std::int64_t>();
  if (schema > model_schema)
    refuse(path, fmt::format(
                     "written by ntkc {} in schema {} of the model file; this is ntkc {}, which reads up to "
                     "schema {}: use the later version, or fit the model again",
                     shown(header.at("ntkc").get<std::string>()), schema, NTKC_VERSION, model_schema));
}

Model parse_model(std::string_view bytes, const std::string& path) {
  if (bytes.size() < prefix_bytes) refuse(path, "the model file is truncated within its first 16 bytes");
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data() + magic.size(), sizeof header_bytes);
  if (header_bytes > max_header_bytes) refuse_damaged(path, "the size of its header is out of range");
  if (header_bytes > bytes.size() - prefix_bytes)
    refuse(path, "the model file is truncated within its header");
  const std::string_view header_text = bytes.substr(prefix_bytes, header_bytes);
  const std::string_view body = bytes.substr(prefix_bytes + header_bytes);
  const Json header = Json::parse(header_text);
  require_schema(header, path);
  const ArrayShapes shapes = array_shapes(header, path);
  require_body(shapes, body.size(), path);
  std::uint32_t stored = 0;
  std::memcpy(&stored, bytes.data() + bytes.size() - checksum_bytes, checksum_bytes);
  if (crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()),
              bytes.size() - checksum_bytes) != stored)
    refuse_damaged(path, "its checksum does not match");
  Model model = model_of(header, path);
  model.inputs.shape = shapes.inputs;
  model.preprocessing.whitening = Matrix(shapes.whitening, shapes.whitening);
  require_consistent(model, shapes.coefficients[0], path);
  if (static_cast<std::size_t>(shapes.coefficients[1]) != model.targets.outputs.size())
    refuse_damaged(path, "the header contradicts itself");
  const char* at = body.data();
  const auto take = [&at](double* numbers, std::int64_t count) {
    const std::size_t size = static_cast<std::size_t>(count) * sizeof(double);
    if (size > 0) std::memcpy(numbers, at, size);
    at += size;
  };
  const std::int64_t inputs = model.inputs.rows() * model.inputs.columns();
  model.inputs.values.resize(static_cast<std::size_t>(inputs));
  take(model.inputs.values.data(), inputs);
  model.dual_coefficients = Matrix(shapes.coefficients[0], shapes.coefficients[1]);
  take(model.dual_coefficients.data(), shapes.coefficients[0] * shapes.coefficients[1]);
  take(model.preprocessing.whitening.data(), shapes.whitening * shapes.whitening);
  return model;
}

/// Reads so many further bytes, or what there is. Memory follows what arrives. False at the end of the file.
bool append(data::ByteSource& source, std::string& bytes, std::uint64_t count) {
  constexpr std::uint64_t chunk = std::uint64_t{1} << 20U;
  while (count > 0) {
    const std::uint64_t wanted = std::min(count, chunk);
    const std::size_t held = bytes.size();
    bytes.resize(held + wanted);
    const std::size_t received = source.read(bytes.data() + held, wanted);
    bytes.resize(held + received);
    if (received < wanted) return false;
    count -= received;
  }
  return true;
}

/// The bytes of a model file, and one more if it does not end where its header says. What is no model, or claims more
/// than there is memory for, is not read on, nor unpacked.
std::string read_bytes(data::ByteSource& source) {
  const std::string_view head = source.peek();
  if (head.substr(0, magic.size()) != magic) source.fail("not a model that `ntkc fit` wrote");
  std::string bytes;
  if (!append(source, bytes, prefix_bytes)) return bytes;
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data() + magic.size(), sizeof header_bytes);
  if (header_bytes > max_header_bytes || !append(source, bytes, header_bytes)) return bytes;
  const Json header = Json::parse(std::string_view(bytes).substr(prefix_bytes));
  require_schema(header, source.name());
  const std::uint64_t body = array_shapes(header, source.name()).bytes;
  // The bytes, and the numbers that they become.
  if (body > data::memory_limit() / 2)
    source.fail(fmt::format("the model claims {} of arrays, and there are {} of memory",
                            data::byte_text(body), data::byte_text(data::memory_limit())));
  if (source.exact_size())
    bytes.reserve(std::min(prefix_bytes + header_bytes + body, source.largest_size()) + 1);
  append(source, bytes, body + 1);
  return bytes;
}

}  // namespace

void write_model(OutputFile& out, const Model& model) {
  // File names need not be UTF-8: what is not is replaced, the only part of the header that may be altered.
  std::string header = header_of(model).dump(-1, ' ', false, Json::error_handler_t::replace);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  ChecksummedWriter writer(out);
  const std::uint64_t header_bytes = header.size();
  writer.append(magic.data(), magic.size());
  writer.append(&header_bytes, sizeof header_bytes);
  writer.append(header.data(), header.size());
  writer.append(model.inputs.values.data(), model.inputs.values.size() * sizeof(double));
  const Matrix& coefficients = model.dual_coefficients;
  writer.append(coefficients.data(),
                static_cast<std::size_t>(coefficients.rows() * coefficients.columns()) * 8);
  const Matrix& whitening = model.preprocessing.whitening;
  writer.append(whitening.data(), static_cast<std::size_t>(whitening.rows() * whitening.columns()) * 8);
  writer.append_checksum();
}

Model read_model(const std::string& path) {
  data::ByteSource source(path);
  try {
    return parse_model(read_bytes(source), source.name());
  } catch (const Json::exception& error) {
    refuse_damaged(source.name(), fmt::format("its header: {}", shown(error.what(), 200)));
  }
}

}  // namespace ntkc
