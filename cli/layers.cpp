// ntkc layers
#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::cli {

namespace {

using layer_graph::BuiltinInfo;
using layer_graph::BuiltinParameter;

/// "dense(W_std = 1, b_std = 0, width)"
std::string signature(const BuiltinInfo& builtin) {
  std::string parameters;
  for (const BuiltinParameter& parameter : builtin.parameters) {
    parameters += fmt::format("{}{}", parameters.empty() ? "" : ", ", parameter.name);
    if (parameter.default_value) parameters += fmt::format(" = {}", *parameter.default_value);
  }
  return fmt::format("{}{}", builtin.name, parameters.empty() ? "" : "(" + parameters + ")");
}

Json json_of(const BuiltinInfo& builtin) {
  Json parameters = Json::array();
  for (const BuiltinParameter& parameter : builtin.parameters)
    parameters.push_back({{"name", parameter.name},
                          {"default", parameter.default_value ? Json(*parameter.default_value) : Json()},
                          {"required", !parameter.default_value && !parameter.optional},
                          {"purpose", parameter.purpose}});
  return {{"name", builtin.name},
          {"kind", layer_graph::name(builtin.kind)},
          {"formula", builtin.formula},
          {"parameters", parameters}};
}

std::string text_of(const BuiltinInfo& builtin) {
  std::string text = fmt::format("{}\n    {}\n", signature(builtin), builtin.formula);
  for (const BuiltinParameter& parameter : builtin.parameters)
    if (!parameter.purpose.empty()) text += fmt::format("    {:<8}  {}\n", parameter.name, parameter.purpose);
  return text;
}

std::vector<std::string_view> builtin_names() {
  std::vector<std::string_view> names;
  for (const BuiltinInfo& builtin : layer_graph::builtins()) names.push_back(builtin.name);
  return names;
}

/// "" or what is wrong with a name.
std::string name_error(const std::string& name) {
  if (layer_graph::find_builtin(name) != nullptr) return "";
  return fmt::format("no layer or activation `{}`{}; `ntkc layers` lists them", name,
                     did_you_mean(name, builtin_names()));
}

class Layers final : public Command {
 public:
  [[nodiscard]] bool reads_network() const override { return false; }
  [[nodiscard]] std::vector<std::string> operands() const override {
    const std::vector<std::string_view> names = builtin_names();
    return {names.begin(), names.end()};
  }

  [[nodiscard]] std::vector<std::string> inapplicable() const override { return {"--threads", "--f32"}; }
  void declare(Options& options) override {
    options.option("NAME", name_, "a layer or an activation; without it, all are listed").check(name_error);
  }

  int run(Console& console) override {
    console.report["layers"] = Json::array();
    for (const BuiltinInfo& builtin : layer_graph::builtins()) {
      if (!name_.empty() && builtin.name != name_) continue;
      console.report["layers"].push_back(json_of(builtin));
      console.print(text_of(builtin));
    }
    return exit_code::success;
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> make_layers() { return std::make_unique<Layers>(); }

}  // namespace ntkc::cli
