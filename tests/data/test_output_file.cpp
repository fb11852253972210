#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include "ntkc/output_file.hpp"
#include "runtime/data/nameless_files.hpp"
#include "tests/data/support.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

using Names = std::vector<std::string>;

/// Rights of an ordinary user within a scope: root may write anywhere.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(geteuid() == 0) {
    constexpr uid_t nobody = 65534;
    if (was_root_) REQUIRE(seteuid(nobody) == 0);
  }
  ~OrdinaryUser() {
    if (was_root_) (void)!seteuid(0);
  }
  OrdinaryUser(const OrdinaryUser&) = delete;
  OrdinaryUser& operator=(const OrdinaryUser&) = delete;

 private:
  bool was_root_;
};

/// File systems without nameless files, within a scope.
class NamedFilesOnly {
 public:
  NamedFilesOnly() { data::use_nameless_files = false; }
  ~NamedFilesOnly() { data::use_nameless_files = true; }
  NamedFilesOnly(const NamedFilesOnly&) = delete;
  NamedFilesOnly& operator=(const NamedFilesOnly&) = delete;
};

/// The disk is "full" after so many bytes of a file.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &saved_);
    const rlimit limit = {bytes, saved_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &saved_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit saved_ = {};
  void (*handler_)(int);
};

void write_all(const std::string& path, std::string_view text) {
  OutputFile out(path);
  out.append(text);
  out.commit();
}

}  // namespace

