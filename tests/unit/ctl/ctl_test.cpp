// ikectl as a whole, in process, against a small server.
#include <catch2/catch_test_macros.hpp>
#include <cstring>
#include <sstream>

#include "apps/ctl/arguments.h"
#include "apps/ctl/completion.h"
#include "apps/ctl/handlers.h"
#include "control/manual_model.h"
#include "tests/unit/control/fake_list.h"
#include "tests/unit/control/harness.h"
#include "tests/unit/control/sample.h"
#include "tests/unit/control/schema.h"

using control::Request;
using control::Responder;
using nlohmann::json;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome ikectl(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  const int status = ctl::run(args, terminal);
  return {status, out.str(), err.str()};
}

// Answers as the daemon does: one profile pr1, which is up or comes up.
void fake_daemon(Request request, std::shared_ptr<Responder> responder) {
  control::StatusView view = request.secrets ? sample::full() : sample::status();
  if (request.command == "list") return sample::fake_list(request, view, {}, responder);
  if (request.command == "version") return responder->finish(control::succeeded({{"version", "0.1.0"}}));
  if (request.command == "shutdown") return responder->finish(control::succeeded());
  if (request.args.value("profile", "") != "pr1")
    return responder->finish(control::failed("not-found", "no profile\nhas this name"));
  responder->step("IKE_SA_INIT sent to 192.168.100.2:500");
  if (request.args.value("child", "net") != "net")
    return responder->finish(control::failed("not-found", "pr1 has no child of this name"));
  if (!request.args["timeout_s"].is_number_integer())
    return responder->finish(control::failed("usage", "no timeout"));
  if (request.command == "terminate") return responder->finish(control::succeeded());
  responder->finish(control::succeeded(control::to_json(view.ike_sas[0])));
}

struct Daemon {
  harness::Folder folder;
  std::string socket = folder.file("s");
  harness::Running server{harness::options_at(socket), fake_daemon};

  Outcome operator()(std::vector<std::string> args) const {
    args.insert(args.begin(), {"-s", socket});
    return ikectl(args);
  }
};

// A man page without the escapes of its hyphens and fonts.
std::string plain_man(const std::string& page) {
  std::string man = schema::repository_file("docs/man/" + page);
  for (const char* escape : {"\\-", "\\fR", "\\fB", "\\fI"})
    for (std::size_t at; (at = man.find(escape)) != std::string::npos;)
      man.replace(at, std::strlen(escape), escape[1] == '-' ? "-" : "");
  return man;
}

// What stands below ".SS title", up to the next heading.
std::string man_section(const std::string& man, const std::string& title) {
  const std::size_t at = man.find("\n.SS " + title + "\n");
  if (at == std::string::npos) return "";
  return man.substr(at, man.find("\n.S", at + 1) - at);
}

bool one_line(const std::string& text) { return text.find('\n') == text.size() - 1; }

}  // namespace

TEST_CASE("Command lines are understood") {
  struct Case {
    std::vector<std::string> args;
    const char* command;
    std::vector<std::string> words;
  };
  for (const Case& c : std::initializer_list<Case>{
           {{"status"}, "status", {}},
           {{"initiate", "pr1"}, "initiate", {"pr1"}},
           {{"ikev2", "initiate", "sa-init", "pr1"}, "ikev2 initiate sa-init", {"pr1"}},
           {{"ikev2", "initiate", "del-sa", "1f"}, "ikev2 initiate del-sa", {"1f"}},
           {{"show", "ikev2", "sa", "rspi", "1f", "details"}, "show ikev2 sa", {"rspi", "1f", "details"}},
           {{"show", "ipsec", "sa", "detail"}, "show ipsec sa", {"detail"}},
           {{"show", "ipsec"}, "show ipsec", {}},
           {{"initiate", "--", "--child"}, "initiate", {"--child"}},
           {{"eroute", "--add", "--eraf", "inet"}, "eroute", {"--add", "--eraf", "inet"}},
           {{"initiate", "pr1", "--help"}, "help", {"initiate", "pr1"}},
           {{"spi", "--del", "--said", "esp0x1f@1.2.3.4"}, "spi", {"--del", "--said", "esp0x1f@1.2.3.4"}},
           {{"--version"}, "version", {"local"}}}) {
    const auto parsed = ctl::parse_arguments(c.args);
    INFO(c.command);
    REQUIRE(parsed.has_value());
    CHECK(parsed->command->name == c.command);
    CHECK(parsed->words == c.words);
  }
}

