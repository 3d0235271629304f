#include "control/server.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <grp.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <fstream>
#include <map>

#include "control/client.h"
#include "tests/unit/control/harness.h"

using control::Request;
using control::Responder;
using harness::Client;
using harness::Folder;
using harness::options_at;
using harness::Running;
using nlohmann::json;

namespace {

const std::string kStatus = control::write(Request{"status", json::object(), false});

void echo(Request request, std::shared_ptr<Responder> responder) {
  responder->step("one");
  responder->step("two");
  responder->finish(control::succeeded({{"command", request.command}, {"args", request.args}}));
}

std::string code_of(const std::string& line) {
  const auto reply = control::parse_reply(line);
  if (reply.has_error() || !reply->answer || reply->answer->ok) return "no failure: " + line;
  return reply->answer->error.code;
}

// Runs `child` in a process of user and group nobody; its return value is the exit status.
int as_nobody(const std::function<int()>& child) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    ::_exit(child());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

// Sends `line` as often as that, each when the one before is on its way, then the answer.
void pump(const std::shared_ptr<Responder>& responder, const std::string& line, int times) {
  if (times == 0) return responder->finish(control::succeeded());
  responder->send(line);
  responder->when_sent([=] { pump(responder, line, times - 1); });
}

}  // namespace

TEST_CASE("A request is answered, its steps first") {
  const Folder folder;
  Running server(options_at(folder.file("s")), echo);
  std::vector<std::string> steps;
  const auto answer = control::call(folder.file("s"), {"initiate", {{"profile", "pr1"}}, false}, 10,
                                    {[&](const std::string& step) { steps.push_back(step); }, {}, {}});
  REQUIRE(answer.has_value());
  CHECK(answer->ok);
  CHECK(answer->result == json{{"command", "initiate"}, {"args", {{"profile", "pr1"}}}});
  CHECK(steps == std::vector<std::string>{"one", "two"});
}

TEST_CASE("Requests sent at once on one connection are answered in order, also after end of input") {
  const Folder folder;
  Running server(options_at(folder.file("s")), [](Request request, std::shared_ptr<Responder> responder) {
    responder->finish(control::succeeded(request.args));
  });
  Client client(folder.file("s"));
  std::string all;
  for (int i = 0; i < 100; ++i) all += control::write(Request{"x", {{"i", i}}, false});
  REQUIRE(client.send(all));
  client.end_of_input();
  for (int i = 0; i < 100; ++i) CHECK(json::parse(client.line())["result"]["i"] == i);
  CHECK(client.line().empty());
}

TEST_CASE("A request may be answered later, and a dropped one is answered with a failure") {
  const Folder folder;
  std::shared_ptr<Responder> kept;
  std::promise<void> arrived;
  Running server(options_at(folder.file("s")), [&](Request request, std::shared_ptr<Responder> responder) {
    if (request.command != "later") return;
    kept = std::move(responder);
    arrived.set_value();
  });
  Client client(folder.file("s"));
  client.send(control::write(Request{"later", json::object(), false}));
  arrived.get_future().wait();
  server.run([&] { kept->finish(control::succeeded({{"late", true}})); });
  CHECK(json::parse(client.line())["result"]["late"] == true);
  client.send(control::write(Request{"dropped", json::object(), false}));
  CHECK(code_of(client.line()) == "failed");
  server.run([&] { kept.reset(); });
}

TEST_CASE("Answers to a client that vanished do nothing") {
  const Folder folder;
  std::shared_ptr<Responder> kept;
  std::promise<void> arrived;
  Running server(options_at(folder.file("s")), [&](Request request, std::shared_ptr<Responder> responder) {
    if (request.command == "status") return responder->finish(control::succeeded());
    kept = std::move(responder);
    arrived.set_value();
  });
  {
    Client client(folder.file("s"));
    client.send(control::write(Request{"later", json::object(), false}));
    arrived.get_future().wait();
  }
  server.run([&] {
    for (int i = 0; i < 10; ++i) kept->step("still there?");
    kept->finish(control::succeeded());
    kept.reset();
  });
  CHECK(control::call(folder.file("s"), {"status", json::object(), false}, 10)->ok);
}

TEST_CASE("What a handler throws is a failed answer") {
  const Folder folder;
  Running server(options_at(folder.file("s")), [](Request request, std::shared_ptr<Responder>) {
    (void)request.args.at("profile").get<std::string>();
  });
  Client client(folder.file("s"));
  client.send(kStatus);
  CHECK(code_of(client.line()) == "failed");
}

