// The prompt: what the Tab key does, and a person at a terminal.
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include "apps/ctl/handlers.h"
#include "apps/ctl/prompt.h"
#include "tests/unit/control/harness.h"

using Words = std::vector<std::string>;

namespace {

const ctl::NameSource kNames{[] {
                               return Words{"site-a", "site-b"};
                             },
                             [](const std::string&) { return Words{"net"}; }};

// Waits until whoever reads the other end of the terminal takes each key as it is typed, and not whole lines:
// the editor sees to that once its prompt stands, and the kernel tells nobody. False after two seconds.
bool takes_keys_soon(int terminal) {
  for (int tries = 0; tries < 2000; ++tries) {
    termios settings{};
    if (::tcgetattr(terminal, &settings) != 0) return false;
    if ((settings.c_lflag & ICANON) == 0) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

// Types into a terminal whose other end is ikectl's prompt, a line at each prompt that it shows: the terminal
// takes the end of input otherwise while a command runs. A prompt that is drawn again while its line is typed
// is none: no line has ended in front of it. Returns all that it shows until it ends.
std::string typed_into_prompt(const Words& lines, int& status) {
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid < 0) FAIL("there is no pseudo-terminal: " << std::strerror(errno) << " (is /dev/pts mounted?)");
  if (pid == 0) {
    ::setenv("TERM", "vt100", 1);
    ctl::Terminal person{std::cout, std::cerr};
    person.interactive = true;
    const int result = ctl::run({"-s", "/nonexistent/s"}, person);
    std::cout.flush();
    ::_exit(result);
  }
  std::string shown;
  std::size_t typed = 0;  // what was shown when the last line was typed
  auto line = lines.begin();
  pollfd wait{terminal, POLLIN, 0};
  while (::poll(&wait, 1, 20'000) > 0) {
    char chunk[4096];
    const ssize_t octets = ::read(terminal, chunk, sizeof chunk);
    if (octets <= 0) break;  // it has ended
    shown.append(chunk, static_cast<std::size_t>(octets));
    const std::size_t ended = line == lines.begin() ? 0 : shown.find('\n', typed);
    const bool prompts = ended != std::string::npos && shown.find("ikectl> ", ended) != std::string::npos;
    if (line == lines.end() || !prompts) continue;
    REQUIRE(takes_keys_soon(terminal));
    typed = shown.size();
    REQUIRE(::write(terminal, line->data(), line->size()) == static_cast<ssize_t>(line->size()));
    ++line;
  }
  ::close(terminal);
  int raw = 0;
  ::waitpid(pid, &raw, 0);
  status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  return shown;
}

}  // namespace

TEST_CASE("The Tab key completes what can only be one word, and a blank behind it") {
  CHECK(ctl::complete_line("shut", kNames).insert == "down ");
  CHECK(ctl::complete_line("ikectl shut", kNames).insert == "down ");
  CHECK(ctl::complete_line("initiate site-", kNames).insert.empty());
  CHECK(ctl::complete_line("initiate site-", kNames).candidates == Words{"site-a", "site-b"});
  CHECK(ctl::complete_line("initiate s", kNames).insert == "ite-");
  CHECK(ctl::complete_line("initiate site-a --child ", kNames).insert == "net ");
  CHECK(ctl::complete_line("no-such", kNames).candidates.empty());
  CHECK(ctl::complete_line("initiate 'site", kNames).candidates.empty());
}

TEST_CASE("The Tab key completes names of files") {
  const harness::Folder folder;
  std::ofstream(folder.file("certificate.pem")) << "x";
  CHECK(ctl::complete_line("pki show " + folder.file("cert"), kNames).insert == "ificate.pem ");
}

TEST_CASE("A person at a terminal completes and runs commands until exit") {
  int status = -1;
  const std::string shown = typed_into_prompt({"help shutd\t\n", "exit\n"}, status);
  INFO(shown);
  CHECK(status == 0);
  CHECK(shown.find("stop the daemon") != std::string::npos);
}

TEST_CASE("A command that fails does not end the prompt, the end of input does") {
  int status = -1;
  const std::string shown = typed_into_prompt({"status\n", "help version\n", "\x04"}, status);
  INFO(shown);
  CHECK(status == 0);
  CHECK(shown.find("no daemon answers at /nonexistent/s") != std::string::npos);
  CHECK(shown.find("versions of ikectl and of the daemon") != std::string::npos);
}
