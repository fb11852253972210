// Well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace ntkc::data {

/// The length of the sequence that `bytes` begins with; 0 if it is none, or is cut off at the end. Overlong forms,
/// surrogates and values beyond U+10FFFF are none.
std::size_t utf8_sequence(std::string_view bytes);

}  // namespace ntkc::data