TEST_CASE("an output file appears complete, at commit and not before") {
  const TemporaryDirectory directory;
  const std::string large(700'000, 'x');
  {
    OutputFile out(directory.path("result"));
    CHECK(out.name() == directory.path("result"));
    out.append("head ");
    out.append(large);
    const double number = 1.5;
    out.append(std::as_bytes(std::span(&number, 1)));
    CHECK(directory.names().empty());
    out.commit();
    CHECK(directory.names() == Names{"result"});
  }
  CHECK(directory.names() == Names{"result"});
  const std::string bytes = read_file(directory.path("result"));
  CHECK(bytes == "head " + large + std::string("\0\0\0\0\0\0\xf8\x3f", 8));
}

TEST_CASE("without commit nothing is left behind and the old file stays") {
  const TemporaryDirectory directory;
  directory.write("result", "old");
  {
    OutputFile out(directory.path("result"));
    out.append(std::string(1'000'000, 'x'));
    CHECK(directory.names() == Names{"result"});
  }
  CHECK(directory.names() == Names{"result"});
  CHECK(read_file(directory.path("result")) == "old");
  write_all(directory.path("result"), "new");
  CHECK(read_file(directory.path("result")) == "new");
}

TEST_CASE(
    "where files cannot be nameless, a hidden name goes when the file has its own, or the object does") {
  const NamedFilesOnly scope;
  const TemporaryDirectory directory;
  directory.write("result", "old");
  {
    OutputFile out(directory.path("result"));
    out.append("text");
    REQUIRE(directory.names().size() == 2);
    CHECK(directory.names()[0].starts_with(".ntkc-"));
  }
  CHECK(directory.names() == Names{"result"});
  CHECK(read_file(directory.path("result")) == "old");
  write_all(directory.path("result"), "new");
  write_all(directory.path("fresh"), "new");
  CHECK(directory.names() == Names{"fresh", "result"});
  CHECK(read_file(directory.path("result")) == "new");
}

TEST_CASE("root keeps the owner of a file that it replaces") {
  if (geteuid() != 0) return;
  const TemporaryDirectory directory;
  const std::string path = directory.write("result", "old");
  constexpr uid_t somebody = 65534;
  constexpr gid_t some_group = 54321;
  REQUIRE(chown(path.c_str(), somebody, some_group) == 0);
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  write_all(path, "new");
  struct stat status = {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK(status.st_uid == somebody);
  CHECK(status.st_gid == some_group);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("what replaces a private file can at no time be read by others") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("result", "old");
  REQUIRE(chmod(path.c_str(), 0600) == 0);
  const NamedFilesOnly scope;
  // A umask of 0 shows with which mode it is made.
  const mode_t mask = umask(0);
  const OutputFile out(path);
  umask(mask);
  struct stat status = {};
  REQUIRE(stat(directory.path(directory.names()[0]).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
}

TEST_CASE("a file that is replaced keeps its permissions, a new one follows the umask") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("result", "old");
  REQUIRE(chmod(path.c_str(), 0640) == 0);
  write_all(path, "new");
  struct stat status = {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
  const mode_t mask = umask(027);
  write_all(directory.path("fresh"), "new");
  umask(mask);
  REQUIRE(stat(directory.path("fresh").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0640);
}

TEST_CASE("a file that is replaced keeps its extended attributes") {
  const TemporaryDirectory directory;
  const std::string path = directory.write("result", "old");
  if (setxattr(path.c_str(), "user.origin", "run 7", 5, 0) != 0) {
    MESSAGE("skipped: this file system has no extended attributes");
    return;
  }
  write_all(path, "new");
  char value[16] = {};
  CHECK(getxattr(path.c_str(), "user.origin", value, sizeof value) == 5);
  CHECK(std::string_view(value) == "run 7");
  CHECK(read_file(path) == "new");
}

TEST_CASE("a symbolic link stays, and what it points to is replaced") {
  const TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path("far"));
  directory.write("far/target", "old");
  std::filesystem::create_symlink("far/target", directory.path("link"));
  std::filesystem::create_symlink("far/later", directory.path("dangling"));
  write_all(directory.path("link"), "new");
  write_all(directory.path("dangling"), "made");
  CHECK(std::filesystem::is_symlink(directory.path("link")));
  CHECK(read_file(directory.path("far/target")) == "new");
  CHECK(read_file(directory.path("far/later")) == "made");
  CHECK(directory.names() == Names{"dangling", "far", "link"});
}

TEST_CASE("a relative path without a directory is written in the current one") {
  const TemporaryDirectory directory;
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  const std::string message = error_of([] { write_all("plain", "text"); });
  std::filesystem::current_path(here);
  CHECK(message == "no error");
  CHECK(directory.names() == Names{"plain"});
}

TEST_CASE("what can be known beforehand is said when the file is opened") {
  const TemporaryDirectory directory;
  const auto refusal = [](const std::string& path) { return error_of([&] { const OutputFile out(path); }); };
  const std::string missing = directory.path("none/result");
  CHECK(refusal(missing) ==
        missing + ": cannot write into its directory: No such file or directory; create the directory first");
  CHECK(refusal(directory.path()) == directory.path() + ": cannot write: Is a directory; name a file in it");
  CHECK(refusal(directory.path("new/")) ==
        directory.path("new/") + ": cannot write: Is a directory; name a file in it");
  CHECK(refusal("") == "the name of the output file is empty");
  const std::string below_file = directory.write("file", "") + "/result";
  CHECK(refusal(below_file) == below_file + ": cannot write: Not a directory; create the directory first");
  const std::string long_name = directory.path(std::string(300, 'x'));
  CHECK(refusal(long_name) == long_name + ": cannot write: File name too long; choose another name");
  std::filesystem::create_symlink("loop", directory.path("loop"));
  CHECK(refusal(directory.path("loop")).find("; choose another name") != std::string::npos);
  CHECK(directory.names() == Names{"file", "loop"});
}

TEST_CASE("a directory or a file that may not be written is refused") {
  const TemporaryDirectory directory;
  REQUIRE(chmod(directory.path().c_str(), 0755) == 0);
  std::filesystem::create_directory(directory.path("locked"));
  const std::string kept = directory.write("kept", "old");
  REQUIRE(chmod(kept.c_str(), 0444) == 0);
  REQUIRE(chmod(directory.path("locked").c_str(), 0555) == 0);
  std::string in_locked;
  std::string over_kept;
  {
    const OrdinaryUser user;
    in_locked = error_of([&] { const OutputFile out(directory.path("locked/result")); });
    over_kept = error_of([&] { const OutputFile out(kept); });
  }
  CHECK(in_locked ==
        directory.path("locked/result") +
            ": cannot write into its directory: Permission denied; choose a place you may write to");
  CHECK(over_kept == kept + ": cannot replace: Permission denied; choose a place you may write to");
  CHECK(read_file(kept) == "old");
}

TEST_CASE("a full disk is an error and leaves nothing, whether met while writing or at commit") {
  const TemporaryDirectory directory;
  directory.write("result", "old");
  for (const std::size_t size : {std::size_t{5000}, std::size_t{2'000'000}}) {
    std::string message;
    Names left;
    {
      const FileSizeLimit limit(4096);
      OutputFile out(directory.path("result"));
      message = error_of([&] {
        out.append(std::string(size, 'x'));
        out.commit();
      });
      left = directory.names();  // gone at once, not only when the object is
      CHECK_THROWS_AS(out.append("more"), std::logic_error);
      CHECK_THROWS_AS(out.commit(), std::logic_error);
    }
    CHECK(message ==
          directory.path("result") + ": writing failed: File too large; free space or choose another disk");
    CHECK(left == Names{"result"});
    CHECK(read_file(directory.path("result")) == "old");
  }
}

TEST_CASE("/dev/full is written through and reports that there is no space") {
  OutputFile out("/dev/full");
  out.append("text");
  CHECK(error_of([&] { out.commit(); }) ==
        "/dev/full: writing failed: No space left on device; free space or choose another disk");
  struct stat status = {};
  REQUIRE(stat("/dev/full", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
}

TEST_CASE("/dev/null stays a device") {
  write_all("/dev/null", "text");
  struct stat status = {};
  REQUIRE(stat("/dev/null", &status) == 0);
  CHECK(S_ISCHR(status.st_mode));
}

TEST_CASE("a named pipe is written through") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::string received;
  std::thread reader([&] { received = read_file(path); });
  write_all(path, std::string(300'000, 'x'));
  reader.join();
  CHECK(received == std::string(300'000, 'x'));
  CHECK(directory.names() == Names{"pipe"});
}

TEST_CASE("an open descriptor named by /dev/fd is continued, not overwritten") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("log");
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(write(descriptor, "before ", 7) == 7);
  write_all("/dev/fd/" + std::to_string(descriptor), "after");
  close(descriptor);
  CHECK(read_file(path) == "before after");
  CHECK(directory.names() == Names{"log"});
  CHECK(error_of([&] {
          const OutputFile out("/dev/fd/" + std::to_string(descriptor));
        }).find("cannot write: Bad file descriptor") != std::string::npos);
}

TEST_CASE("- is standard output") {
  const TemporaryDirectory directory;
  const std::string path = directory.path("stdout");
  (void)std::fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  dup2(file, STDOUT_FILENO);
  close(file);
  std::string name;
  {
    OutputFile out("-");
    name = out.name();
    out.append("to the shell\n");
    out.commit();
  }
  write_all("/dev/stdout", "again\n");
  dup2(saved, STDOUT_FILENO);
  close(saved);
  CHECK(name == "standard output");
  CHECK(read_file(path) == "to the shell\nagain\n");
}

TEST_CASE("append and commit after commit are mistakes of the program") {
  const TemporaryDirectory directory;
  OutputFile out(directory.path("result"));
  out.commit();
  CHECK_THROWS_AS(out.commit(), std::logic_error);
  CHECK_THROWS_AS(out.append("x"), std::logic_error);
  CHECK(read_file(directory.path("result")).empty());
}

TEST_CASE("a target that became a directory meanwhile is reported at commit") {
  const TemporaryDirectory directory;
  OutputFile out(directory.path("result"));
  std::filesystem::create_directory(directory.path("result"));
  CHECK(error_of([&] { out.commit(); }) ==
        directory.path("result") + ": cannot take its name: Is a directory; name a file in it");
  CHECK(directory.names() == Names{"result"});
}

TEST_CASE("a handler of a signal removes unfinished files and no others") {
  const NamedFilesOnly scope;
  const TemporaryDirectory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    struct sigaction action = {};
    action.sa_handler = [](int) {
      remove_unfinished_outputs();
      _exit(42);
    };
    sigaction(SIGTERM, &action, nullptr);
    write_all(directory.path("finished"), "text");
    OutputFile first(directory.path("a"));
    OutputFile second(directory.path("b"));
    first.append("text");
    if (directory.names().size() != 3) _exit(1);
    (void)raise(SIGTERM);
    _exit(2);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(directory.names() == Names{"finished"});
}

TEST_CASE("no file takes its name once the process is about to end") {
  const TemporaryDirectory directory;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    remove_unfinished_outputs();
    std::thread writer([&] { write_all(directory.path("late"), "text"); });
    usleep(20'000);
    _exit(directory.names().empty() ? 42 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(directory.names().empty());
}

TEST_CASE("the reader of a pipe that has gone is told apart") {
  int ends[2] = {};
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  close(ends[0]);
  void (*const before)(int) = std::signal(SIGPIPE, SIG_IGN);
  OutputFile out("/dev/fd/" + std::to_string(ends[1]));
  out.append("text");
  CHECK_THROWS_AS(out.commit(), BrokenPipe);
  (void)std::signal(SIGPIPE, before);
  close(ends[1]);
}

TEST_CASE("more open files than the cleanup table holds still work") {
  const NamedFilesOnly scope;
  const TemporaryDirectory directory;
  std::vector<std::unique_ptr<OutputFile>> files;
  for (int i = 0; i < 40; ++i)
    files.push_back(std::make_unique<OutputFile>(directory.path(std::to_string(i))));
  for (auto& file : files) file->commit();
  CHECK(directory.names().size() == 40);
}
