// How diagnostics look.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/diagnostics/render.hpp"

using namespace ntkc;

namespace {

std::string rendered(const std::string& text, std::uint32_t begin, std::uint32_t end) {
  SourceManager sources;
  const std::uint32_t file = sources.add("f.arch", text);
  return text_of(render({DiagnosticKind::unknown_name, {file, begin, end}, "unknown name `q`"}, sources,
                        Severity::error));
}

}  // namespace

TEST_CASE("a diagnostic shows its place, its line, a caret, its notes and its help") {
  SourceManager sources;
  sources.add("other.arch", "");
  const std::uint32_t file = sources.add("f.arch", "a = 1\nb = relu(foo)\n");
  Diagnostic diagnostic{DiagnosticKind::unknown_name, {file, 15, 18}, "unknown name `foo`"};
  diagnostic.notes.push_back({{file, 0, 1}, "`a` is near"});
  diagnostic.help = "did you mean `a`?";
  CHECK(text_of(render(diagnostic, sources, Severity::error)) ==
        "f.arch:2:10: error: unknown name `foo` [unknown-name]\n"
        "b = relu(foo)\n"
        "         ^~~\n"
        "f.arch:1:1: note: `a` is near\n"
        "a = 1\n"
        "^\n"
        "  help: did you mean `a`?\n");
}

TEST_CASE("an empty range gets one caret, also at the end of a line and of the text") {
  CHECK(rendered("ab\ncd", 0, 0) == "f.arch:1:1: error: unknown name `q` [unknown-name]\nab\n^\n");
  CHECK(rendered("ab\ncd", 2, 3) == "f.arch:1:3: error: unknown name `q` [unknown-name]\nab\n  ^\n");
  CHECK(rendered("ab\ncd", 5, 5) == "f.arch:2:3: error: unknown name `q` [unknown-name]\ncd\n  ^\n");
  CHECK(rendered("", 0, 0) == "f.arch:1:1: error: unknown name `q` [unknown-name]\n\n^\n");
}

TEST_CASE("tabs stay tabs above and below, and code points count once") {
  CHECK(rendered("\t\u03c0 = q", 6, 7) ==
        "f.arch:1:6: error: unknown name `q` [unknown-name]\n\t\u03c0 = q\n\t    ^\n");
}

TEST_CASE("CRLF lines are shown without the carriage return") {
  CHECK(rendered("ab\r\ncd\r\n", 4, 6) == "f.arch:2:1: error: unknown name `q` [unknown-name]\ncd\n^~\n");
}

TEST_CASE("a range over several lines is underlined to the end of the first") {
  CHECK(rendered("ab cd\nef", 3, 8) == "f.arch:1:4: error: unknown name `q` [unknown-name]\nab cd\n   ^~\n");
}

TEST_CASE("what cannot be printed is shown as a question mark") {
  CHECK(rendered("a\x1b[1m\xff\u202e" + std::string(1, '\0') + "q", 10, 11) ==
        "f.arch:1:9: error: unknown name `q` [unknown-name]\na?[1m???q\n        ^\n");
}

TEST_CASE("a file name cannot smuggle control characters to the terminal") {
  SourceManager sources;
  sources.add("a\x1b\nb", "q");
  CHECK(text_of(render({DiagnosticKind::unknown_name, {0, 0, 1}, "m"}, sources, Severity::error)) ==
        "a??b:1:1: error: m [unknown-name]\nq\n^\n");
}

TEST_CASE("a long line is cut to a window around the range") {
  const std::string left(500, 'a');
  const std::string right(300, 'b');
  const std::string text = left + "qqq" + right;
  const std::string head = "f.arch:1:501: error: unknown name `q` [unknown-name]\n";
  CHECK(rendered(text, 500, 503) == head + "..." + std::string(40, 'a') + "qqq" + std::string(57, 'b') +
                                        "...\n" + std::string(43, ' ') + "^~~\n");
  CHECK(rendered(text, 0, 803) == "f.arch:1:1: error: unknown name `q` [unknown-name]\n" +
                                      std::string(100, 'a') + "...\n^" + std::string(99, '~') + "\n");
  CHECK(rendered(text, 803, 803) == "f.arch:1:804: error: unknown name `q` [unknown-name]\n..." +
                                        std::string(40, 'b') + "\n" + std::string(43, ' ') + "^\n");
  const std::string full(100, 'a');
  CHECK(rendered(full, 99, 100) == "f.arch:1:100: error: unknown name `q` [unknown-name]\n" + full + "\n" +
                                       std::string(99, ' ') + "^\n");
}

