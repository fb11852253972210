#include "cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <optional>

namespace ntkc::cli {

Option& Option::required() {
  option_.required();
  return *this;
}

Option& Option::value_name(const std::string& name) {
  option_.type_name(name);
  return *this;
}

Option& Option::description(const std::string& text) {
  option_.description(text);
  return *this;
}

Option& Option::repeatable() {
  option_.expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->allow_extra_args(false);
  return *this;
}

Option& Option::comma_separated() {
  option_.delimiter(',');
  return *this;
}

Option& Option::between(std::int64_t low, std::int64_t high) {
  option_.check(CLI::Range(low, high).description(""));
  return *this;
}

Option& Option::positive() {
  option_.check(CLI::PositiveNumber.description(""));
  return *this;
}

Option& Option::nonnegative() {
  option_.check(CLI::NonNegativeNumber.description(""));
  return *this;
}

Option& Option::check(std::string (*error)(const std::string& text)) {
  option_.check(CLI::Validator(error, ""));
  return *this;
}

std::optional<double> finite_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

template <typename Value>
Option Options::option(const std::string& name, Value& variable, const std::string& purpose) {
  return Option(*app_.add_option(name, variable, purpose)->group(group_));
}

Option Options::flag(const std::string& name, bool& variable, const std::string& purpose) {
  return Option(*app_.add_flag(name, variable, purpose)->group(group_));
}

void Options::hide(const std::string& name) { app_.get_option(name)->group(""); }

Option Options::choice(const std::string& name, std::string& variable, const std::string& purpose,
                       const std::vector<std::string>& values,
                       const std::map<std::string, std::string>& aliases) {
  CLI::Option* const option = app_.add_option(name, variable, purpose);
  std::vector<std::string> words = values;
  for (const auto& [alias, value] : aliases) words.push_back(alias);
  const auto read = [words, aliases](std::string& text) {
    if (std::find(words.begin(), words.end(), text) == words.end())
      return fmt::format("`{}` is not one of {}", text, fmt::join(words, ", "));
    if (const auto found = aliases.find(text); found != aliases.end()) text = found->second;
    return std::string();
  };
  option->group(group_)
      ->type_name(fmt::format("{}", fmt::join(words, "|")))
      ->transform(CLI::Validator(read, ""));
  return Option(*option);
}

template Option Options::option(const std::string&, std::string&, const std::string&);
template Option Options::option(const std::string&, std::vector<std::string>&, const std::string&);
template Option Options::option(const std::string&, std::vector<std::int64_t>&, const std::string&);
template Option Options::option(const std::string&, std::optional<double>&, const std::string&);
template Option Options::option(const std::string&, double&, const std::string&);
template Option Options::option(const std::string&, int&, const std::string&);
template Option Options::option(const std::string&, std::int64_t&, const std::string&);
template Option Options::option(const std::string&, std::uint64_t&, const std::string&);

}  // namespace ntkc::cli