TEST_CASE("A line that is no request is refused and the connection closed") {
  const Folder folder;
  Running server(options_at(folder.file("s")), echo);
  Client client(folder.file("s"));
  client.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(code_of(client.line()) == "usage");
  CHECK(client.line().empty());
}

TEST_CASE("A request of more than a mebibyte is refused") {
  const Folder folder;
  Running server(options_at(folder.file("s")), echo);
  Client client(folder.file("s"));
  client.send(std::string(control::kMaxFrame + 1, 'x'));
  CHECK(code_of(client.line()) == "usage");
  CHECK(client.line().empty());
}

TEST_CASE("Half a request is dropped at its deadline, and so is silence") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.request_deadline = std::chrono::milliseconds(50);
  Running server(options, echo);
  for (const char* half : {"", "{\"v\": 1"}) {
    Client client(folder.file("s"));
    client.send(half);
    CHECK(code_of(client.line()) == "timeout");
    CHECK(client.line().empty());
  }
}

TEST_CASE("A request in progress has no deadline") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.request_deadline = std::chrono::milliseconds(20);
  std::shared_ptr<Responder> kept;
  std::promise<void> arrived;
  Running server(options, [&](Request, std::shared_ptr<Responder> responder) {
    kept = std::move(responder);
    arrived.set_value();
  });
  Client client(folder.file("s"));
  client.send(kStatus);
  arrived.get_future().wait();
  Client silent(folder.file("s"));  // its deadline passes later than one of the first would have
  CHECK(code_of(silent.line()) == "timeout");
  server.run([&] { std::exchange(kept, nullptr)->finish(control::succeeded({{"late", true}})); });
  CHECK(json::parse(client.line())["result"]["late"] == true);
}

TEST_CASE("A client that reads too slowly is disconnected once too much waits") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.max_queue = 100'000;
  std::promise<void> sent;
  Running server(options, [&](Request, std::shared_ptr<Responder> responder) {
    for (int i = 0; i < 2000; ++i) responder->step(std::string(1000, 'x'));
    responder->finish(control::succeeded());
    sent.set_value();
  });
  Client client(folder.file("s"));
  client.send(kStatus);
  sent.get_future().wait();
  CHECK(client.drain() < 1'000'000);
  CHECK(server.counters().slow == 1);
}

TEST_CASE("A client that stops reading a large answer is disconnected at the write deadline") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.write_deadline = std::chrono::milliseconds(50);
  options.max_clients = 1;
  Running server(options, [](Request, std::shared_ptr<Responder> responder) {
    responder->finish(control::succeeded({{"text", std::string(8'000'000, 'x')}}));
  });
  Client client(folder.file("s"));
  client.send(kStatus);
  // The one place is taken until the first client is thrown out.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::string first;
  do {
    Client next(folder.file("s"));
    next.send("x\n");
    first = next.line();
  } while (first.find("too many") != std::string::npos && std::chrono::steady_clock::now() < patience);
  CHECK(code_of(first) == "usage");
  CHECK(client.drain() < 8'000'000);
}

TEST_CASE("An answer larger than the queue reaches a client that reads") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.max_queue = 1000;
  Running server(options, [](Request, std::shared_ptr<Responder> responder) {
    responder->finish(control::succeeded(std::string(3'000'000, 'x')));
  });
  const auto answer = control::call(folder.file("s"), {"status", json::object(), false}, 10);
  REQUIRE(answer.has_value());
  CHECK(answer->result.get<std::string>().size() == 3'000'000);
}

TEST_CASE("Clients beyond the limit are turned away while all others work, and places become free again") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.max_clients = 64;
  std::vector<std::shared_ptr<Responder>> kept;
  Running server(options, [&](Request request, std::shared_ptr<Responder> responder) {
    responder->step("one");
    if (request.command != "version") return kept.push_back(std::move(responder));
    responder->finish(control::succeeded());
  });
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<Client>(folder.file("s")));
    clients.back()->send(kStatus);
    CHECK(clients.back()->line() == R"({"step":"one"})");
  }
  Client one_more(folder.file("s"));
  const std::string refusal = one_more.line();
  CHECK(refusal.find("too many control connections (64)") != std::string::npos);
  CHECK(code_of(refusal) == "busy");
  CHECK(one_more.line().empty());
  server.run([&] { kept.clear(); });
  const auto answer = control::call(folder.file("s"), {"version", json::object(), false}, 10);
  CHECK((answer.has_value() && answer->ok));
  CHECK(server.counters().turned_away == 1);
}

