// Random searches: a few cases in the suite, as many as asked for in a long run (`./dev search files`).
#pragma once

#include <cstdlib>

namespace ntkc::tests {

/// The environment variable, or so many.
inline int count_of_search(const char* variable, int in_the_suite) {
  const char* const asked = std::getenv(variable);
  return asked == nullptr ? in_the_suite : std::atoi(asked);
}

}  // namespace ntkc::tests
