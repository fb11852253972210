// Built-in activations with arguments.
#pragma once

#include <string>

#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::test {

/// As applied in a network with a parameter p: defaults where there are, p where there is none.
inline std::string application(const layer_graph::BuiltinInfo& activation) {
  std::string arguments;
  for (const layer_graph::BuiltinParameter& parameter : activation.parameters) {
    arguments += arguments.empty() ? "(" : ", ";
    arguments += parameter.rank == 1                                     ? "[0.5, p, 0.25, -0.125]"
                 : parameter.type == layer_graph::ParameterType::integer ? "3"
                 : parameter.default_value ? std::string(*parameter.default_value)
                                           : "p";
  }
  return std::string(activation.name) + arguments + (arguments.empty() ? "" : ")");
}

}  // namespace ntkc::test
