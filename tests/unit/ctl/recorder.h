// A daemon that takes every request of ikectl and remembers it, and a walk over commands: what each becomes,
// or why it is refused.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "apps/ctl/handlers.h"
#include "tests/unit/control/harness.h"

namespace ctl_test {

inline std::vector<std::string> split(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

// A daemon that takes everything and remembers what it was asked.
struct Recorder {
  harness::Folder folder;
  std::string socket = folder.file("s");
  std::shared_ptr<std::vector<control::Request>> asked = std::make_shared<std::vector<control::Request>>();
  harness::Running server{
      harness::options_at(socket),
      [asked = asked](control::Request request, std::shared_ptr<control::Responder> responder) {
        asked->push_back(request);
        responder->finish(control::succeeded(nlohmann::json::object()));
      }};

  struct Outcome {
    int status;
    std::string out, err;
  };
  Outcome operator()(const std::string& line) const {
    std::ostringstream out, err;
    ctl::Terminal terminal{out, err};
    std::vector<std::string> args = {"-s", socket};
    for (auto& word : split(line)) args.push_back(std::move(word));
    const int status = ctl::run(args, terminal);
    return {status, out.str(), err.str()};
  }
};

struct Row {
  std::string line;
  const char* request;  // what the daemon is asked; nullptr: refused
  const char* reason;   // part of the refusal
};

inline void check_all(const std::vector<Row>& rows) {
  const Recorder daemon;
  for (const Row& row : rows) {
    INFO(row.line);
    daemon.asked->clear();
    const Recorder::Outcome outcome = daemon(row.line);
    CAPTURE(outcome.err);
    if (row.request != nullptr) {
      CHECK(outcome.status == 0);
      REQUIRE_FALSE(daemon.asked->empty());
      CHECK(daemon.asked->front().command == row.request);
    } else {
      CHECK((outcome.status == 1 || outcome.status == 2));
      CHECK(outcome.err.find(row.reason) != std::string::npos);
      CHECK(daemon.asked->empty());
    }
  }
}

}  // namespace ctl_test