TEST_CASE("Options stand before or after the command") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"-s", "/x", "--json", "--secrets", "initiate", "pr1", "--child", "net",
                                 "--timeout", "2m"},
        {"initiate", "--child=net", "--timeout=120", "pr1", "--json", "--secrets", "--socket", "/x"},
        {"--socket=/x", "initiate", "--secrets", "pr1", "--timeout", "120s", "--json", "--child", "net"}}) {
    const auto parsed = ctl::parse_arguments(args);
    REQUIRE(parsed.has_value());
    CHECK(parsed->socket == "/x");
    CHECK(parsed->json);
    CHECK(parsed->secrets);
    CHECK(parsed->child == "net");
    CHECK(parsed->timeout_s == 120);
    CHECK(parsed->words == std::vector<std::string>{"pr1"});
  }
  const auto plain = ctl::parse_arguments({"initiate", "pr1"});
  CHECK(plain->socket == "/run/ikev2d.sock");
  CHECK(plain->timeout_s == 30);
  CHECK_FALSE(plain->json);
}

TEST_CASE("Command lines that make no sense exit with 2 before any daemon is asked") {
  for (const std::vector<std::string>& args :
       std::initializer_list<std::vector<std::string>>{{},
                                                       {"nonsense"},
                                                       {"--nonsense", "status"},
                                                       {"status", "--nonsense"},
                                                       {"status", "now"},
                                                       {"status", "--child", "x"},
                                                       {"show"},
                                                       {"show", "ikev2"},
                                                       {"-s"},
                                                       {"-f"},
                                                       {"-f", "x", "status"},
                                                       {"initiate", "a", "--timeout="},
                                                       {"reauth", "a", "--child", "x"},
                                                       {"status", "--socket"},
                                                       {"initiate"},
                                                       {"initiate", ""},
                                                       {"initiate", "a", "b"},
                                                       {"initiate", "a", "--child"},
                                                       {"initiate", "a", "--timeout"},
                                                       {"initiate", "a", "--timeout", "soon"},
                                                       {"initiate", "a", "--timeout", "0"},
                                                       {"initiate", "a", "--timeout", "25h"},
                                                       {"terminate"},
                                                       {"show", "ikev2", "sa", "rspi"},
                                                       {"show", "ikev2", "sa", "rspi", "xyz"},
                                                       {"show", "ikev2", "sa", "everything"},
                                                       {"show", "ipsec", "sa", "-1"},
                                                       {"show", "ipsec", "sa", "1", "2"},
                                                       {"show", "ipsec", "sa", "details"},
                                                       {"show", "error", "7"},
                                                       {"help", "nonsense"},
                                                       {"completion"},
                                                       {"completion", "tcsh"}}) {
    std::string typed;
    for (const std::string& arg : args) typed += arg + " ";
    INFO(typed);
    const Outcome plain = ikectl(args);
    CHECK(plain.status == 2);
    CHECK(plain.out.empty());
    CHECK_FALSE(plain.err.empty());
    if (args.size() == 1 && args[0].size() == 2) continue;  // --json would be its value
    std::vector<std::string> with_json = args;
    with_json.insert(with_json.begin(), "--json");
    const Outcome structured = ikectl(with_json);
    CHECK(structured.status == 2);
    CHECK(json::parse(structured.out)["error"]["code"] == "usage");
    CHECK(schema::check_file(json::parse(structured.out), "docs/schema/error.schema.json").empty());
  }
}

