// Files of others: nothing in them may reach the terminal as a command, make messages long, cost memory before it is
// judged, or open further files.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <zlib.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"
#include "tests/support/address_sanitizer.hpp"

namespace ntkc::tests {
namespace {

using Words = std::vector<std::string>;
using Json = nlohmann::ordered_json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What a terminal obeys and what it is shown backwards by, and a text that is merely long.
const std::vector<std::string> hostile_texts = {
    "\x1b]0;owned\x07\x1b[2Jx\u009b31mred\u202eright\u2066b\u2069x\u2028y\x7f\x08\x08",
    std::string(200'000, 'w')};

/// Line ends are ours.
void check_harmless(const Result& result, bool is_bounded = true) {
  for (const std::string& text : {result.out, result.err}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      const bool c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
      const bool c1 = byte == 0xc2 && static_cast<unsigned char>(text[at + 1]) < 0xa0;
      REQUIRE_FALSE(c0);
      REQUIRE_FALSE(c1);
    }
    for (const char* const direction : {"\u202e", "\u2066", "\u2069", "\u2028"})
      REQUIRE_FALSE(contains(text, direction));
    if (is_bounded) CHECK(text.size() < 8000);
  }
}

std::string in_quotes(const std::string& field) { return "\"" + field + "\""; }

/// The bytes of a model with another header, its checksum made anew: no protection.
std::string with_header(const std::string& model, const std::string& header) {
  std::uint64_t old_size = 0;
  std::memcpy(&old_size, model.data() + 8, 8);
  std::string padded = header;
  padded.resize((padded.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = padded.size();
  std::string bytes = model.substr(0, 8) + std::string(reinterpret_cast<const char*>(&size), 8) + padded +
                      model.substr(16 + old_size, model.size() - 16 - old_size - 4);
  const auto checksum = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
  return bytes + std::string(reinterpret_cast<const char*>(&checksum), 4);
}

Json header_of(const std::string& model) {
  std::uint64_t size = 0;
  std::memcpy(&size, model.data() + 8, 8);
  return Json::parse(model.substr(16, size));
}

struct Files {
  TemporaryDirectory directory;
  std::string network = directory.write("n.arch", network_text(3));
  std::string train = directory.write("train.csv", table_text(30, 1));
  std::string model = directory.path("m");
  std::string output = directory.path("output");

  Files() { REQUIRE(run_ntkc({"fit", network, train, "--target=kind", "-o", model}).exit == 0); }

  void check_fit(const std::string& table, const std::string& target) const {
    check_harmless(
        run_ntkc({"fit", network, directory.write("t.csv", table), "--target=" + target, "-o", output}));
  }
  void check_predict(const std::string& table) const {
    check_harmless(run_ntkc({"predict", model, directory.write("t.csv", table), "-o", output}));
  }
  void check_model(const Json& header) const {
    const std::string path = directory.write("changed", with_header(read_file(model), header.dump()));
    check_harmless(run_ntkc({"predict", path, train, "-o", output}));
    check_harmless(run_ntkc({"predict", path, train, "-o", output, "--json"}), false);
  }
};

TEST_CASE("texts of tables, arrays and the command line are shown, not obeyed, and not at full length") {
  const Files files;
  for (const std::string& text : hostile_texts) {
    CAPTURE(text.substr(0, 20));
    const std::string field = in_quotes(text);
    files.check_fit("a,b," + field + ",kind\n1,2,red,x\n1,3,4,y\n", "kind");     // a feature that is text
    files.check_fit("a,b,c," + field + "\n1,2,3,x\n1,2,4,y\n", "kind");          // the target is missing
    files.check_fit("a,b,c,kind\n1,2,3,x\n1,2,4,y\n", text.substr(0, 100'000));  // it is unknown
    files.check_fit("a,b," + field + "," + field + "\n1,2,3,4\n", "a");          // twice the same name
    files.check_fit("a,b,c,kind\n1,2,3," + field + "\n1,2,4," + field + "\n", "kind");   // one class
    files.check_fit("a,b,c," + field + "\n1,2,3,\n1,2,4,y\n", text.substr(0, 100'000));  // an empty label
    files.check_fit("a,b,c," + field + "\n1,2,3,5\n1,2,4,\"1,0\"\n1,2,4,7\n", text.substr(0, 100'000));
    files.check_fit("a,b,c,kind\n1,2,3," + field + "\n1,2,4,y\n", "kind");  // a class
    files.check_fit("a,b,c,kind\n1,2," + field + ",x\n1,2,4,y\n", "kind");
    files.check_fit(field + "\n", "kind");
    files.check_predict("a,b,c,kind\n1,2,3," + field + "\n");  // a label that training had not
    files.check_predict("a,b," + field + "\n1,2,3\n");
    files.check_predict("a,b,c," + field + "\n1,2,3,4\n");  // ignored
    const std::string header =
        "{'descr': '" + text.substr(0, 5000) + "', 'fortran_order': False, 'shape': (1, 3), }";
    check_harmless(run_ntkc({"gram", files.network, files.directory.write("X.npy", npy(header, "12345678")),
                             "-o", files.output}));
    const std::string name = text.substr(0, 3000);
    for (const Words& words :
         {Words{"check", name}, Words{"fit", name, name, "--target=" + name, "-o", name},
          Words{"gram", files.network, name, "-o", files.output}, Words{name}, Words{"check", "--" + name},
          Words{"check", files.network, "-D", name + "=1"}, Words{"check", files.network, "-D", "w=" + name},
          Words{"explain", name}, Words{"show", files.network, "--emit=" + name}, Words{"layers", name}})
      check_harmless(run_ntkc(words));
    check_harmless(run_ntkc({"check", "-"}, "network n\ninput x : vector(3)\noutput x |> " + text + "\n"));
  }
}

TEST_CASE("texts of models are shown, not obeyed, and not at full length") {
  const Files files;
  const Json good = header_of(read_file(files.model));
  for (const std::string& text : hostile_texts) {
    CAPTURE(text.substr(0, 20));
    const auto changed = [&](const char* pointer, const Json& value) {
      Json header = good;
      header[Json::json_pointer(pointer)] = value;
      files.check_model(header);
    };
    changed("/features/0", text);
    changed("/target/name", text);
    changed("/target/outputs/0", text);
    changed("/target/task", text);
    changed("/network/file", text);
    changed("/network/text", text);
    changed("/network/definitions", {{text, "1"}});
    changed("/network/definitions", {{"w", text}});
    changed("/kernel", text);
    changed("/preprocessing/kind", text);
    changed("/arrays/0/name", text);
    changed("/format", text);
    changed("/ridge/value", text);
    Json later = good;
    later["ntkc"] = text;
    later["schema"] = 1000;
    files.check_model(later);
    const std::string path =
        files.directory.write("changed", with_header(read_file(files.model), "{\"a\": " + text));
    check_harmless(run_ntkc({"predict", path, files.train, "-o", files.output}));
  }
}

TEST_CASE("a model that imports files is refused, and nothing is opened for it") {
  const Files files;
  const std::string secret = files.directory.write("secret.arch", "password = 12345\n");
  Json header = header_of(read_file(files.model));
  const auto text = header["network"]["text"].get<std::string>();
  for (const std::string& import : {"import \"" + secret + "\"\n", std::string("import \"secret.arch\"\n"),
                                    "# import\n  import\t\"" + secret + "\"\n"}) {
    header["network"]["text"] = import + text;
    header["network"]["file"] = files.directory.path("n.arch");
    const std::string path =
        files.directory.write("changed", with_header(read_file(files.model), header.dump()));
    const Result result = run_ntkc({"predict", path, files.train, "-o", files.output});
    CHECK(result.exit == 1);
    CHECK(contains(result.err, "imports other files"));
    CHECK_FALSE(contains(result.err, "password"));
  }
  // The word in a comment, or inside another one, is none.
  header["network"]["text"] = "# import \"x\"\n" + text + "# important\n";
  const std::string path =
      files.directory.write("changed", with_header(read_file(files.model), header.dump()));
  CHECK(run_ntkc({"predict", path, files.train, "-o", files.output}).exit == 0);
}

/// So many zeros behind a header, compressed to a thousandth.
std::string bomb(const std::string& header, std::size_t zeros) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string result(header.size() + zeros / 900 + 4096, '\0');
  std::string block = header;
  const std::string nothing(1 << 20, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  for (std::size_t done = 0; done <= zeros; done += nothing.size()) {
    stream.next_in = reinterpret_cast<Bytef*>(block.data());
    stream.avail_in = static_cast<uInt>(block.size());
    REQUIRE(deflate(&stream, done + nothing.size() > zeros ? Z_FINISH : Z_NO_FLUSH) != Z_STREAM_ERROR);
    block = nothing;
  }
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

TEST_CASE("bombs are judged by their header, devices by their first bytes") {
  const Files files;
  const std::size_t size = std::size_t{512} << 20U;
  const auto npy_header = [](const std::string& descr, const std::string& shape) {
    return npy("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }", "");
  };
  const std::string wrong_width =
      files.directory.write("wide.npy", bomb(npy_header("<f8", "(16777216, 4)"), size));
  const std::string too_many =
      files.directory.write("many.npy", bomb(npy_header("|u1", "(178956970, 3)"), size));
  const std::string images = files.directory.write("images", bomb(idx(0x08, {22369621, 24}, ""), size));
  std::string model_head = read_file(files.model);
  Json header = header_of(model_head);
  header["arrays"][0]["shape"] = {std::int64_t{1} << 40, 3};
  const std::string huge = files.directory.write(
      "huge",
      bomb(with_header(model_head, header.dump()).substr(0, 16 + (header.dump().size() + 7) / 8 * 8), size));
  const std::string long_model = files.directory.write("long", bomb(model_head, size));
  const auto refused = [&](const Words& words, const std::string& part) {
    const Result result = run_ntkc(words);
    INFO(result.err);
    CHECK(result.exit == 1);
    CHECK(contains(result.err, part));
  };
  for (const std::string& bomb_file : {wrong_width, images}) {
    refused({"gram", files.network, bomb_file, "-o", files.output}, "do not fit the input of network");
    refused({"fit", files.network, bomb_file, "--targets=" + wrong_width, "-o", files.output}, "do not fit");
  }
  refused({"gram", files.network, too_many, "-o", files.output}, "takes");
  refused({"fit", files.network, too_many, "--targets=" + too_many, "-o", files.output},
          "fitting 178956970 samples takes");
  refused({"predict", huge, files.train, "-o", files.output}, "the model claims");
  refused({"predict", long_model, files.train, "-o", files.output}, "after its end");
  for (const char* const device : {"/dev/zero", "/dev/urandom"}) {
    CAPTURE(device);
    for (const Words& words : {Words{"fit", files.network, device, "--target=y", "-o", files.output},
                               Words{"gram", files.network, device, "-o", files.output},
                               Words{"predict", device, files.train, "-o", files.output},
                               Words{"predict", files.model, device, "-o", files.output}})
      CHECK(run_ntkc(words).exit == 1);
  }
  struct rusage usage = {};
  REQUIRE(getrusage(RUSAGE_CHILDREN, &usage) == 0);
  CHECK((has_address_sanitizer || usage.ru_maxrss < 512 * 1024));
}

}  // namespace
}  // namespace ntkc::tests
