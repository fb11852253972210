// What a field of a table means by itself: a number, a number with a decimal comma, nothing at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ntkc::data {

/// A finite number in C notation ("-1.5e3", "+2", ".5"), blanks around it allowed. A magnitude below the smallest
/// double is 0.
std::optional<double> parse_number(std::string_view field);

/// A number with one comma in place of the point: "1,5", "-0,25e3". Nothing if there is no comma.
std::optional<double> parse_comma_number(std::string_view field);

/// Whether a number with a comma may have it between thousands: "1,234", "12,500".
bool may_group_thousands(std::string_view field);

/// Digits only, at most nine.
std::optional<int> parse_count(std::string_view field);

}  // namespace ntkc::data
