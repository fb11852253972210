#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "compiler/modules/import_file.hpp"
#include "compiler/modules/matrix_file.hpp"
#include "compiler/modules/modules.hpp"

namespace ntkc::modules {
namespace {

/// Passes diagnostics on; to the first it adds where the file that they are about was imported.
class ImportedFrom final : public DiagnosticConsumer {
 public:
  ImportedFrom(DiagnosticConsumer& consumer, SourceRange import) : consumer_(consumer), import_(import) {}
  void report(Diagnostic diagnostic) override {
    if (import_) diagnostic.notes.push_back({*import_, "imported here"});
    import_.reset();
    consumer_.report(std::move(diagnostic));
  }

 private:
  DiagnosticConsumer& consumer_;
  std::optional<SourceRange> import_;
};

class Loader {
 public:
  Loader(SourceManager& sources, DiagnosticConsumer& diagnostics, const Options& options)
      : sources_(sources),
        diagnostics_(diagnostics),
        options_(options),
        bytes_left_(options.source.file_bytes),
        numbers_left_(options.matrix_numbers) {}

  std::optional<Modules> run(std::uint32_t source) {
    const std::string& name = sources_.file(source).name();
    const std::size_t size = sources_.file(source).text().size();
    bytes_left_ -= static_cast<std::uint32_t>(std::min<std::size_t>(size, bytes_left_));
    open_.push_back({identity_of(name), name, {}});
    std::optional<ast::File> file = grammar::parse(sources_, source, diagnostics_, options_.source);
    if (!file) return std::nullopt;
    add(std::move(*file));
    if (failed_) return std::nullopt;
    return std::move(modules_);
  }

 private:
  /// A file that is being read, and the import of it that is being followed.
  struct OpenFile {
    std::optional<FileIdentity> identity;
    std::string name;
    SourceRange import;
  };

  void fail(DiagnosticKind kind, SourceRange range, std::string message, std::vector<Note> notes,
            std::string help) {
    failed_ = true;
    diagnostics_.report({kind, range, std::move(message), std::move(notes), std::move(help)});
  }

  /// The module of a file that has been parsed, after the modules that it imports.
  std::uint32_t add(ast::File file) {
    Module module{.file = std::move(file)};
    read_matrices(module);
    for (const ast::StatementId id : module.file.statements) {
      const auto* import = std::get_if<ast::Import>(&module.file[id].node);
      if (import == nullptr) continue;
      open_.back().import = import->path_range;
      if (const auto imported = follow(*import)) module.imports.push_back(*imported);
    }
    modules_.modules.push_back(std::move(module));
    return static_cast<std::uint32_t>(modules_.modules.size() - 1);
  }

  /// Where the file that is being read looks for others.
  [[nodiscard]] std::vector<std::string> directories() const {
    std::vector<std::string> result = {std::filesystem::path(open_.back().name).parent_path().string()};
    result.insert(result.end(), options_.include_directories.begin(), options_.include_directories.end());
    return result;
  }

  /// The texts that name the matrix of an `aggregate` become lists of rows.
  void read_matrices(Module& module) {
    ast::File& file = module.file;
    for (std::uint32_t i = 0; i < file.expression_arena.size(); ++i) {
      const auto* call = std::get_if<ast::Call>(&file.expression_arena[i].node);
      if (call == nullptr || call->callee.name != "aggregate") continue;
      const std::vector<ast::Argument> arguments = call->arguments;  // a copy: the arena grows
      for (const ast::Argument& argument : arguments) {
        if (argument.keyword && argument.keyword->name != "matrix") continue;
        const auto* text = std::get_if<ast::Text>(&file[argument.value].node);
        if (text != nullptr) read_matrix_at(module, argument.value, std::string(text->value));
      }
    }
    std::ranges::sort(module.replacements, {},
                      [](const Module::Replacement& replacement) { return replacement.range.begin; });
  }

