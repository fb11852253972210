// What every text must survive, whatever it is: the harness of the fuzzers.
#pragma once

#include <string_view>

namespace ntkc::fuzz {

/// Parses a text as a network and as a library, lays it out anew, and compiles it up to the kernel IR. Throws
/// std::logic_error if a stage breaks its word; anything else that a stage throws comes out too.
/// Returns whether it was a network that compiles.
bool run_front_end(std::string_view text);

}  // namespace ntkc::fuzz
