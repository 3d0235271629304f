#include "control/protocol.h"

#include <catch2/catch_test_macros.hpp>

using control::parse_reply;
using control::parse_request;
using nlohmann::json;

TEST_CASE("A request survives the wire") {
  const std::string line = control::write(control::Request{"initiate", {{"profile", "pr1"}}, true});
  CHECK(line.back() == '\n');
  CHECK(line.find('\n') == line.size() - 1);
  const auto back = parse_request(line);
  REQUIRE(back.has_value());
  CHECK(back->command == "initiate");
  CHECK(back->args == json{{"profile", "pr1"}});
  CHECK(back->secrets);
}

TEST_CASE("Arguments and secrets may be left out of a request") {
  const auto request = parse_request(R"({"v": 1, "command": "status"})");
  REQUIRE(request.has_value());
  CHECK(request->args == json::object());
  CHECK_FALSE(request->secrets);
}

TEST_CASE("A request that is not one is refused with what is wrong") {
  struct Case {
    const char *line, *reason;
  };
  for (const Case& c : {Case{"", "no JSON"},
                        {"{", "no JSON"},
                        {"{} {}", "no JSON"},
                        {"\xff", "no JSON"},
                        {"[]", "no JSON object"},
                        {"\"x\"", "no JSON object"},
                        {"{}", "no version"},
                        {R"({"v": "1", "command": "x"})", "no version"},
                        {R"({"v": 1.0, "command": "x"})", "no version"},
                        {R"({"v": 2, "command": "x"})", "version 2"},
                        {R"({"v": 1})", "no \"command\""},
                        {R"({"v": 1, "command": ""})", "no \"command\""},
                        {R"({"v": 1, "command": 5})", "no \"command\""},
                        {R"({"v": 1, "command": "x", "args": []})", "\"args\" is no object"},
                        {R"({"v": 1, "command": "x", "secrets": 1})", "\"secrets\" is neither"}}) {
    INFO(c.line);
    const auto request = parse_request(c.line);
    REQUIRE(request.has_error());
    CHECK(request.error().family == base::ErrorFamily::malformed);
    CHECK(request.error().reason.find(c.reason) != std::string::npos);
  }
}

TEST_CASE("A request of half a million brackets is refused") {
  const std::string deep(500'000, '[');
  const auto request = parse_request(R"({"v": 1, "command": "x", "args": {"a": )" + deep);
  REQUIRE(request.has_error());
  const std::string balanced = deep.substr(0, 100) + std::string(100, ']');
  const auto nested = parse_request(R"({"v": 1, "command": "x", "args": {"a": )" + balanced + "}}");
  REQUIRE(nested.has_error());
  CHECK(nested.error().reason == "the JSON is nested too deeply");
}

TEST_CASE("Steps, events, parts and answers survive the wire") {
  auto reply = parse_reply(control::write_step("IKE_SA_INIT sent\nto 192.0.2.2"));
  REQUIRE(reply.has_value());
  CHECK_FALSE(reply->answer);
  CHECK(reply->step == "IKE_SA_INIT sent\nto 192.0.2.2");
  reply = parse_reply(control::write_event({{"event", "child-up"}}));
  REQUIRE(reply.has_value());
  CHECK(reply->event == json{{"event", "child-up"}});
  reply = parse_reply(control::write_part({{"sas", json::array({1})}}));
  REQUIRE(reply.has_value());
  CHECK_FALSE((reply->answer || reply->step || reply->event));
  CHECK(reply->part == json{{"sas", {1}}});
  reply = parse_reply(control::write(control::succeeded({{"a", 1}})));
  REQUIRE((reply.has_value() && reply->answer));
  CHECK(reply->answer->ok);
  CHECK(reply->answer->result == json{{"a", 1}});
  reply = parse_reply(control::write(control::succeeded_with(R"({"a":1})")));  // written already
  REQUIRE((reply.has_value() && reply->answer));
  CHECK(reply->answer->ok);
  CHECK(reply->answer->result == json{{"a", 1}});
  reply = parse_reply(control::write(control::failed("not-found", "no profile x")));
  REQUIRE((reply.has_value() && reply->answer));
  CHECK_FALSE(reply->answer->ok);
  CHECK(reply->answer->error.code == "not-found");
  CHECK(reply->answer->error.reason == "no profile x");
}

TEST_CASE("A reply that is none of them is refused") {
  for (const char* line : {"", "{}", "[1]", R"({"step": 1})", R"({"event": "x"})", R"({"part": [1]})",
                           R"({"ok": 1})", R"({"ok": false})", R"({"ok": false, "error": "x"})"}) {
    INFO(line);
    CHECK(parse_reply(line).has_error());
  }
}

TEST_CASE("Octets that are not UTF-8 do not stop an answer") {
  const auto reply = parse_reply(control::write_step("id \xff\xfe."));
  REQUIRE(reply.has_value());
  CHECK(reply->step == "id \xef\xbf\xbd\xef\xbf\xbd.");
}
