#include "compiler/repeat_count.hpp"

#include <algorithm>

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/diagnostics/source.hpp"
#include "compiler/elaborate_text.hpp"
#include "grammar/parser.hpp"

namespace ntkc {

namespace {

const ast::Repeat* last_repeat(const ast::File& file) {
  const ast::Repeat* last = nullptr;
  for (const ast::StatementId id : file.statements)
    if (const auto* const repeat = std::get_if<ast::Repeat>(&file[id].node)) last = repeat;
  return last;
}

bool is_parameter(const ast::File& file, const std::string& name) {
  return std::any_of(file.parameters.begin(), file.parameters.end(),
                     [&](const ast::Parameter& parameter) { return parameter.name.name == name; });
}

}  // namespace

std::optional<NetworkOfDepth> with_repeat_count(std::string_view arch_text, const CompileOptions& options,
                                                std::int64_t count, const std::string& file_name) {
  SourceManager sources;
  DiagnosticList diagnostics;
  const std::uint32_t source = sources.add(file_name, std::string(arch_text));
  const std::optional<ast::File> file = grammar::parse(sources, source, diagnostics);
  if (!file) static_cast<void>(elaborate_text(arch_text, options, file_name));  // throws, with all mistakes
  if (!file) return std::nullopt;
  const ast::Repeat* const repeat = last_repeat(*file);
  if (repeat == nullptr) return std::nullopt;
  NetworkOfDepth result = {std::string(arch_text), options};
  const ast::Expression& old_count = (*file)[repeat->count];
  const auto* const name = std::get_if<ast::Name>(&old_count.node);
  if (name != nullptr && is_parameter(*file, name->name))
    result.options.definitions[name->name] = std::to_string(count);
  else
    result.text.replace(old_count.range.begin, old_count.range.end - old_count.range.begin,
                        std::to_string(count));
  return result;
}

}  // namespace ntkc
