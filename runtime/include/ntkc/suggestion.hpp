// "did you mean …": the closest of the known names to a misspelt one.
//
// Nothing but a header: the compiler and the runtime both suggest names, and neither needs the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

/// Optimal string alignment distance, three rows of the table at a time.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

/// A name without what is typed differently every time: small letters only, no blanks, `_`, `-` and `.`.
inline std::string simplified_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == ' ' || c == '\t' || c == '_' || c == '-' || c == '.') continue;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

/// The candidate that is the same but for capitals, blanks, `_`, `-` and `.`, or else the one with the smallest edit
/// distance (insertion, deletion, substitution, exchange of neighbours), if that is at most a third of the longer name
/// (at least 1); "" if there is none. The first of several wins.
inline std::string closest_name(std::string_view name, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t longest_compared = 64;  // a name of a megabyte is no misspelling
  if (name.size() > longest_compared) return {};
  const std::string simplified = simplified_name(name);
  for (const std::string_view candidate : candidates) {
    if (candidate.size() <= longest_compared && !simplified.empty() &&
        simplified_name(candidate) == simplified)
      return std::string(candidate);
  }
  std::string_view best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest_compared) continue;
    const std::size_t allowed = std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    const std::size_t distance = edit_distance(name, candidate);
    // A name of one letter is within one edit of every other: nothing to go by.
    if (distance > allowed || distance >= std::max(name.size(), candidate.size())) continue;
    if (best.empty() || distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return std::string(best);
}

/// "" or ", did you mean `closest`?", to be put behind a message.
inline std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& candidates) {
  const std::string closest = closest_name(name, candidates);
  return closest.empty() ? std::string() : ", did you mean `" + closest + "`?";
}

}  // namespace ntkc
#pragma GCC visibility pop
