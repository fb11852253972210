// How commands declare their options and operands. The parser behind it, CLI11, is included by options.cpp,
// option_table.cpp and usage.cpp only: its headers take longer to compile than the rest of a command.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace ntkc::cli {

/// An option that was just declared, to say more about it: `options.option(…).required().value_name("FILE")`.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option& required();
  /// What help calls the value.
  Option& value_name(const std::string& name);
  Option& description(const std::string& text);
  /// May be given several times, one value each.
  Option& repeatable();
  /// Several values in one argument: 1,2,3.
  Option& comma_separated();
  Option& between(std::int64_t low, std::int64_t high);
  Option& positive();
  Option& nonnegative();
  /// `error` says what is wrong with a value, "" if nothing is.
  Option& check(std::string (*error)(const std::string& text));

 private:
  CLI::Option& option_;
};

/// Nothing unless the whole text is a finite number.
std::optional<double> finite_number(const std::string& text);

/// Declares the options of a command. Their values are stored in the variables.
class Options {
 public:
  explicit Options(CLI::App& app, std::string group = "Options") : app_(app), group_(std::move(group)) {}

  /// The same command; help shows what is declared by the result under this title.
  [[nodiscard]] Options in_group(const std::string& title) const { return Options(app_, title); }

  /// "--kernel" or "-o,--plot" take a value; a name without dashes is an operand. For the types listed in
  /// options.cpp.
  template <typename Value>
  Option option(const std::string& name, Value& variable, const std::string& purpose);
  Option flag(const std::string& name, bool& variable, const std::string& purpose);
  /// Leaves an option out of help.
  void hide(const std::string& name);
  /// An option with a fixed set of values, which help shows and completion offers. Another word for a value is read as
  /// it.
  Option choice(const std::string& name, std::string& variable, const std::string& purpose,
                const std::vector<std::string>& values,
                const std::map<std::string, std::string>& aliases = {});

 private:
  CLI::App& app_;
  std::string group_;
};

}  // namespace ntkc::cli