TEST_CASE("Timeouts and SPIs are read strictly") {
  CHECK(ctl::parse_timeout("30s") == 30);
  CHECK(ctl::parse_timeout("90") == 90);
  CHECK(ctl::parse_timeout("24h") == 86400);
  for (const char* wrong : {"", "s", "-1s", "1d", "1.5s", "30 s", "99999999999s", "86401"})
    CHECK_FALSE(ctl::parse_timeout(wrong).has_value());
  CHECK(ctl::parse_spi("0x1F") == 0x1f);
  CHECK(ctl::parse_spi("984e52c554274bc6") == 0x984e52c554274bc6);
  for (const char* wrong : {"", "0x", "g", "1 ", "984e52c554274bc61"})
    CHECK_FALSE(ctl::parse_spi(wrong).has_value());
}

TEST_CASE("Without a daemon every command that needs one exits with 3") {
  for (const std::vector<std::string>& args :
       std::initializer_list<std::vector<std::string>>{{"status"},
                                                       {"initiate", "pr1"},
                                                       {"terminate", "pr1"},
                                                       {"show", "ikev2", "sa"},
                                                       {"show", "ipsec", "sa"},
                                                       {"show", "error"},
                                                       {"shutdown"}}) {
    std::vector<std::string> all = {"-s", "/nonexistent/socket", "--json"};
    all.insert(all.end(), args.begin(), args.end());
    const Outcome o = ikectl(all);
    CHECK(o.status == 3);
    CHECK(one_line(o.err));
    CHECK(json::parse(o.out)["error"]["code"] == "no-daemon");
    CHECK(schema::check_file(json::parse(o.out), "docs/schema/error.schema.json").empty());
  }
}

TEST_CASE("No command of the table is only planned") {
  CHECK(ctl::commands().size() > 40);
  for (const ctl::Command& command : ctl::commands()) {
    INFO(command.name);
    CHECK(command.run != nullptr);
  }
}

TEST_CASE("initiate shows the steps and what is up, and its twin does the same") {
  const Daemon daemon;
  const Outcome o = daemon({"initiate", "pr1"});
  CHECK(o.status == 0);
  CHECK(o.err.empty());
  CHECK(o.out ==
        "IKE_SA_INIT sent to 192.168.100.2:500\n"
        "pr1 is established: 192.168.100.3 to 192.168.100.2\n"
        "  net is installed: spi in c0b24047 out 63199535\n");
  CHECK(daemon({"ikev2", "initiate", "sa-init", "pr1"}).out == o.out);
}

TEST_CASE("initiate --json prints the IKE SA object of status and no steps") {
  const Daemon daemon;
  const Outcome o = daemon({"initiate", "pr1", "--json"});
  CHECK(o.status == 0);
  CHECK(json::parse(o.out) == json::parse(sample::kInterface)["ike_sas"][0]);
}

TEST_CASE("A refusal is one line on standard error, and JSON with --json") {
  const Daemon daemon;
  for (const char* command : {"initiate", "terminate"}) {
    const Outcome plain = daemon({command, "nobody"});
    CHECK(plain.status == 1);
    CHECK(plain.out.empty());
    CHECK(plain.err == "ikectl: no profile\\x0ahas this name\n");
    const Outcome structured = daemon({command, "pr1", "--child", "none", "--json"});
    CHECK(structured.status == 1);
    CHECK(json::parse(structured.out) ==
          json{{"error", {{"code", "not-found"}, {"reason", "pr1 has no child of this name"}}}});
    CHECK(one_line(structured.err));
  }
}

TEST_CASE("terminate and shutdown end with 0") {
  const Daemon daemon;
  CHECK(daemon({"terminate", "pr1", "--child", "net"}).status == 0);
  CHECK(daemon({"shutdown"}).status == 0);
  CHECK(daemon({"shutdown", "--json"}).out == "{}\n");
}

TEST_CASE("status prints the table, and with --json the model") {
  const Daemon daemon;
  CHECK(daemon({"status"}).out.find("pr1      none     up      192.168.100.2") != std::string::npos);
  CHECK(json::parse(daemon({"--json", "status"}).out) == json::parse(sample::kInterface));
  CHECK(json::parse(daemon({"status", "--json"}).out) == json::parse(sample::kInterface));
}

