// The .arch text of a golden case (README.md beside this file), as case_to_arch.py writes it.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compiler/layer_graph/builtins.hpp"

namespace ntkc::test {

/// The branches of a layer that joins some.
inline std::vector<nlohmann::json> branches_of(const nlohmann::json& layer) {
  std::vector<nlohmann::json> result;
  for (const char* name : {"main", "shortcut"}) {
    if (layer.contains(name)) result.push_back(layer[name]);
  }
  for (const nlohmann::json& branch : layer.value("branches", nlohmann::json::array()))
    result.push_back(branch);
  return result;
}

/// Whether there is a layer that the language does not have yet.
inline bool has_later_layer(const nlohmann::json& layers) {
  return std::ranges::any_of(layers, [](const nlohmann::json& layer) {
    return layer_graph::is_later_layer(layer["op"].get<std::string>()) ||
           std::ranges::any_of(branches_of(layer), has_later_layer);
  });
}

/// Whether positions are pooled before an activation.
inline bool pools_before_activation(const nlohmann::json& layers, bool& has_pooled) {
  for (const nlohmann::json& layer : layers) {
    const auto op = layer["op"].get<std::string>();
    if (op == "act" && has_pooled) return true;
    for (const nlohmann::json& branch : branches_of(layer)) {
      if (pools_before_activation(branch, has_pooled)) return true;
    }
    has_pooled = has_pooled || op == "avg_pool" || op == "sum_pool" || op == "aggregate" || op == "resize";
  }
  return false;
}

/// The bound on errors of Θ in double precision. Where positions are pooled before an activation, z is off by a few
/// 2⁻⁵³ (compiler/passes/expand.cpp): for near pairs, with z about 2e-13, Θ behind a kink by 2⁻⁵³/√z.
inline double theta_bound(const nlohmann::json& c) {
  bool has_pooled = false;
  return c["pair"] == "near" && pools_before_activation(c["layers"], has_pooled) ? 5e-10 : 1e-13;
}

class CaseWriter {
 public:
  /// Of a case with `layers`.
  static std::string text(const nlohmann::json& c) {
    CaseWriter writer;
    const std::string output = writer.chain("x", c["layers"]);
    std::string text = "network golden\n";
    if (c.contains("parametrization"))
      text += "parametrization = " + c["parametrization"].get<std::string>() + "\n";
    return text + "input x : " + input_type(c) + "\n" + writer.statements_ + "output " + output + "\n";
  }

 private:
  using json = nlohmann::json;

  static std::string input_type(const json& c) {
    const json shape = c.value("shape", json::array());
    const std::string channels = c["channels"].dump();
    if (shape.empty()) return "vector(" + channels + ")";
    if (shape.size() == 1) return "sequence(" + shape[0].dump() + ", " + channels + ")";
    return "image(" + shape[0].dump() + ", " + shape[1].dump() + ", " + channels + ")";
  }

  static std::string value(const json& v) {
    if (v.is_string()) return v.get<std::string>();
    if (!v.is_array()) return v.dump();
    std::string text;
    for (const json& each : v) text += (text.empty() ? "[" : ", ") + value(each);
    return text + "]";
  }
  /// One number where a list holds the same for each axis.
  static std::string short_value(const json& v) {
    const bool is_alike =
        v.is_array() && std::ranges::all_of(v, [&](const json& each) { return each == v[0]; });
    return is_alike ? value(v[0]) : value(v);
  }

  static std::string layer(const json& l) {
    const auto op = l["op"].get<std::string>();
    if (op == "act") return l["name"];
    std::string arguments;
    for (const char* positional : {"k", "window"}) {
      if (l.contains(positional)) arguments = short_value(l[positional]);
    }
    if (l.contains("matrix")) arguments = value(l["matrix"]);
    for (const auto& [name, v] : l.items()) {
      if (name == "op" || name == "k" || name == "window" || name == "matrix") continue;
      arguments += (arguments.empty() ? "" : ", ") + name + " = " + short_value(v);
    }
    return arguments.empty() ? op : op + "(" + arguments + ")";
  }

  std::string chain(const std::string& from, const json& layers) {
    std::string pipeline = from;
    for (const json& l : layers) {
      const auto op = l["op"].get<std::string>();
      if (op != "residual" && op != "product" && op != "concat") {
        pipeline += " |> " + layer(l);
        continue;
      }
      const std::string value = bind(pipeline);
      const json branches = op == "residual" ? json{l["main"], l["shortcut"]} : l["branches"];
      std::string joined;
      for (const json& branch : branches)
        joined += (joined.empty()     ? ""
                   : op == "residual" ? " + "
                   : op == "product"  ? " * "
                                      : ", ") +
                  chain(value, branch);
      pipeline =
          bind(op == "concat" ? "concat(" + joined + ", axis = " + short_value(l["axis"]) + ")" : joined);
    }
    return bind(pipeline);
  }

  std::string bind(const std::string& expression) {
    if (expression.find(' ') == std::string::npos) return expression;
    const std::string name = "h" + std::to_string(++count_);
    statements_ += name + " = " + expression + "\n";
    return name;
  }

  std::string statements_;
  int count_ = 0;
};

}  // namespace ntkc::test
