#include "tests/docs/shell.hpp"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/docs/page.hpp"

namespace ntkc::docs {

namespace filesystem = std::filesystem;

Shell::Shell() {
  std::string name = (filesystem::temp_directory_path() / "ntkc-docs-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
  folder_ = name;
  filesystem::create_directories(folder_ + "/work");
  filesystem::create_directories(folder_ + "/programs");
  filesystem::create_symlink(NTKC_SOURCE_DIR "/examples", folder_ + "/work/examples");
  filesystem::create_symlink(NTKC_PROGRAM, folder_ + "/programs/ntkc");
  filesystem::create_symlink(NTKC_EXAMPLE_REGRESSION, folder_ + "/programs/example_regression");
}

Shell::~Shell() {
  std::error_code ignored;
  filesystem::remove_all(folder_, ignored);
}

CommandResult Shell::run(const std::string& command) {
  const std::string script = folder_ + "/script";
  std::ofstream(script) << "cd '" << folder_ << "/work' || exit 125\nPATH='" << folder_
                        << "/programs':$PATH\nexport PATH\n"
                        << "exec 2>&1 </dev/null\n"
                        << command << "\n";
  std::FILE* const pipe = popen(("sh '" + script + "'").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("sh cannot be started");
  std::string output;
  std::string chunk(4096, '\0');
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), pipe))
    output.append(chunk, 0, count);
  const int status = pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, split_lines(output)};
}

}  // namespace ntkc::docs
