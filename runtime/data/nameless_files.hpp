// Files without a name (O_TMPFILE), which not every file system has.
#pragma once

#include <atomic>

namespace ntkc::data {

/// Off in tests of what happens where there are none.
extern std::atomic<bool> use_nameless_files;

}  // namespace ntkc::data
