// The files of compiler/diagnostics/explanations/. The definition is written by cmake/embed_pages.cmake.
#pragma once

#include <span>
#include <string_view>

namespace ntkc {

struct EmbeddedExplanation {
  std::string_view name;  ///< of the file, without `.md`
  std::string_view page;
};

std::span<const EmbeddedExplanation> embedded_explanations();

}  // namespace ntkc
