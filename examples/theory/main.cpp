// example_theory [--full] [NAME…]: runs the experiments, all of them if none is named, and prints what came
// out.
// --full takes minutes and writes what it found into the pages and figures of examples/theory. Exit code 1: a
// check does not hold.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <ntkc/errors.hpp>
#include <ntkc/execution.hpp>
#include <ntkc/output_file.hpp>
#include <set>
#include <string>

#include "experiment.hpp"

namespace theory {
namespace {

const std::string folder = "examples/theory/";

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw ntkc::InputError(path + " cannot be read: run this in the root of the repository");
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write(const std::string& path, const std::string& text) {
  ntkc::OutputFile file(path);
  file.append(text);
  file.commit();
}

/// Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
void replace_marked(const std::string& path, const std::string& name, const std::string& content) {
  std::string text = read(path);
  const std::string begin = "<!-- " + name + ":begin -->\n";
  const std::size_t from = text.find(begin);
  const std::size_t to = text.find("<!-- " + name + ":end -->");
  if (from == std::string::npos || to == std::string::npos || to < from)
    throw ntkc::InputError(path + " has no markers `" + name + "`");
  text.replace(from + begin.size(), to - from - begin.size(), content);
  write(path, text);
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "an unknown processor";
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + cell + " |";
  return row + "\n";
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
  std::string text = markdown_row(rows.front());
  text += markdown_row(std::vector<std::string>(rows.front().size(), "---"));
  for (std::size_t i = 1; i < rows.size(); ++i) text += markdown_row(rows[i]);
  return text;
}

/// A `|` would end a cell.
std::string cell(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string numbers(const Findings& findings) {
  std::vector<std::vector<std::string>> checks = {{"what must hold", "measured", ""}};
  for (const Check& check : findings.checks)
    checks.push_back({cell(check.claim), cell(check.measured), check.holds ? "holds" : "**fails**"});
  return fmt::format("{:%Y-%m-%d}, {}, {} processors.\n\n{}\n{}", std::chrono::system_clock::now(),
                     processor(), ntkc::available_cpus(), markdown_table(checks),
                     markdown_table(findings.table));
}

bool run(const Experiment& experiment, Size size) {
  const auto start = std::chrono::steady_clock::now();
  const Findings findings = experiment.run(size);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} ({:.1f} s)\n{}\n", experiment.name, seconds, findings.result);
  for (const Check& check : findings.checks)
    fmt::print("  {} {}: {}\n", check.holds ? "holds" : "FAILS", check.claim, check.measured);
  fmt::print("{}\n", markdown_table(findings.table));
  std::fflush(stdout);
  if (size == Size::full) {
    const std::string page = folder + std::string(experiment.name);
    write(page + ".svg", ntkc::plot::render(findings.figure));
    replace_marked(page + ".md", "numbers", numbers(findings));
    replace_marked(folder + "README.md", std::string(experiment.name), findings.result + "\n");
  }
  return std::ranges::all_of(findings.checks, &Check::holds);
}

int run_all(const std::vector<std::string>& arguments) {
  Size size = Size::quick;
  std::set<std::string> names;
  for (const std::string& argument : arguments) {
    if (argument == "--full") {
      size = Size::full;
    } else {
      names.insert(argument);
    }
  }
  bool all_hold = true;
  const bool every = names.empty();
  for (const Experiment& experiment : experiments()) {
    if (every || names.erase(std::string(experiment.name)) > 0) all_hold = run(experiment, size) && all_hold;
  }
  if (names.empty()) return all_hold ? 0 : 1;
  fmt::print(stderr, "no experiment `{}`; there are:\n", *names.begin());
  for (const Experiment& experiment : experiments()) fmt::print(stderr, "  {}\n", experiment.name);
  return 2;
}

}  // namespace
}  // namespace theory

int main(int count, char** arguments) {
  try {
    return theory::run_all({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "example_theory: {}\n", error.what());
    return 2;
  }
}
