// What the language has, written as applications: from the table of built-ins, so that a new entry is tested
// without anyone acting.
#pragma once

#include <string>
#include <vector>

#include "compiler/layer_graph/builtins.hpp"
#include "tests/simulator/support.hpp"

namespace ntkc::test {

/// An activation with its defaults, and a value for each parameter that has none: "leaky_relu(0.3)".
inline std::string application(const layer_graph::BuiltinInfo& activation) {
  std::string arguments;
  for (const auto& parameter : activation.parameters) {
    if (parameter.default_value || parameter.optional) continue;
    if (!arguments.empty()) arguments += ", ";
    if (parameter.rank == 1) {
      arguments += "[0.2, 0.7, -0.3, 0.1]";
      continue;
    }
    switch (parameter.type) {
      case layer_graph::ParameterType::real:
        // Different ones, so that no two of them are confused unseen.
        arguments += arguments.empty() ? "0.3" : "1.2";
        break;
      case layer_graph::ParameterType::integer:
        arguments += "3";
        break;
      case layer_graph::ParameterType::boolean:
        arguments += "true";
        break;
      case layer_graph::ParameterType::choice:  // not of an activation
        break;
    }
  }
  return std::string(activation.name) + (arguments.empty() ? "" : "(" + arguments + ")");
}

/// Every activation of the table that is compiled.
inline std::vector<std::string> activations() {
  std::vector<std::string> result;
  for (const auto& builtin : layer_graph::builtins()) {
    if (builtin.kind != layer_graph::BuiltinKind::activation) continue;
    if (try_graph_of("vector(3)", "output x |> dense |> " + application(builtin)))
      result.push_back(application(builtin));
    else
      MESSAGE("not supported in this version: " << builtin.name);
  }
  return result;
}

}  // namespace ntkc::test
