// "did you mean …": the closest of the known names to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ntkc {

/// The candidate that is the same but for capitals, or else the one with the smallest edit distance
/// (insertion, deletion, substitution, exchange of neighbours), if that is at most a third of the longer name
/// (at least 1); "" if there is none. The first of several wins.
std::string closest_name(std::string_view name, const std::vector<std::string_view>& candidates);

/// "" or ", did you mean `closest`?", to be put behind a message.
std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace ntkc
