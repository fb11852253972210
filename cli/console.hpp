// What the program says: results on standard output, as text or as one JSON object; all else on standard
// error.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/diagnostics.hpp"

namespace ntkc::cli {

using Json = nlohmann::ordered_json;

/// Version of the JSON objects. Members may be added under the same number; none is removed or changed.
inline constexpr int json_schema = 1;

class Console {
 public:
  Console(bool json, bool quiet, DiagnosticStyle style = {}) : json_(json), quiet_(quiet), style_(style) {
    report["schema"] = json_schema;
  }

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] bool quiet() const { return quiet_; }

  /// Text of the result; nothing under --json. `to_stderr`: standard output carries the result itself (`-o
  /// -`). That it cannot be written is told at the end (finish): a file that is still to be written does not suffer.
  void print(std::string_view text, bool to_stderr = false);
  /// Shows what has been printed so far.
  void flush();
  /// A remark on standard error; nothing under --quiet.
  void note(std::string_view text) const;
  /// Diagnostics of a network, on standard error and in the report. Each warning is shown once, and of them as
  /// many as of errors.
  void diagnose(const std::vector<RenderedDiagnostic>& diagnostics);
  /// Whether a diagnostic of this kind was told.
  [[nodiscard]] bool has_told(std::string_view kind) const;
  /// Ends the output: prints `report` under --json, flushes, throws InputError or BrokenPipe if that fails.
  void finish();

  Json report;  ///< the object that --json prints

 private:
  void remember_write_error();

  bool json_;
  bool quiet_;
  int write_error_ = 0;  ///< errno of the first failure to print
  DiagnosticStyle style_;
  std::set<std::string> told_;
  std::size_t warnings_ = 0;           ///< printed
  std::size_t warnings_left_out_ = 0;  ///< beyond the most that are wanted
};

/// Any JSON object on a line of its own. Strings that are not UTF-8 are repaired, and what a terminal would obey
/// is escaped.
std::string json_text(const Json& object);
void print_json(const Json& object);

/// Writes a message to standard error, as it is; all messages go through here. What standard error does not take
/// is lost: there is nowhere left to say so.
void tell(std::string_view text);

/// Measures wall clock time.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// High-water mark of the memory of this process.
std::int64_t peak_memory_bytes();
/// "12.3 MB"
std::string memory_text(std::int64_t bytes);
/// "0.012 s", "3 min 20 s"
std::string duration_text(double seconds);
/// "compile 0.012 s, evaluate 1.2 s", from a JSON object of seconds.
std::string durations_text(const Json& seconds);

/// What JSON has for a number: null for NaN and infinity.
Json finite_or_null(double value);

}  // namespace ntkc::cli