  void read_matrix_at(Module& module, ast::ExpressionId id, const std::string& path) {
    const SourceRange range = module.file[id].range;
    if (is_too_deep(range) || are_too_many(range)) return;
    ++files_read_;
    const auto found = find_import(path, directories());
    if (const auto* error = std::get_if<ImportError>(&found))
      return fail(error->kind, range, error->message, {}, error->help);
    if (options_.on_import) options_.on_import(std::get<ImportFile>(found).path);
    const auto read = read_matrix(std::get<ImportFile>(found), numbers_left_);
    if (const auto* error = std::get_if<ImportError>(&read))
      return fail(error->kind, range, error->message, {}, error->help);
    const auto& matrix = std::get<MatrixFile>(read);
    numbers_left_ -= matrix.numbers.size();
    module.replacements.push_back({range, matrix_text(matrix)});
    std::vector<ast::Expression>& arena = module.file.expression_arena;
    // Built in place: GCC 12 warns of the moved variant otherwise.
    const auto push = [&](auto node) {
      ast::Expression& made = arena.emplace_back();
      made.range = range;
      made.node.emplace<decltype(node)>(std::move(node));
      return ast::ExpressionId{static_cast<std::uint32_t>(arena.size() - 1)};
    };
    ast::List rows;
    for (std::size_t i = 0; i < matrix.numbers.size(); i += matrix.columns) {
      ast::List row;
      for (std::size_t j = 0; j < matrix.columns; ++j)
        row.items.push_back(push(ast::Real{matrix.numbers[i + j]}));
      rows.items.push_back(push(std::move(row)));
    }
    arena[id.index].node.emplace<ast::List>(std::move(rows));
  }

  std::optional<std::uint32_t> follow(const ast::Import& import) {
    const auto found = find_import(import.path, directories());
    if (const auto* error = std::get_if<ImportError>(&found)) {
      fail(error->kind, import.path_range, error->message, {}, error->help);
      return std::nullopt;
    }
    const auto& file = std::get<ImportFile>(found);
    if (const auto known = by_identity_.find(file.identity); known != by_identity_.end()) {
      return known->second;
    }
    if (is_cycle(file, import) || is_too_deep(import.path_range) || are_too_many(import.path_range))
      return std::nullopt;
    const std::optional<std::uint32_t> module = read(file, import);
    by_identity_.emplace(file.identity, module);
    return module;
  }

  bool is_cycle(const ImportFile& file, const ast::Import& import) {
    const auto first = std::ranges::find(open_, std::optional(file.identity), &OpenFile::identity);
    if (first == open_.end()) return false;
    std::vector<Note> notes;
    for (auto open = first; open + 1 != open_.end(); ++open) {
      notes.push_back({open->import, fmt::format("`{}` imports `{}` here", open->name, (open + 1)->name)});
    }
    fail(DiagnosticKind::import_cycle, import.path_range,
         open_.size() == 1 || first + 1 == open_.end()
             ? fmt::format("`{}` imports itself", open_.back().name)
             : fmt::format("`{}` imports `{}`, which imports it in turn", open_.back().name, first->name),
         std::move(notes), "move what both need to a file of its own");
    return true;
  }

  bool is_too_deep(SourceRange range) {
    if (open_.size() <= options_.import_depth) return false;
    fail(DiagnosticKind::import_too_deep, range,
         fmt::format("a chain of more than {} imports", options_.import_depth),
         {{open_.front().import, "it begins here"}}, "let fewer files import one another");
    return true;
  }

  /// Said once: what comes behind is not looked at either.
  bool are_too_many(SourceRange range) {
    if (files_read_ < options_.imported_files) return false;
    if (!told_too_many_)
      fail(DiagnosticKind::too_many_imports, range,
           fmt::format("the network imports more than {} files", options_.imported_files), {},
           "put what belongs together into one file, or raise `--limit files=N`");
    told_too_many_ = true;
    return true;
  }

