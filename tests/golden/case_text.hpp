// The .arch text of a golden case (README.md beside this file), as case_to_arch.py writes it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ntkc::test {

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
