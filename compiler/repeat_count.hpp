// The same network deeper or shallower.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ntkc/compiler.hpp"

namespace ntkc {

/// A network and what to compile it with.
struct NetworkOfDepth {
  std::string text;
  CompileOptions options;
};

/// The network with `count` iterations of the last `repeat` that stands outside of all blocks. If its count
/// is a network parameter, that takes the new value, as with -D; otherwise the text changes. Nothing if there
/// is no such `repeat`. Throws CompileError if the text cannot be parsed.
std::optional<NetworkOfDepth> with_repeat_count(std::string_view arch_text, const CompileOptions& options,
                                                std::int64_t count,
                                                const std::string& file_name = "<string>");

}  // namespace ntkc
