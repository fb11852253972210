#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "ntkc/errors.hpp"
#include "ntkc/features.hpp"
#include "ntkc/printable.hpp"
#include "ntkc/suggestion.hpp"

namespace ntkc {

namespace {

/// `*` is any text, `?` any character. Goes back to the last `*` only: no more than the product of both lengths.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<std::size_t> position_of(const Table& table, std::string_view name) {
  const Column* const column = table.find(name);
  if (column == nullptr) return std::nullopt;
  return static_cast<std::size_t>(column - table.columns.data());
}

/// "a:c", both ends included; either may be left out.
std::optional<std::pair<std::size_t, std::size_t>> range_of(const Table& table, std::string_view item) {
  for (std::size_t colon = item.find(':'); colon != std::string_view::npos;
       colon = item.find(':', colon + 1)) {
    const std::string_view from = item.substr(0, colon);
    const std::string_view to = item.substr(colon + 1);
    const auto begin = from.empty() ? std::optional<std::size_t>(0) : position_of(table, from);
    const auto end =
        to.empty() ? std::optional<std::size_t>(table.columns.size() - 1) : position_of(table, to);
    if (begin && end && *begin <= *end) return std::pair(*begin, *end);
  }
  return std::nullopt;
}

}  // namespace

std::string near_columns(const Table& table, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  // The first of many, and the last: there targets often are.
  constexpr std::size_t first = 6;
  constexpr std::size_t last = 2;
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == first && names.size() > first + last + 1) {
      i = names.size() - last;
      text += fmt::format(", {} more", i - first);
    }
    text += fmt::format("{}`{}`", i == 0 ? "" : ", ", shown(names[i]));
  }
  // A position that is not there is no misspelling of another one.
  const bool is_position = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
  const std::string closest = is_position ? "" : closest_name(name, names);
  if (closest.empty()) return fmt::format("; the columns are {}", text);
  return fmt::format("; did you mean `{}`? The columns are {}", shown(closest), text);
}

std::vector<std::size_t> select_columns(const Table& table, const std::vector<std::string>& items) {
  std::set<std::size_t> chosen;
  for (const std::string& item : items) {
    if (const auto position = position_of(table, item)) {
      chosen.insert(*position);
      continue;
    }
    if (const auto range = range_of(table, item)) {
      for (std::size_t i = range->first; i <= range->second; ++i) chosen.insert(i);
      continue;
    }
    bool any = false;
    if (item.find_first_of("*?") != std::string::npos)
      for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (matches(item, table.columns[i].name)) {
          chosen.insert(i);
          any = true;
        }
    if (!any)
      throw InputError(
          fmt::format("{}: no column `{}`{}", table.path, shown(item), near_columns(table, item)));
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace ntkc
