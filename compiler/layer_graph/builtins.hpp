// The table of built-in layers and activations: names, parameters, defaults. Elaboration checks calls against
// it, `ntkc layers` and the documentation print it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace ntkc::layer_graph {

enum class BuiltinKind : std::uint8_t { layer, activation };

enum class Builtin : std::uint8_t { dense, relu, leaky_relu, abs, erf, gelu, sin, cos, identity };

enum class ParameterType : std::uint8_t {
  real,     ///< a real constant; stays symbolic in network parameters
  integer,  ///< a positive integer, folded
  boolean,  ///< folded
};

/// A default as it is written in the language, e.g. "1", "false"; nothing: the argument is required, unless
/// `optional` says that leaving it out means "not stated".
struct BuiltinParameter {
  std::string_view name;
  ParameterType type;
  std::optional<std::string_view> default_value;
  bool optional = false;
  bool nonnegative = false;
  bool positional = false;  ///< may be given by position (activations take their parameters so)
  std::string_view purpose;
};

struct BuiltinInfo {
  Builtin builtin;
  std::string_view name;
  BuiltinKind kind;
  std::vector<BuiltinParameter> parameters;
  std::string_view formula;  ///< what it computes, one line
};

const std::vector<BuiltinInfo>& builtins();
const BuiltinInfo& info(Builtin builtin);
/// Nothing if there is no built-in of that name.
const BuiltinInfo* find_builtin(std::string_view name);

}  // namespace ntkc::layer_graph