TEST_CASE("The client that has been silent longest gives way where all places are taken") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.max_clients = 2;
  options.silence = std::chrono::milliseconds(1);
  Running server(options, echo);
  Client first(folder.file("s"));
  first.send(kStatus.substr(0, 5));
  Client second(folder.file("s"));
  second.send(kStatus);
  CHECK(second.line() == R"({"step":"one"})");
  Client third(folder.file("s"));
  third.send(kStatus);
  CHECK(third.line() == R"({"step":"one"})");
  CHECK(code_of(first.line()) == "busy");
  CHECK(first.line().empty());
  CHECK(server.counters().displaced == 1);
}

TEST_CASE("A thousand clients, silent or talking nonsense, keep nobody out") {
  const Folder folder;
  Running server(options_at(folder.file("s")), echo);
  std::vector<std::unique_ptr<Client>> clients;
  int served = 0;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<Client>(folder.file("s")));
    if (i % 4 == 1) clients.back()->send("nonsense\n");
    if (i % 4 == 3) clients.back()->send(std::string(static_cast<std::size_t>(i) * 10, '['));
    if (i % 100 != 0) continue;
    const auto answer = control::call(folder.file("s"), {"status", json::object(), false}, 10);
    served += answer.has_value() && answer->ok ? 1 : 0;
  }
  CHECK(served == 10);
  CHECK(server.counters().displaced > 0);
}

