// What a figure says of the network that it is drawn of.
#pragma once

#include <string>
#include <vector>

#include "cli/common_options.hpp"

namespace ntkc::cli {

/// "mlp(w = 1.5, depth = 20)": the name and the values of the parameters, but for those that the figure varies.
std::string network_title(const NetworkSource& network, CompileOptions options,
                          const std::vector<std::string>& varied = {});

/// The same without the parameter that is the count of the last `repeat`, which the figure varies.
std::string network_title_of_depths(const NetworkSource& network, CompileOptions options);

}  // namespace ntkc::cli
