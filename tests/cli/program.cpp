#include "tests/cli/program.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/data/support.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared by the program

namespace ntkc::tests {

namespace {

pid_t start(const std::vector<std::string>& command, int in, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t process = 0;
  const int error = posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command.front());
  return process;
}

int open_or_throw(const std::string& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::runtime_error("cannot open " + path);
  return descriptor;
}

}  // namespace

int wait_for(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) throw std::runtime_error("waitpid failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result run_program(const std::vector<std::string>& command, const std::string& standard_input) {
  const TemporaryDirectory directory;
  const int in = open_or_throw(directory.write("in", standard_input), O_RDONLY);
  const int out = open_or_throw(directory.path("out"), O_WRONLY | O_CREAT);
  const int err = open_or_throw(directory.path("err"), O_WRONLY | O_CREAT);
  Result result;
  result.exit = wait_for(start(command, in, out, err));
  for (const int descriptor : {in, out, err}) close(descriptor);
  result.out = read_file(directory.path("out"));
  result.err = read_file(directory.path("err"));
  return result;
}

Result run_ntkc(const std::vector<std::string>& arguments, const std::string& standard_input) {
  std::vector<std::string> command = {NTKC_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, standard_input);
}

pid_t start_ntkc(const std::vector<std::string>& arguments, int standard_output, int standard_error) {
  std::vector<std::string> command = {NTKC_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const int in = open_or_throw("/dev/null", O_RDONLY);
  const pid_t process = start(command, in, standard_output, standard_error);
  close(in);
  return process;
}

nlohmann::json json_of(const Result& result) {
  INFO(result.out);
  INFO(result.err);
  const nlohmann::json object = nlohmann::json::parse(result.out, nullptr, false);
  REQUIRE(object.is_object());
  CHECK(object.value("schema", 0) == 1);
  return object;
}

}  // namespace ntkc::tests
