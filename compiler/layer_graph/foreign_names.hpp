// What other programs and papers call the things that a network is made of, and what to write here.
#pragma once

#include <string>
#include <string_view>

namespace ntkc::layer_graph {

/// "write `dense`" for `Dense`, `Linear`, `nn.Linear`; "" for a name that none of them has. Capitals, blanks, `_` and
/// `-` do not matter.
std::string help_for_foreign_name(std::string_view name);

/// The same of an argument, `units` or `sigma_w`.
std::string help_for_foreign_argument(std::string_view name);

}  // namespace ntkc::layer_graph
