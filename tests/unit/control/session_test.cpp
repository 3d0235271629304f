#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "control/client.h"
#include "control/server.h"
#include "tests/unit/control/harness.h"

using control::Request;
using control::Responder;
using harness::Folder;
using harness::options_at;
using harness::Running;
using nlohmann::json;

namespace {

void echo_command(Request request, std::shared_ptr<Responder> responder) {
  if (request.command == "no") return responder->finish(control::failed("refused", "no"));
  responder->finish(control::succeeded({{"command", request.command}}));
}

}  // namespace

TEST_CASE("Requests of one session need one connection, also behind one that is refused") {
  const Folder folder;
  control::ServerOptions options = options_at(folder.file("s"));
  options.max_clients = 1;
  options.silence = std::chrono::hours(1);  // a second connection would wait in vain
  Running server(options, echo_command);
  control::Session session;
  for (const char* command : {"a", "no", "b", "c"}) {
    const auto answer = session.call(folder.file("s"), {command, json::object(), false}, 10);
    REQUIRE_FALSE(answer.has_error());
    CHECK(answer->ok == (command != std::string("no")));
    if (answer->ok) CHECK(answer->result.at("command") == command);
  }
}

TEST_CASE("A session whose daemon was started anew connects again") {
  const Folder folder;
  control::Session session;
  for (int run = 0; run < 3; ++run) {
    Running server(options_at(folder.file("s")), echo_command);
    for (int i = 0; i < 2; ++i) CHECK(session.call(folder.file("s"), {"a", json::object(), false}, 10)->ok);
  }
  const auto gone = session.call(folder.file("s"), {"a", json::object(), false}, 1);
  REQUIRE(gone.has_error());
  CHECK(gone.error().no_daemon);
}

TEST_CASE("A session that asks another daemon connects to that one") {
  const Folder folder;
  Running one(options_at(folder.file("one")), echo_command),
      other(options_at(folder.file("other")), echo_command);
  control::Session session;
  CHECK(session.call(folder.file("one"), {"a", json::object(), false}, 10)->ok);
  one.run([] {});
  CHECK(session.call(folder.file("other"), {"b", json::object(), false}, 10)->result.at("command") == "b");
}