TEST_CASE(
    "A client that goes away in the middle of its request is noticed, one that shuts down its writing is "
    "not") {
  const Folder folder;
  std::promise<void> gone;
  std::map<std::string, std::shared_ptr<Responder>> kept;
  Running server(options_at(folder.file("s")), [&](Request request, std::shared_ptr<Responder> responder) {
    responder->when_gone([&, which = request.command] {
      if (which == "leave") gone.set_value();
    });
    responder->step("waiting");
    kept[request.command] = std::move(responder);
  });
  Client stays(folder.file("s"));
  stays.send(control::write(Request{"stay", json::object(), false}));
  stays.end_of_input();
  CHECK(stays.line() == R"({"step":"waiting"})");
  {
    Client leaves(folder.file("s"));
    leaves.send(control::write(Request{"leave", json::object(), false}));
    CHECK(leaves.line() == R"({"step":"waiting"})");
  }
  CHECK(gone.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  server.run([&] { kept["stay"]->finish(control::succeeded()); });
  CHECK(stays.line() == R"({"ok":true,"result":{}})");
}

TEST_CASE("What comes next waits until the client has taken what was sent") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.max_queue = 150'000;  // less than two of the fifty lines
  Running server(options, [&](Request, std::shared_ptr<Responder> responder) {
    pump(responder, control::write_part({{"text", std::string(100'000, 'x')}}), 50);
  });
  std::size_t octets = 0;
  const auto answer = control::call(
      folder.file("s"), {"status", json::object(), false}, 10,
      {{}, {}, [&](const json& part) { octets += part["text"].get_ref<const std::string&>().size(); }});
  REQUIRE(answer.has_value());
  CHECK(answer->ok);
  CHECK(octets == 5'000'000);
}

TEST_CASE("The socket has its mode and group, whatever the umask, and goes away with the server") {
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.mode = 0640;
  struct stat st {};
  {
    const mode_t before = ::umask(0);
    Running server(options, echo);
    ::umask(before);
    REQUIRE(::lstat(options.path.c_str(), &st) == 0);
    CHECK((st.st_mode & 07777) == 0640);
    CHECK(st.st_gid == ::getegid());
  }
  CHECK(::lstat(options.path.c_str(), &st) != 0);
}

TEST_CASE("A second server is refused while the first one answers") {
  const Folder folder;
  Running first(options_at(folder.file("s")), echo);
  CHECK_THROWS_WITH(Running(options_at(folder.file("s")), echo),
                    "another ikev2d answers at " + folder.file("s"));
  CHECK(control::call(folder.file("s"), {"status", json::object(), false}, 10).has_value());
}

TEST_CASE("A stale socket is taken over") {
  const Folder folder;
  const std::string path = folder.file("s");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
  Running server(options_at(path), echo);
  CHECK(control::call(path, {"status", json::object(), false}, 10).has_value());
}

TEST_CASE("A file that is no socket is left alone") {
  const Folder folder;
  std::ofstream(folder.file("s")) << "precious";
  CHECK_THROWS_WITH(Running(options_at(folder.file("s")), echo),
                    "control socket " + folder.file("s") + ": a file that is no socket is in the way");
  CHECK(std::filesystem::file_size(folder.file("s")) == 8);
}

TEST_CASE("Impossible options are refused with the path and the reason") {
  const Folder folder;
  CHECK_THROWS_WITH(Running(options_at(folder.file("none/s")), echo),
                    "control socket " + folder.file("none/s") + ": cannot bind: No such file or directory");
  CHECK_THROWS(Running(options_at(std::string(200, 'x')), echo));
  auto options = options_at(folder.file("s"));
  options.group = "no-such-group";
  CHECK_THROWS_WITH(Running(options, echo), "control socket: there is no group \"no-such-group\"");
  CHECK_FALSE(std::filesystem::exists(folder.file("s")));
}

TEST_CASE("A socket that another server took meanwhile is not removed") {
  const Folder folder;
  auto first = std::make_unique<Running>(options_at(folder.file("s")), echo);
  std::filesystem::remove(folder.file("s"));
  Running second(options_at(folder.file("s")), echo);
  first.reset();
  CHECK(std::filesystem::exists(folder.file("s")));
}

TEST_CASE("Another user is denied on an open socket and told so") {
  if (::geteuid() != 0) SKIP("needs root to become another user");
  const Folder folder;
  auto options = options_at(folder.file("s"));
  options.mode = 0666;
  Running server(options, echo);
  const std::string path = options.path;
  CHECK(as_nobody([&] {
          Client client(path);
          if (!client.connected()) return 1;
          client.send(kStatus);
          const std::string line = client.line();
          if (line.find(R"("code":"denied")") == std::string::npos) return 2;
          return client.line().empty() ? 0 : 3;
        }) == 0);
  CHECK(server.log.has("control-denied"));
  CHECK(as_nobody([&] {
          const auto answer = control::call(path, {"status", json::object(), false}, 10);
          return answer.has_value() && !answer->ok && answer->error.code == "denied" ? 0 : 1;
        }) == 0);
}

TEST_CASE("Another user is denied by the mode of the file") {
  if (::geteuid() != 0) SKIP("needs root to become another user");
  const Folder folder;
  Running server(options_at(folder.file("s")), echo);
  const std::string path = folder.file("s");
  CHECK(as_nobody([&] {
          const auto answer = control::call(path, {"status", json::object(), false}, 10);
          return answer.has_error() && answer.error().code == "denied" && !answer.error().no_daemon ? 0 : 1;
        }) == 0);
}

TEST_CASE("Members of the group are admitted, by their primary or a supplementary group") {
  if (::geteuid() != 0) SKIP("needs root to become another user");
  const Folder folder;
  auto options = options_at(folder.file("s"));
  const auto ask = [path = options.path] {
    const auto answer = control::call(path, {"status", json::object(), false}, 10);
    return answer.has_value() && answer->ok ? 0 : 1;
  };
  {
    options.group = "65534";
    Running server(options, echo);
    CHECK(as_nobody(ask) == 0);
  }
  options.group = "12345";
  Running server(options, echo);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const gid_t groups[] = {7, 12345};
    if (::setgroups(2, groups) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
    ::_exit(ask());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("A client tells a missing daemon from a slow one") {
  const Folder folder;
  const Request request{"status", json::object(), false};
  const auto missing = control::call(folder.file("s"), request, 1);
  REQUIRE(missing.has_error());
  CHECK(missing.error().no_daemon);
  std::shared_ptr<Responder> kept;
  Running server(options_at(folder.file("s")),
                 [&](Request, std::shared_ptr<Responder> responder) { kept = std::move(responder); });
  const auto slow = control::call(folder.file("s"), request, 1);
  REQUIRE(slow.has_error());
  CHECK_FALSE(slow.error().no_daemon);
  CHECK(slow.error().code == "timeout");
  server.run([&] { kept.reset(); });
}

TEST_CASE("A server that goes away ends its clients' waiting") {
  const Folder folder;
  std::shared_ptr<Responder> kept;
  std::promise<void> arrived;
  auto server = std::make_unique<Running>(options_at(folder.file("s")),
                                          [&](Request, std::shared_ptr<Responder> responder) {
                                            kept = std::move(responder);
                                            arrived.set_value();
                                          });
  auto waiting = std::async(std::launch::async, [path = folder.file("s")] {
    return control::call(path, {"status", json::object(), false}, 10);
  });
  arrived.get_future().wait();
  server.reset();
  const auto answer = waiting.get();
  REQUIRE(answer.has_error());
  CHECK(answer.error().reason == "the daemon closed the connection before it answered");
}
