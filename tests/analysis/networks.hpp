// Deep networks as text.
#pragma once

#include <string>

namespace ntkc::tests {

/// dense, then `depth` times (activation, dense), all with these W_std and b_std.
inline std::string deep_network(const std::string& activation, int depth = 5) {
  return "network deep(w = 1, b = 0)\n"
         "input x : vector(16)\n"
         "h = x |> dense(W_std = w, b_std = b)\n"
         "repeat " +
         std::to_string(depth) + " { h = h |> " + activation +
         " |> dense(W_std = w, b_std = b) }\n"
         "output h\n";
}

}  // namespace ntkc::tests
