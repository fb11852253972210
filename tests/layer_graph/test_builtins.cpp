// The table of built-ins and the search for misspelt names.
#include <doctest/doctest.h>

#include <set>

#include "compiler/layer_graph/builtins.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/suggestion.hpp"
#include "grammar/parser.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("The table is indexed by the enumeration and found by name") {
  std::set<std::string_view> names;
  for (const BuiltinInfo& builtin : builtins()) {
    CHECK(info(builtin.builtin).name == builtin.name);
    CHECK(find_builtin(builtin.name) == &builtin);
    CHECK(names.insert(builtin.name).second);
    CHECK_FALSE(builtin.formula.empty());
  }
  CHECK(builtins().size() == 9);
  CHECK(find_builtin("nothing") == nullptr);
}

TEST_CASE("No built-in and no parameter of one is a keyword, and each parameter says what it is for") {
  for (const BuiltinInfo& builtin : builtins()) {
    for (const std::string_view keyword : grammar::keywords()) CHECK(builtin.name != keyword);
    for (const BuiltinParameter& parameter : builtin.parameters) {
      for (const std::string_view keyword : grammar::keywords()) CHECK(parameter.name != keyword);
      CHECK_FALSE(parameter.purpose.empty());
      CHECK_FALSE((parameter.optional && parameter.default_value));
    }
  }
}

TEST_CASE("The arguments of a layer are read by name") {
  LayerNode layer{.builtin = Builtin::dense,
                  .operand = 0,
                  .arguments = {ScalarId{7}, ScalarId{8}, {}, true, ScalarId{9}}};
  CHECK(std::get<ScalarId>(argument(layer, "b_std")) == 8);
  CHECK(std::get<bool>(argument(layer, "frozen")));
  CHECK(std::holds_alternative<std::monostate>(argument(layer, "width")));
}

TEST_CASE("The closest name is suggested, if it is close") {
  const std::vector<std::string_view> names = {"relu", "leaky_relu", "dense", "erf", "s"};
  CHECK(closest_name("rleu", names) == "relu");
  CHECK(closest_name("Relu", names) == "relu");
  CHECK(closest_name("leakyrelu", names) == "leaky_relu");
  CHECK(closest_name("dens", names) == "dense");
  CHECK(closest_name("conv", names) == "");
  CHECK(closest_name("t", names) == "");
  CHECK(closest_name(std::string(100000, 'r'), names) == "");
  CHECK(did_you_mean("efr", names) == ", did you mean `erf`?");
  CHECK(did_you_mean("softplus", names) == "");
}

}  // namespace
}  // namespace ntkc::layer_graph