TEST_CASE("show ikev2 sa prints VPP's listing or JSON") {
  const Daemon daemon;
  CHECK(daemon({"show", "ikev2", "sa"}).out ==
        "iip 192.168.100.3 ispi f40329997e6563dd rip 192.168.100.2 rspi 984e52c554274bc6\n");
  CHECK(daemon({"show", "ikev2", "sa", "details"}).out.find(" SK_d    [redacted]\n") != std::string::npos);
  CHECK(daemon({"show", "ikev2", "sa", "details", "--secrets"}).out.find(" SK_d    d0\n") !=
        std::string::npos);
  CHECK(daemon({"show", "ikev2", "sa", "rspi", "984e52c554274bc6"}).out.find("child sa 0:") !=
        std::string::npos);
  const Outcome none = daemon({"show", "ikev2", "sa", "rspi", "1f"});
  CHECK(none.status == 1);
  CHECK(none.err == "ikectl: no IKE SA has the responder SPI 1f\n");
  CHECK(json::parse(daemon({"--json", "show", "ikev2", "sa"}).out) ==
        json{{"ike_sas", json::parse(sample::kInterface)["ike_sas"]}});
}

TEST_CASE("show ipsec sa prints VPP's listing or JSON") {
  const Daemon daemon;
  CHECK(daemon({"show", "ipsec", "sa"})
            .out.find("[1] sa 3221225472 (0xc0000000) spi 3232907335 (0xc0b24047)") != std::string::npos);
  CHECK(daemon({"show", "ipsec", "sa", "1"}).out.find("inbound seq 0") != std::string::npos);
  CHECK(daemon({"show", "ipsec", "sa", "1"}).out.find("outbound") == std::string::npos);
  CHECK(daemon({"show", "ipsec", "sa", "16", "--secrets"}).out.find("key 22\n") != std::string::npos);
  const Outcome none = daemon({"show", "ipsec", "sa", "2"});
  CHECK(none.status == 1);
  CHECK(none.err == "ikectl: No such SA index: 2\n");
  const json sas = json::parse(daemon({"--json", "show", "ipsec", "sa"}).out)["sas"];
  REQUIRE(sas.size() == 2);
  CHECK(sas[0]["spi"] == "63199535");
  CHECK(sas[1]["direction"] == "in");
}

TEST_CASE("show error prints the counters") {
  const Daemon daemon;
  CHECK(daemon({"show", "error"}).out == "           Count  Node              Reason\n");
  CHECK(json::parse(daemon({"show", "error", "--json", "--secrets"}).out)["counters"]["in-integrity"] == 3);
}

TEST_CASE("version tells both versions, with and without a daemon") {
  const Daemon daemon;
  CHECK(daemon({"version"}).out == "ikectl " IKEV2D_VERSION "\nikev2d 0.1.0\n");
  CHECK(ikectl({"--version"}).out == "ikectl " IKEV2D_VERSION "\n");
  const Outcome alone = ikectl({"-s", "/nonexistent/s", "version"});
  CHECK(alone.status == 0);
  CHECK(alone.out == "ikectl " IKEV2D_VERSION "\nikev2d does not answer at /nonexistent/s\n");
}

TEST_CASE("Every command is described in the section of the man page that its group names") {
  for (const ctl::CommandGroup& group : ctl::command_groups()) {
    const std::string man = plain_man(std::string(group.page));
    const std::string missing = man_section(man, "Not available in this version");
    const std::string section = man_section(man, std::string(group.title));
    for (const ctl::Command& command : group.commands) {
      INFO(command.name << " in " << group.page << ", " << group.title);
      CHECK((command.run != nullptr ? section : missing).find(std::string(command.name)) !=
            std::string::npos);
      if (command.run == nullptr) continue;
      for (const ctl::OptionSpec& option : ctl::options_of(command)) {
        INFO(option.name);
        CHECK(section.find(std::string(option.name)) != std::string::npos);
      }
    }
  }
}

