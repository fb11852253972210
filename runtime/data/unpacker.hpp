// Decompression as a stream: gzip (RFC 1952), zstd (RFC 8878), and the raw deflate of ZIP members (RFC 1951).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace ntkc::data {

class Unpacker {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    const char* error = nullptr;  ///< what is wrong with the data
  };

  Unpacker() = default;
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  virtual ~Unpacker() = default;

  /// Unpacks some of `packed`, which is not empty, into `out`.
  virtual Step unpack(std::string_view packed, char* out, std::size_t size) = 0;
  /// Whether what was unpacked so far is complete, its checksum compared.
  [[nodiscard]] virtual bool may_end() const = 0;
  /// The most bytes that one packed byte can become.
  [[nodiscard]] virtual std::uint64_t largest_ratio() const = 0;
};

/// For a file that begins so; null if it is not compressed. Throws std::bad_alloc.
std::unique_ptr<Unpacker> unpacker_for(std::string_view start);
std::unique_ptr<Unpacker> raw_deflate_unpacker();

}  // namespace ntkc::data
