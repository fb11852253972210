#include "cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstddef>
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

template <typename Value>
Option Options::option(const std::string& name, Value& variable, const std::string& purpose) {
  return Option(*app_.add_option(name, variable, purpose)->group(group_));
}

Option Options::flag(const std::string& name, bool& variable, const std::string& purpose) {
  return Option(*app_.add_flag(name, variable, purpose)->group(group_));
}

Option Options::choice(const std::string& name, std::string& variable, const std::string& purpose,
                       const std::vector<std::string>& values) {
  CLI::Option* const option = app_.add_option(name, variable, purpose);
  option->group(group_)
      ->type_name(fmt::format("{}", fmt::join(values, "|")))
      ->check(CLI::IsMember(values).description(""));
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
