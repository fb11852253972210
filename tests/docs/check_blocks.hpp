// Every fenced block of a page has a form that a test can run:
//
//   console          lines `$ COMMAND` (continued by lines `> …`), below each what it prints; exit code 0
//   console fails    the same, with an exit code other than 0
//   console no-run   `./dev COMMAND` only: what builds and tests everything cannot be run by a test
//   arch             a whole network, which compiles
//   arch error       a whole network with its messages in comments `# error: MESSAGE`, in order
//   cpp              below `<!-- file: PATH -->`: the file, letter for letter
#pragma once

#include <string>
#include <vector>

#include "tests/docs/page.hpp"

namespace ntkc::docs {

/// What is wrong with the blocks of a page: `page:line: what`. Empty if they are as they say.
std::vector<std::string> problems_of_blocks(const Page& page);

}  // namespace ntkc::docs