  /// Nothing if it has a mistake.
  std::optional<std::uint32_t> read(const ImportFile& file, const ast::Import& import) {
    ++files_read_;
    if (options_.on_import) options_.on_import(file.path);
    auto text = read_import(file, bytes_left_, options_.source.file_bytes);
    if (const auto* error = std::get_if<ImportError>(&text)) {
      fail(error->kind, import.path_range, error->message, {}, error->help);
      return std::nullopt;
    }
    bytes_left_ -= static_cast<std::uint32_t>(std::get<std::string>(text).size());
    const std::uint32_t source = sources_.add(file.path, std::get<std::string>(std::move(text)));
    ImportedFrom consumer(diagnostics_, import.path_range);
    std::optional<ast::File> parsed = grammar::parse_library(sources_, source, consumer, options_.source);
    if (!parsed) {
      failed_ = true;
      return std::nullopt;
    }
    open_.push_back({file.identity, file.path, {}});
    const std::uint32_t module = add(std::move(*parsed));
    open_.pop_back();
    return module;
  }

  SourceManager& sources_;
  DiagnosticConsumer& diagnostics_;
  const Options& options_;
  Modules modules_;
  std::vector<OpenFile> open_;  ///< from the network to the file whose imports are being read
  std::map<FileIdentity, std::optional<std::uint32_t>> by_identity_;
  std::uint32_t files_read_ = 0;
  std::uint32_t bytes_left_;
  std::size_t numbers_left_;
  bool failed_ = false;
  bool told_too_many_ = false;
};

/// The text of module `index`, or of its definitions only, with its imports replaced.
class Inliner {
 public:
  Inliner(const Modules& modules, const SourceManager& sources)
      : modules_(modules), sources_(sources), done_(modules.modules.size(), false) {}

  std::string network() {
    const auto last = static_cast<std::uint32_t>(modules_.modules.size() - 1);
    const Module& module = modules_.modules[last];
    std::string result;
    std::uint32_t copied = 0;
    std::size_t import = 0;
    for (const ast::StatementId id : module.file.statements) {
      const ast::Statement& statement = module.file[id];
      if (!std::holds_alternative<ast::Import>(statement.node)) continue;
      result += part(module, copied, statement.range.begin);
      result += definitions(module.imports[import++]);
      copied = statement.range.end;
    }
    const auto end = static_cast<std::uint32_t>(sources_.file(module.file.source).text().size());
    return result + part(module, copied, end);
  }

 private:
  std::string definitions(std::uint32_t index) {
    if (done_[index]) return "";
    done_[index] = true;
    const Module& module = modules_.modules[index];
    std::string result;
    std::size_t import = 0;
    for (const ast::StatementId id : module.file.statements) {
      const ast::Statement& statement = module.file[id];
      const std::string text = std::holds_alternative<ast::Import>(statement.node)
                                   ? definitions(module.imports[import++])
                                   : part(module, statement.range.begin, statement.range.end);
      if (!text.empty()) result += (result.empty() ? "" : "\n") + text;
    }
    return result;
  }

  /// The text of a module from `begin` to `end`, with its replacements.
  [[nodiscard]] std::string part(const Module& module, std::uint32_t begin, std::uint32_t end) const {
    const std::string_view text = sources_.file(module.file.source).text();
    std::string result;
    for (const Module::Replacement& replacement : module.replacements) {
      if (replacement.range.begin < begin || replacement.range.end > end) continue;
      result += text.substr(begin, replacement.range.begin - begin);
      result += replacement.text;
      begin = replacement.range.end;
    }
    return result + std::string(text.substr(begin, end - begin));
  }

  const Modules& modules_;
  const SourceManager& sources_;
  std::vector<bool> done_;
};

}  // namespace

std::optional<Modules> load(SourceManager& sources, std::uint32_t source, DiagnosticConsumer& diagnostics,
                            const Options& options) {
  return Loader(sources, diagnostics, options).run(source);
}

std::string self_contained_text(const Modules& modules, const SourceManager& sources) {
  return Inliner(modules, sources).network();
}

}  // namespace ntkc::modules
