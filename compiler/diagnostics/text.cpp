// How diagnostics look on a terminal.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "ntkc/diagnostics.hpp"

namespace ntkc {
namespace {

constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[1;31m";
constexpr std::string_view magenta = "\x1b[1;35m";
constexpr std::string_view cyan = "\x1b[1;36m";
constexpr std::string_view green = "\x1b[1;32m";
constexpr std::string_view plain = "\x1b[0m";

class Printer {
 public:
  explicit Printer(bool color) : color_(color) {}

  void print(const RenderedDiagnostic& diagnostic) {
    put_place(diagnostic.place);
    put(diagnostic.error ? red : magenta, diagnostic.error ? "error:" : "warning:");
    text_ += ' ';
    put(bold, diagnostic.message);
    text_ += fmt::format(" [{}{}]\n", diagnostic.kind, diagnostic.made_an_error ? ", -Werror" : "");
    put_excerpt(diagnostic.place);
    for (const DiagnosticNote& note : diagnostic.notes) {
      put_place(note.place);
      put(cyan, "note:");
      text_ += fmt::format(" {}\n", note.message);
      put_excerpt(note.place);
    }
    if (diagnostic.help.empty()) return;
    text_ += "  ";
    put(green, "help:");
    text_ += fmt::format(" {}\n", diagnostic.help);
  }

  void print_count(std::size_t more) { text_ += fmt::format("… and {} more\n", more); }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void put(std::string_view color, std::string_view text) {
    if (color_)
      text_ += fmt::format("{}{}{}", color, text, plain);
    else
      text_ += text;
  }

  void put_place(const DiagnosticPlace& place) {
    if (place.line == 0)
      put(bold, fmt::format("{}:", place.file));
    else
      put(bold, fmt::format("{}:{}:{}:", place.file, place.line, place.column));
    text_ += ' ';
  }

  void put_excerpt(const DiagnosticPlace& place) {
    if (place.line == 0) return;
    text_ += fmt::format("{}\n", place.source);
    put(green, place.marks);
    text_ += '\n';
  }

  bool color_;
  std::string text_;
};

}  // namespace

std::string text_of(const RenderedDiagnostic& diagnostic, const DiagnosticStyle& style) {
  Printer printer(style.color);
  printer.print(diagnostic);
  return printer.text();
}

std::string text_of(const std::vector<RenderedDiagnostic>& diagnostics, const DiagnosticStyle& style) {
  Printer printer(style.color);
  std::size_t errors = 0;
  std::size_t warnings = 0;
  std::size_t left_out = 0;
  for (const RenderedDiagnostic& diagnostic : diagnostics) {
    std::size_t& of_its_kind = diagnostic.error ? errors : warnings;
    const bool is_enough =
        style.max_errors > 0 && (errors == style.max_errors || of_its_kind == style.max_errors);
    if (is_enough) {
      ++left_out;
      continue;
    }
    ++of_its_kind;
    printer.print(diagnostic);
  }
  if (left_out > 0) printer.print_count(left_out);
  return printer.text();
}

CompileError::CompileError(std::vector<RenderedDiagnostic> diagnostics)
    : Error(ErrorKind::compile, text_of(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace ntkc
