// Which characters a source text may hold.
#include <fmt/format.h>

#include "compiler/diagnostics/utf8.hpp"
#include "grammar/lexer.hpp"

namespace ntkc::grammar {
namespace {

enum class Fault : std::uint8_t { none, not_utf8, carriage_return, byte_order_mark, control };

Fault fault_of(const CodePoint& point, std::string_view text, std::size_t offset) {
  if (!point.valid) return Fault::not_utf8;
  if (point.value == '\n') return Fault::none;
  if (point.value == '\r')
    return text.substr(offset).starts_with("\r\n") ? Fault::none : Fault::carriage_return;
  if (point.value == 0xFEFF) return Fault::byte_order_mark;
  return is_control(point.value) ? Fault::control : Fault::none;
}

void report_fault(Fault fault, const CodePoint& point, std::string_view text, SourceRange range,
                  Reporter& reporter) {
  std::string message;
  std::string help = "remove it";
  switch (fault) {
    case Fault::none:
      return;
    case Fault::not_utf8:
      message = fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned char>(text[range.begin]));
      help = "save the file as UTF-8";
      break;
    case Fault::carriage_return:
      message = "carriage return without a line feed";
      help = "end lines with a line feed, or with both";
      break;
    case Fault::byte_order_mark:
      message = "byte order mark (U+FEFF)";
      help = "save the file as UTF-8 without a byte order mark";
      break;
    case Fault::control:
      message = fmt::format("control character U+{:04X}", static_cast<std::uint32_t>(point.value));
      break;
  }
  reporter.report(DiagnosticKind::invalid_character, range, std::move(message), std::move(help));
}

}  // namespace

bool check_characters(std::string_view text, Reporter& reporter) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    reporter.report(DiagnosticKind::invalid_character, reporter.range(0, 2), "the text is UTF-16, not UTF-8",
                    "save the file as UTF-8");
    return false;
  }
  bool clean = true;
  Fault previous = Fault::none;
  SourceRange run;
  CodePoint run_point;
  for (std::size_t i = 0; i < text.size() && !reporter.full();) {
    const CodePoint point = decode_utf8(text, i);
    const Fault fault = fault_of(point, text, i);
    // A run of bad bytes is one mistake.
    if (fault != previous) {
      report_fault(previous, run_point, text, run, reporter);
      run = reporter.range(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(i));
      run_point = point;
      previous = fault;
    }
    clean = clean && fault == Fault::none;
    i += point.bytes;
    run.end = static_cast<std::uint32_t>(i);
  }
  report_fault(previous, run_point, text, run, reporter);
  return clean;
}

}  // namespace ntkc::grammar
