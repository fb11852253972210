#include "compiler/driver/repeat_count.hpp"

#include <algorithm>
#include <variant>

namespace ntkc::driver {

const ast::Repeat* last_repeat(const ast::File& network) {
  const ast::Repeat* last = nullptr;
  for (const ast::StatementId id : network.statements)
    if (const auto* const repeat = std::get_if<ast::Repeat>(&network[id].node)) last = repeat;
  return last;
}

void set_repeat_count(ast::File& network, std::map<std::string, std::string>& definitions,
                      std::int32_t count) {
  ast::Expression& old_count = network.expression_arena[last_repeat(network)->count.index];
  const auto* const name = std::get_if<ast::Name>(&old_count.node);
  const auto is_that_name = [&](const ast::Parameter& parameter) {
    return name != nullptr && parameter.name.name == name->name;
  };
  if (std::ranges::any_of(network.parameters, is_that_name))
    definitions[name->name] = std::to_string(count);
  else
    old_count.node = ast::Integer{count};
}

}  // namespace ntkc::driver
