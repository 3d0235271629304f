// Commands from a file.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "apps/ctl/handlers.h"
#include "apps/ctl/script.h"
#include "tests/unit/control/harness.h"

using Words = std::vector<std::string>;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome run_lines(const std::string& lines, std::vector<std::string> args = {}) {
  const harness::Folder folder;
  std::ofstream(folder.file("commands")) << lines;
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  args.insert(args.end(), {"-f", folder.file("commands")});
  const int status = ctl::run(args, terminal);
  std::string said = err.str();
  for (std::size_t at; (at = said.find(folder.file(""))) != std::string::npos;)
    said.erase(at, folder.file("").size());
  return {status, out.str(), said};
}

}  // namespace

TEST_CASE("A line is split as a shell would split it") {
  CHECK(*ctl::split_line("") == Words{});
  CHECK(*ctl::split_line("  # nothing") == Words{});
  CHECK(*ctl::split_line("\tshow  ipsec sa\r") == Words{"show", "ipsec", "sa"});
  CHECK(*ctl::split_line("status # now") == Words{"status"});
  CHECK(*ctl::split_line("a#b \\#c '#d'") == Words{"a#b", "#c", "#d"});
  CHECK(*ctl::split_line("string 'a b\\' \"c \\\"d\" e\\ f ''") ==
        Words{"string", "a b\\", "c \"d", "e f", ""});
  CHECK(*ctl::split_line("10.0.0.1 - 10.0.0.9") == Words{"10.0.0.1", "-", "10.0.0.9"});
  CHECK(ctl::split_line("psk 'open").error().reason == "a closing ' is missing");
  CHECK(ctl::split_line("psk \"open").error().reason == "a closing \" is missing");
  CHECK(ctl::split_line("end\\").error().reason == "nothing stands behind the last \\");
}

TEST_CASE("A file of commands runs line by line") {
  const Outcome o = run_lines("# two of them\nikectl help shutdown\n\nhelp 'status'\n");
  CHECK(o.status == 0);
  CHECK(o.err.empty());
  CHECK(o.out.find("ikectl shutdown\n") == 0);
  CHECK(o.out.find("ikectl status\n") != std::string::npos);
}

TEST_CASE("A file of commands stops at the first that fails, with its line and its exit status") {
  const Outcome refused = run_lines("help status\n-s /nonexistent/s status\nhelp shutdown\n");
  CHECK(refused.status == 3);
  CHECK(refused.err.find("ikectl: commands:2: no daemon answers at /nonexistent/s") == 0);
  CHECK(refused.out.find("shutdown") == std::string::npos);
  const Outcome usage = run_lines("\nnonsense\n", {"--json"});
  CHECK(usage.status == 2);
  CHECK(usage.err.find("ikectl: commands:2: unknown command 'nonsense'") == 0);
  CHECK(nlohmann::json::parse(usage.out)["error"]["code"] == "usage");
  CHECK(run_lines("help 'status\n").err == "ikectl: commands:1: a closing ' is missing\n");
  CHECK(run_lines("-f other\n").status == 2);
}

TEST_CASE("The options in front of -f hold for every line") {
  const Outcome o = run_lines("version\nstatus\n", {"-s", "/nonexistent/a", "--json"});
  CHECK(o.status == 3);
  CHECK(o.out.find("{\"ikectl\":") == 0);
  CHECK(o.err.find("commands:2: no daemon answers at /nonexistent/a") != std::string::npos);
}

TEST_CASE("A file of commands that cannot be read is refused with its name") {
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  CHECK(ctl::run({"-f", "/nonexistent/commands"}, terminal) == 1);
  CHECK(err.str() == "ikectl: cannot read /nonexistent/commands: No such file or directory\n");
}

TEST_CASE("A warning that many lines of a file deserve is printed once, and counted") {
  const harness::Folder folder;
  const harness::Running server(harness::options_at(folder.file("s")),
                                [](const auto& request, const auto& responder) {
                                  nlohmann::json warnings = nlohmann::json::array({"no replay protection"});
                                  if (request.args.value("id", 0) == 2) warnings.push_back("it is weak");
                                  responder->finish(control::succeeded({{"warnings", warnings}}));
                                });
  std::string lines;
  for (int id = 1; id <= 3; ++id)
    lines += "ipsec sa add " + std::to_string(id) + " spi 1000 esp crypto-alg aes-cbc-128 crypto-key 00\n";
  const Outcome o = run_lines(lines, {"-s", folder.file("s")});
  CHECK(o.status == 0);
  CHECK(o.err ==
        "ikectl: commands:1: warning: no replay protection\n"
        "ikectl: commands:2: warning: it is weak\n"
        "ikectl: commands: the same warning for 2 more lines: no replay protection\n");
}
