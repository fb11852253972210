// The table of built-in layers and activations with their names, parameters and defaults. Elaboration checks
// calls against it; `ntkc layers` and the documentation print it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::layer_graph {

enum class BuiltinKind : std::uint8_t {
  layer,
  activation,
  combination,  ///< takes several values
};

/// The layers, in the order of layers/layers.def: those that are applied by name, and those that are written
/// otherwise (an activation, `a + b`).
enum class LayerKind : std::uint8_t {
#define NTKC_LAYER(name) name,
#include "compiler/layer_graph/layers/layers.def"
};

enum class ParameterType : std::uint8_t {
  real,     ///< a real constant, which stays an expression in the network parameters
  integer,  ///< from `smallest` to `largest`; its value is computed when the text is read
  boolean,  ///< its value is computed when the text is read
  choice,   ///< one of the names in `choices`
};

/// The default is written as in the language, "1" or "false" for example. Without one the argument is
/// required, unless `optional` says that leaving it out means "not stated".
struct BuiltinParameter {
  std::string_view name;
  ParameterType type;
  std::optional<std::string_view> default_value;
  bool optional = false;
  bool nonnegative = false;
  bool positional = false;  ///< may be given by position (activations take their parameters so)
  std::int64_t smallest = 1;
  std::int64_t largest = std::numeric_limits<std::int32_t>::max();
  /// What the argument holds. 0: one value. 1: a list; a single value is taken as a list too, and the last
  /// positional parameter also takes its values one by one. 2: a matrix.
  int rank = 0;
  std::size_t longest = 0;  ///< the most numbers that a list may have
  /// Names that this argument may be, beside the values of its type. They mean this wherever the argument is
  /// read, whatever they are bound to.
  std::vector<std::string_view> choices = {};
  bool is_bias = false;  ///< whether it gives the layer a bias, unless it is 0 or false
  std::string_view purpose;
};

struct BuiltinInfo {
  std::string_view name;
  BuiltinKind kind;
  std::optional<LayerKind> layer = std::nullopt;  ///< of a layer or a combination
  std::vector<BuiltinParameter> parameters;
  /// What it computes, in one line. For an activation this is its definition, an expression of the language
  /// in `z` and the parameters, in which the elementary functions mean what their names say
  /// (`find_elementary_function`).
  std::string_view formula;
  /// An activation that depends on integers in a way that the language cannot say has its definition written
  /// out by this function instead. It is given the integer arguments and, for a list named c, the number of
  /// its values, which the definition calls c0, c1, ...
  std::string (*definition)(const std::vector<std::int64_t>& integers) = nullptr;
};

/// "layer", "activation", "combination"
std::string_view name(BuiltinKind kind);

/// Whether the name is kept for a layer that this version does not have yet.
bool is_later_layer(std::string_view name);

const std::vector<BuiltinInfo>& builtins();
/// Precondition: the layer is applied by name.
const BuiltinInfo& info(LayerKind layer);
/// Nothing if there is no built-in of that name.
const BuiltinInfo* find_builtin(std::string_view name);

}  // namespace ntkc::layer_graph
