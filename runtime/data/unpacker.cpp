#include "runtime/data/unpacker.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace ntkc::data {

namespace {

enum class Wrapping { none, gzip };

/// A gzip file is a sequence of members (RFC 1952 §2.2); raw deflate is one stream.
class DeflateUnpacker final : public Unpacker {
 public:
  explicit DeflateUnpacker(Wrapping wrapping) : wrapping_(wrapping) {
    constexpr int gzip_only = 16;
    if (inflateInit2(&stream_, wrapping == Wrapping::gzip ? MAX_WBITS + gzip_only : -MAX_WBITS) != Z_OK)
      throw std::bad_alloc();
  }
  ~DeflateUnpacker() override { inflateEnd(&stream_); }

  Step unpack(std::string_view packed, char* out, std::size_t size) override {
    if (ended_) {
      if (wrapping_ == Wrapping::none || packed.front() != '\x1f') return {};
      inflateReset(&stream_);
      ended_ = false;
    }
    constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
    const std::size_t room = std::min(size, most);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(std::min(packed.size(), most));
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const std::size_t offered = stream_.avail_in;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    Step step{offered - stream_.avail_in, room - stream_.avail_out, nullptr};
    ended_ = status == Z_STREAM_END;
    if (status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR)
      step.error = stream_.msg != nullptr ? stream_.msg : "deflate error";
    return step;
  }
  [[nodiscard]] bool may_end() const override { return ended_; }
  /// Deflate codes at most 258 bytes in two bits (zlib's technical notes: 1032:1).
  [[nodiscard]] std::uint64_t largest_ratio() const override { return 1032; }

 private:
  Wrapping wrapping_;
  z_stream stream_ = {};
  bool ended_ = false;
};

/// Frames one after the other, as the zstd program reads them.
class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
  }

  Step unpack(std::string_view packed, char* out, std::size_t size) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer unpacked{out, size, 0};
    const std::size_t status = ZSTD_decompressStream(stream_.get(), &unpacked, &in);
    Step step{in.pos, unpacked.pos, nullptr};
    if (ZSTD_isError(status) != 0)
      step.error = ZSTD_getErrorName(status);
    else
      ended_ = status == 0;
    return step;
  }
  [[nodiscard]] bool may_end() const override { return ended_; }
  /// A block of 128 KiB of one byte takes four bytes (RFC 8878 §3.1.1.2).
  [[nodiscard]] std::uint64_t largest_ratio() const override { return std::uint64_t{1} << 15U; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> unpacker_for(std::string_view start) {
  if (start.starts_with("\x1f\x8b")) return std::make_unique<DeflateUnpacker>(Wrapping::gzip);
  if (start.starts_with("\x28\xb5\x2f\xfd")) return std::make_unique<ZstdUnpacker>();
  return nullptr;
}

std::unique_ptr<Unpacker> raw_deflate_unpacker() { return std::make_unique<DeflateUnpacker>(Wrapping::none); }

}  // namespace ntkc::data
