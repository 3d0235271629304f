// The control protocol: one JSON object a line over a UNIX stream socket. Version 1.
//
//   request   {"v": 1, "command": "initiate", "args": {"profile": "pr1"}, "secrets": false}
//   progress  {"step": "IKE_SA_INIT sent to 192.0.2.2:500"}          any number, before the answer
//   event     {"event": {"event": "child-up", …}}                    any number, of "monitor"
//   part      {"part": {"ike_sas": […]}}                             any number, of a listing that is
//   streamed answer    {"ok": true, "result": …}  or  {"ok": false, "error": {"code": "not-found", "reason":
//   "…"}}
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"

namespace control {

constexpr int kProtocolVersion = 1;
constexpr std::size_t kMaxFrame = 1 << 20;   // octets of one request
constexpr std::size_t kMaxReply = 64 << 20;  // octets of one line of a reply: status of many thousand SAs
constexpr int kMaxDepth = 32;                // of nested arrays and objects

struct Request {
  std::string command;  // "initiate", "terminate", "status", "show", …
  nlohmann::json args = nlohmann::json::object();
  bool secrets = false;
};
struct Failure {
  std::string code;  // "not-found", "denied", "failed", "usage", "unsupported", "timeout", "busy"
  std::string reason;
};
struct Answer {
  bool ok = false;
  nlohmann::json result;
  Failure error;
  std::string text = {};  // the result as one line of JSON, where it has been written already
};

inline Answer succeeded(nlohmann::json result = nlohmann::json::object()) {
  return {true, std::move(result), {}};
}
inline Answer succeeded_with(std::string text) { return {true, nullptr, {}, std::move(text)}; }
inline Answer failed(std::string code, std::string reason) {
  return {false, nullptr, {std::move(code), std::move(reason)}};
}
// Text as one JSON line without the newline, with bad UTF-8 replaced.
std::string dump(const nlohmann::json& json);

// One line each, with the newline. Octets that are not UTF-8 are replaced by U+FFFD.
std::string write(const Request& request);
std::string write_step(const std::string& text);
std::string write_event(const nlohmann::json& event);
std::string write_part(const nlohmann::json& part);
std::string write(const Answer& answer);
// Family malformed: no JSON object, a wrong version, no command, a field of a wrong type, or nested too
// deeply. Unknown fields are ignored.
base::Result<Request> parse_request(const std::string& line);

// One line from the daemon: the answer, or something before it.
struct Reply {
  std::optional<Answer> answer;
  std::optional<std::string> step;
  std::optional<nlohmann::json> event, part;  // objects
};
base::Result<Reply> parse_reply(const std::string& line);

}  // namespace control
