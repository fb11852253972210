// What each kind of diagnostic means, with a network that has it and its correction. The texts are
// compiler/diagnostics/explanations/KIND.md, built into the library.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"

namespace ntkc {

struct Explanation {
  std::string_view page;  ///< the whole file, as `ntkc explain` prints it
  std::string text;
  std::string example;  ///< a network that has this mistake and no other
  /// How the example comes by it, if not by its text alone: "-D dpth=4", "missing" (the file is not there) or
  /// "padded" (with comments, to more than a file may have).
  std::string condition;
  std::string fix;                                         ///< a network without
  std::vector<std::pair<std::string, std::string>> files;  ///< that they import: name and text
};

/// Nothing if the kind has none, which a test forbids.
std::optional<Explanation> explanation(DiagnosticKind kind);

/// The names of all explanations, whether they are of a kind or not.
std::vector<std::string_view> explanation_names();

}  // namespace ntkc
