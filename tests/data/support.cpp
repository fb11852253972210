#include "tests/data/support.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace ntkc::tests {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "ntkc-test-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::write(std::string_view name, std::string_view bytes) const {
  std::ofstream(path(name), std::ios::binary) << bytes;
  return path(name);
}

std::vector<std::string> TemporaryDirectory::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

StandardInput::StandardInput(std::string_view bytes) : saved_(dup(STDIN_FILENO)) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
}

StandardInput::~StandardInput() {
  if (saved_ < 0) {
    close(STDIN_FILENO);
    return;
  }
  dup2(saved_, STDIN_FILENO);
  close(saved_);
}

std::string from_hexadecimal(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string npy(std::string_view dictionary, std::string_view elements, char version) {
  std::string file = "\x93NUMPY";
  file +=
      {version, '\0', static_cast<char>(dictionary.size() & 0xff), static_cast<char>(dictionary.size() >> 8)};
  if (version > 1) file += {'\0', '\0'};
  file += dictionary;
  return file.append(elements);
}

std::string idx(unsigned char type, const std::vector<std::uint32_t>& shape, std::string_view elements) {
  std::string file = {'\0', '\0', static_cast<char>(type), static_cast<char>(shape.size())};
  for (const std::uint32_t length : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(length >> shift & 0xff);
  }
  return file.append(elements);
}

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string mutated(std::string bytes, std::mt19937_64& random) {
  static const std::vector<std::string> fragments = {"(65536, 65536)",
                                                     "-1",
                                                     "2**40",
                                                     "9223372036854775807",
                                                     "'|O'",
                                                     "{",
                                                     "(",
                                                     "'",
                                                     "\"",
                                                     "\r",
                                                     "\n",
                                                     ",",
                                                     std::string(1, '\0'),
                                                     "\xff\xff\xff\xff",
                                                     "0",
                                                     "\xef\xbb\xbf",
                                                     "\x1f\x8b",
                                                     "nan"};
  for (std::size_t n = random() % 2 == 0 ? 1 : random() % 4 + 1; n-- > 0;) {
    const std::size_t at = bytes.empty() ? 0 : random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random());
        break;
      case 2:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        break;
      case 3:
        bytes.insert(at, fragments[random() % fragments.size()]);
        break;
      case 4:
        bytes.erase(at, random() % 8 + 1);
        break;
      default: {
        const std::string& fragment = fragments[random() % fragments.size()];
        bytes.replace(at, fragment.size(), fragment);
        break;
      }
    }
  }
  return bytes;
}

}  // namespace ntkc::tests
