// The same network deeper or shallower.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "grammar/ast.hpp"

namespace ntkc::driver {

/// The last `repeat` of the network that stands outside of all blocks; null if there is none.
const ast::Repeat* last_repeat(const ast::File& network);

/// Gives the last `repeat` this count: where the count is a network parameter, by its value among the
/// definitions (so that whatever else reads the parameter follows), otherwise in the tree. Precondition:
/// there is such a `repeat`.
void set_repeat_count(ast::File& network, std::map<std::string, std::string>& definitions,
                      std::int32_t count);

}  // namespace ntkc::driver