namespace {

RenderedDiagnostic rendered_jump(Severity severity) {
  SourceManager sources;
  sources.add("f.arch", "a |> step");
  Diagnostic diagnostic{DiagnosticKind::jump, {0, 5, 9}, "`step` jumps"};
  diagnostic.notes.push_back({{0, 0, 1}, "at 0"});
  diagnostic.help = "smooth it";
  return render(diagnostic, sources, severity);
}

std::vector<RenderedDiagnostic> many(std::size_t errors, std::size_t warnings) {
  std::vector<RenderedDiagnostic> list;
  for (std::size_t i = 0; i < errors + warnings; ++i)
    list.push_back(render_for_file(DiagnosticKind::unreadable_file, "f" + std::to_string(i), "m"));
  for (std::size_t i = 0; i < warnings; ++i) list[i].error = false;
  return list;
}

}  // namespace

TEST_CASE("a warning says so, and also that -Werror made it an error") {
  CHECK(text_of(rendered_jump(Severity::warning)).starts_with("f.arch:1:6: warning: `step` jumps [jump]\n"));
  CHECK(text_of(rendered_jump(Severity::error))
            .starts_with("f.arch:1:6: error: `step` jumps [jump, -Werror]\n"));
}

TEST_CASE("colours set off place, severity, message, caret, note and help") {
  CHECK(text_of(rendered_jump(Severity::warning), {.color = true}) ==
        "\x1b[1mf.arch:1:6:\x1b[0m \x1b[1;35mwarning:\x1b[0m \x1b[1m`step` jumps\x1b[0m [jump]\n"
        "a |> step\n"
        "\x1b[1;32m     ^~~~\x1b[0m\n"
        "\x1b[1mf.arch:1:1:\x1b[0m \x1b[1;36mnote:\x1b[0m at 0\n"
        "a |> step\n"
        "\x1b[1;32m^\x1b[0m\n"
        "  \x1b[1;32mhelp:\x1b[0m smooth it\n");
  CHECK(text_of(rendered_jump(Severity::error), {.color = true}).find("\x1b[1;31merror:\x1b[0m") !=
        std::string::npos);
}

TEST_CASE("without escape sequences the coloured text is the plain one") {
  const std::string colored = text_of(rendered_jump(Severity::error), {.color = true});
  std::string stripped;
  for (std::size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b')
      i = colored.find('m', i);
    else
      stripped += colored[i];
  }
  CHECK(stripped == text_of(rendered_jump(Severity::error)));
}

TEST_CASE("what is about a whole file has no source line") {
  CHECK(text_of(render_for_file(DiagnosticKind::unreadable_file, "a\nb", "cannot be read")) ==
        "a?b: error: cannot be read [unreadable-file]\n");
}

TEST_CASE("beyond the most errors wanted the rest is counted, and of warnings as many are shown") {
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  CHECK(lines(text_of(many(20, 0))) == 20);
  CHECK(lines(text_of(many(21, 0))) == 21);
  CHECK(text_of(many(21, 0)).ends_with("f19: error: m [unreadable-file]\n… and 1 more\n"));
  CHECK(lines(text_of(many(20, 5))) == 25);
  CHECK(text_of(many(5, 3), {.max_errors = 2}).ends_with("f4: error: m [unreadable-file]\n… and 4 more\n"));
  CHECK(lines(text_of(many(50, 0), {.max_errors = 0})) == 50);
  CHECK(text_of(many(0, 0)).empty());
}
