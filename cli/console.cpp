#include "cli/console.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc::cli {

namespace {

[[noreturn]] void fail_to_write() {
  if (errno == EPIPE) throw BrokenPipe("standard output: its reader has gone");
  throw InputError(fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
}

void write_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_to_write();
}

Json json_of(const DiagnosticPlace& place) {
  if (place.line == 0) return {{"file", place.file}};
  return {{"file", place.file},
          {"line", place.line},
          {"column", place.column},
          {"end", {{"line", place.end_line}, {"column", place.end_column}}}};
}

Json json_of(const RenderedDiagnostic& diagnostic) {
  Json object = {{"kind", diagnostic.kind}, {"severity", diagnostic.error ? "error" : "warning"}};
  object.update(json_of(diagnostic.place));
  object["message"] = diagnostic.message;
  object["notes"] = Json::array();
  for (const DiagnosticNote& note : diagnostic.notes) {
    Json entry = json_of(note.place);
    entry["message"] = note.message;
    object["notes"].push_back(std::move(entry));
  }
  object["help"] = diagnostic.help.empty() ? Json() : Json(diagnostic.help);
  object["text"] = text_of(diagnostic);
  return object;
}

/// The excerpts of sources are printable already, and colours come after this.
RenderedDiagnostic printable_diagnostic(RenderedDiagnostic diagnostic) {
  diagnostic.message = readable(diagnostic.message);
  diagnostic.help = readable(diagnostic.help);
  diagnostic.place.file = readable(diagnostic.place.file);
  for (DiagnosticNote& note : diagnostic.notes) {
    note.message = readable(note.message);
    note.place.file = readable(note.place.file);
  }
  return diagnostic;
}

}  // namespace

void Console::print(std::string_view text, bool to_stderr) {
  if (json_) return;
  const std::string shown = printable_lines(text);
  if (to_stderr && !quiet_) tell(shown);
  if (!to_stderr && std::fwrite(shown.data(), 1, shown.size(), stdout) != shown.size())
    remember_write_error();
}

void Console::flush() {
  if (std::fflush(stdout) != 0) remember_write_error();
}

void Console::remember_write_error() {
  if (write_error_ == 0) write_error_ = errno;
}

void Console::note(std::string_view text) const {
  if (!quiet_) tell(fmt::format("ntkc: note: {}\n", readable(text)));
}

void Console::diagnose(const std::vector<RenderedDiagnostic>& diagnostics) {
  std::vector<RenderedDiagnostic> printed;
  for (const RenderedDiagnostic& diagnostic : diagnostics) {
    if (!diagnostic.error && !told_.insert(text_of(diagnostic)).second) continue;
    report["diagnostics"].push_back(json_of(diagnostic));
    if (diagnostic.error) {
      printed.push_back(printable_diagnostic(diagnostic));
    } else if (!quiet_ && style_.max_errors > 0 && warnings_ == style_.max_errors) {
      ++warnings_left_out_;
    } else if (!quiet_) {
      ++warnings_;
      printed.push_back(printable_diagnostic(diagnostic));
    }
  }
  tell(text_of(printed, style_));
}

bool Console::has_told(std::string_view kind) const {
  const auto diagnostics = report.find("diagnostics");
  return diagnostics != report.end() &&
         std::ranges::any_of(*diagnostics, [&](const Json& told) { return told.at("kind") == kind; });
}

void Console::finish() {
  if (warnings_left_out_ > 0)
    note(fmt::format("{} more warnings; --max-errors=0 prints all", warnings_left_out_));
  if (json_) print_json(report);
  flush();
  if (write_error_ == 0) return;
  errno = write_error_;
  fail_to_write();
}

std::string json_text(const Json& object) {
  return escaped_json(object.dump(-1, ' ', false, Json::error_handler_t::replace)) + '\n';
}

void tell(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

void print_json(const Json& object) {
  write_stdout(json_text(object));
  if (std::fflush(stdout) != 0) fail_to_write();
}

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

std::string memory_text(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (value < 1e6) return fmt::format("{:.1f} kB", value / 1e3);
  return value < 1e9 ? fmt::format("{:.1f} MB", value / 1e6) : fmt::format("{:.2f} GB", value / 1e9);
}

std::string duration_text(double seconds) {
  if (seconds < 60)
    return fmt::format("{:.3g} s", seconds < 0.001 ? std::round(seconds * 1e4) / 1e4 : seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string durations_text(const Json& seconds) {
  std::string text;
  for (const auto& [phase, value] : seconds.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", phase, duration_text(value.get<double>()));
  return text;
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace ntkc::cli
