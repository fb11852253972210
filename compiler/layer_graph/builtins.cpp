#include "compiler/layer_graph/builtins.hpp"

#include <algorithm>
#include <cstddef>

namespace ntkc::layer_graph {
namespace {

BuiltinParameter nonnegative_real(std::string_view name, std::string_view default_value,
                                  std::string_view purpose) {
  return {.name = name,
          .type = ParameterType::real,
          .default_value = default_value,
          .nonnegative = true,
          .purpose = purpose};
}

BuiltinInfo activation(Builtin builtin, std::string_view name, std::string_view formula) {
  return {builtin, name, BuiltinKind::activation, {}, formula};
}

/// In the order of the enumeration, which indexes it.
std::vector<BuiltinInfo> make_table() {
  std::vector<BuiltinInfo> table;
  table.push_back(
      {Builtin::dense,
       "dense",
       BuiltinKind::layer,
       {nonnegative_real("W_std", "1",
                         "standard deviation of the weights, times the square root of the fan-in"),
        nonnegative_real("b_std", "0", "standard deviation of the biases"),
        {.name = "width",
         .type = ParameterType::integer,
         .default_value = std::nullopt,
         .optional = true,
         .purpose = "number of units of the finite-width network"},
        {.name = "frozen",
         .type = ParameterType::boolean,
         .default_value = "false",
         .purpose = "whether the weights and biases are left as drawn"},
        nonnegative_real("lr", "1", "learning rate of the weights and biases, relative to the network's")},
       "W_std/sqrt(n)*W*h + b_std*b, entries of W and b drawn from N(0, 1)"});
  table.push_back(activation(Builtin::relu, "relu", "max(z, 0)"));
  table.push_back({Builtin::leaky_relu,
                   "leaky_relu",
                   BuiltinKind::activation,
                   {{.name = "alpha",
                     .type = ParameterType::real,
                     .default_value = std::nullopt,
                     .positional = true,
                     .purpose = "slope below zero"}},
                   "z for z >= 0, alpha*z below"});
  table.push_back(activation(Builtin::abs, "abs", "|z|"));
  table.push_back(activation(Builtin::erf, "erf", "error function"));
  table.push_back(activation(Builtin::gelu, "gelu", "z*(1 + erf(z/sqrt(2)))/2"));
  table.push_back(activation(Builtin::sin, "sin", "sine"));
  table.push_back(activation(Builtin::cos, "cos", "cosine"));
  table.push_back(activation(Builtin::identity, "identity", "z"));
  return table;
}

}  // namespace

const std::vector<BuiltinInfo>& builtins() {
  static const std::vector<BuiltinInfo> table = make_table();
  return table;
}

const BuiltinInfo& info(Builtin builtin) { return builtins().at(static_cast<std::size_t>(builtin)); }

const BuiltinInfo* find_builtin(std::string_view name) {
  const auto& table = builtins();
  const auto found = std::ranges::find(table, name, &BuiltinInfo::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace ntkc::layer_graph
