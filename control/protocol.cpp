#include "control/protocol.h"

namespace control {

using nlohmann::json;

namespace {

// Parses one object; arrays and objects nested deeper than kMaxDepth are refused before they are built.
base::Status parse_object(const std::string& line, json& object) {
  bool too_deep = false;
  const auto limit = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  object = json::parse(line, limit, /*allow_exceptions=*/false);
  if (too_deep) return base::malformed("the JSON is nested too deeply");
  if (object.is_discarded()) return base::malformed("the line is no JSON");
  if (!object.is_object()) return base::malformed("the line is no JSON object");
  return {};
}

std::string text_or(const json& object, const char* key, std::string otherwise) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return otherwise;
  return found->get<std::string>();
}

base::Result<Answer> parse_answer(json& object) {
  const auto ok = object.find("ok");
  if (ok == object.end() || !ok->is_boolean())
    return base::malformed("the reply is neither a step nor an answer");
  Answer answer;
  answer.ok = ok->get<bool>();
  if (answer.ok) {
    answer.result = object.contains("result") ? std::move(object["result"]) : json();
    return answer;
  }
  const auto error = object.find("error");
  if (error == object.end() || !error->is_object())
    return base::malformed("the reply is a failure without \"error\"");
  answer.error.code = text_or(*error, "code", "failed");
  answer.error.reason = text_or(*error, "reason", "no reason given");
  return answer;
}

}  // namespace

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string write(const Request& request) {
  return dump({{"v", kProtocolVersion},
               {"command", request.command},
               {"args", request.args},
               {"secrets", request.secrets}}) +
         "\n";
}

std::string write_step(const std::string& text) { return dump({{"step", text}}) + "\n"; }

std::string write_event(const json& event) { return dump({{"event", event}}) + "\n"; }

std::string write_part(const json& part) { return dump({{"part", part}}) + "\n"; }

std::string write(const Answer& answer) {
  if (answer.ok && !answer.text.empty()) return "{\"ok\":true,\"result\":" + answer.text + "}\n";
  if (answer.ok) return dump({{"ok", true}, {"result", answer.result}}) + "\n";
  const json error = {{"code", answer.error.code}, {"reason", answer.error.reason}};
  return dump({{"ok", false}, {"error", error}}) + "\n";
}

base::Result<Request> parse_request(const std::string& line) {
  json object;
  RETURN_IF_ERROR(parse_object(line, object));
  const auto version = object.find("v");
  if (version == object.end() || !version->is_number_integer())
    return base::malformed("the request has no version \"v\"");
  if (*version != kProtocolVersion)
    return base::malformed("version " + version->dump() + " of the control protocol is not supported");
  Request request;
  request.command = text_or(object, "command", "");
  if (request.command.empty()) return base::malformed("the request has no \"command\"");
  if (const auto args = object.find("args"); args != object.end()) {
    if (!args->is_object()) return base::malformed("\"args\" is no object");
    request.args = *args;
  }
  if (const auto secrets = object.find("secrets"); secrets != object.end()) {
    if (!secrets->is_boolean()) return base::malformed("\"secrets\" is neither true nor false");
    request.secrets = secrets->get<bool>();
  }
  return request;
}

base::Result<Reply> parse_reply(const std::string& line) {
  json object;
  RETURN_IF_ERROR(parse_object(line, object));
  Reply reply;
  if (const auto text = object.find("step"); text != object.end()) {
    if (!text->is_string()) return base::malformed("\"step\" is no text");
    reply.step = text->get<std::string>();
    return reply;
  }
  for (const auto& [key, target] : {std::pair("event", &reply.event), std::pair("part", &reply.part)}) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (!found->is_object()) return base::malformed(std::string("\"") + key + "\" is no object");
    target->emplace(std::move(*found));
    return reply;
  }
  ASSIGN_OR_RETURN(reply.answer, parse_answer(object));
  return reply;
}

}  // namespace control
