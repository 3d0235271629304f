// ikectl: the command-line client of ikev2d.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "apps/ctl/handlers.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  ctl::Terminal terminal{std::cout, std::cerr};
  terminal.colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  terminal.interactive = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
  const int status = ctl::run(args, terminal);
  std::cout.flush();
  if (std::cout) return status;
  std::cerr << "ikectl: cannot write to standard output\n";
  return status == ctl::kDone ? ctl::kRefused : status;
}