TEST_CASE("Help and completion know every command") {
  const std::string help = ikectl({"help"}).out;
  const ctl::NameSource nobody{[] { return std::vector<std::string>(); },
                               [](const std::string&) { return std::vector<std::string>(); }};
  for (const ctl::Command& command : ctl::commands()) {
    INFO(command.name);
    CHECK(help.find("  " + std::string(command.name)) != std::string::npos);
    std::istringstream words{std::string(command.name)};
    std::vector<std::string> typed;
    for (std::string word; words >> word;) {
      const auto next = ctl::next_words(typed, nobody);
      CHECK(std::find(next.begin(), next.end(), word) != next.end());
      typed.push_back(word);
    }
    CHECK(ikectl({"help", std::string(command.name)}).status == 0);
  }
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 82);  // "…" has three octets
  CHECK(ikectl({"initiate", "pr1", "--help"}).out.find("ikectl initiate PROFILE") == 0);
}

TEST_CASE("Help and completion are JSON where that is asked for") {
  const auto shown = [](const std::vector<std::string>& args, const char* schema) {
    const Outcome o = ikectl(args);
    CHECK(o.status == 0);
    const json object = json::parse(o.out);
    CHECK(schema::check_file(object, schema).empty());
    return object;
  };
  const char* const kHelp = "docs/schema/help.schema.json";
  CHECK(shown({"--json", "help"}, kHelp)["commands"].size() == ctl::commands().size());
  CHECK(shown({"help", "ikev2", "--json"}, kHelp)["commands"].size() > 3);
  for (const std::vector<std::string>& one :
       {std::vector<std::string>{"--json", "help", "spi"}, {"--json", "spi", "--help"}}) {
    const json commands = shown(one, kHelp)["commands"];
    REQUIRE(commands.size() == 1);
    CHECK(commands[0]["usage"].get<std::string>().starts_with("ikectl spi "));
  }
  CHECK(ikectl({"--json", "help", "nonsense"}).status == ctl::kUsage);
  CHECK(shown({"--json", "completion", "zsh"}, "docs/schema/completion.schema.json")["script"] ==
        ikectl({"completion", "zsh"}).out);
}

TEST_CASE("Completion offers what may follow") {
  const ctl::NameSource profiles{[] {
                                   return std::vector<std::string>{"pr1", "pr2"};
                                 },
                                 [](const std::string& profile) {
                                   return std::vector<std::string>{profile == "pr1" ? "net" : "other"};
                                 }};
  using Words = std::vector<std::string>;
  CHECK(ctl::next_words({"initiate"}, profiles) ==
        Words{"--child", "--json", "--secrets", "--timeout", "pr1", "pr2"});
  CHECK(ctl::next_words({"-s", "/x", "--json", "ikev2", "initiate", "sa-init", "pr1", "--child", "net"},
                        profiles) == Words{"--secrets", "--timeout"});
  CHECK(ctl::next_words({"initiate", "pr1", "--child"}, profiles) == Words{"net"});
  CHECK(ctl::next_words({"initiate", "pr1", "--timeout"}, profiles).empty());
  CHECK(ctl::next_words({"-s"}, profiles) == Words{":file"});
  CHECK(ctl::next_words({"-f"}, profiles) == Words{":file"});
  CHECK(ctl::next_words({"pki", "show"}, profiles) == Words{"--json", "--secrets", ":file"});
  CHECK(ctl::next_words({"pki", "key", "--out"}, profiles) == Words{":file"});
  CHECK(ctl::next_words({"show", "ipsec", "sa"}, profiles) == Words{"--json", "--secrets", "detail"});
  CHECK(ctl::next_words({"completion"}, profiles) == Words{"--json", "--secrets", "bash", "fish", "zsh"});
  const Daemon daemon;
  CHECK(ikectl({"completion", "next", "--", "-s", daemon.socket, "terminate"}).out.find("pr1\n") !=
        std::string::npos);
  for (const char* shell : {"bash", "zsh", "fish"})
    CHECK(ikectl({"completion", shell}).out.find("ikectl") != std::string::npos);
}
