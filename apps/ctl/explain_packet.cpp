// `ikectl explain packet`.
#include <fmt/format.h>

#include <charconv>
#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "control/listing/text.h"

namespace ctl {

using control::listing::printable;
using nlohmann::json;

namespace {

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>()) : "";
}

std::string number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->dump() : "-";
}

std::string list_of(const json& object, const char* key) {
  std::string out;
  for (const json& item : object.value(key, json::array()))
    if (item.is_string()) out += (out.empty() ? "" : ", ") + printable(item.get<std::string>());
  return out;
}

std::string policy_text(const json& policy) {
  return fmt::format("{}, {}, priority {}: {} === {}", text_of(policy, "name"), text_of(policy, "action"),
                     number_of(policy, "priority"), list_of(policy, "local"), list_of(policy, "remote"));
}

std::string sa_text(const json& sa) {
  std::string out = fmt::format("{} {} spi {}, {} to {}", text_of(sa, "protocol"), text_of(sa, "mode"),
                                text_of(sa, "spi"), text_of(sa, "local"), text_of(sa, "remote"));
  for (const char* key : {"encr", "integ"})
    if (const std::string name = text_of(sa, key); !name.empty()) out += ", " + name;
  return out + (text_of(sa, "encap") == "udp" ? ", in UDP" : "");
}

void print_text(const json& answer, std::ostream& out) {
  out << text_of(answer, "outcome") << "\n";
  const json& policy = answer["policy"];
  if (policy.is_object()) out << "policy    " << policy_text(policy) << "\n";
  for (const json& sa : answer["sas"]) out << "SA        " << sa_text(sa) << "\n";
  if (answer.contains("inner_mtu"))
    out << fmt::format("MTU       {} outside, {} inside: {} octets for the SAs\n",
                       number_of(answer, "outer_mtu"), number_of(answer, "inner_mtu"),
                       number_of(answer, "overhead"));
  if (answer["reverse_policy"].is_object())
    out << "the other way round it would be " << policy_text(answer["reverse_policy"]) << "\n";
  for (const json& other : answer["others"])
    out << "not       " << policy_text(other) << "\n          " << text_of(other, "why_not") << "\n";
  if (const std::string more = number_of(answer, "others_left_out"); more != "0")
    out << "          and " << more << " more that do not match\n";
}

// A port, or nothing where the option is not there; what is no port is refused.
bool read_port(const Invocation& invocation, Terminal& terminal, const char* option, const char* key,
               json& args) {
  const auto text = invocation.option(option);
  if (!text) return true;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), port);
  if (error != std::errc() || end != text->data() + text->size()) {
    usage(invocation, terminal, fmt::format("{} needs a port of 0 to 65535", option));
    return false;
  }
  args[key] = port;
  return true;
}

}  // namespace

int run_explain_packet(const Invocation& invocation, Terminal& terminal) {
  if (!no_words(invocation, terminal)) return kUsage;
  json args = json::object();
  for (const auto& [option, key] : {std::pair("--src", "src"), std::pair("--dst", "dst")}) {
    const auto value = invocation.option(option);
    if (!value) return usage(invocation, terminal, fmt::format("{} ADDRESS is needed", option));
    args[key] = *value;
  }
  if (const auto protocol = invocation.option("--proto")) args["protocol"] = *protocol;
  if (!read_port(invocation, terminal, "--sport", "sport", args) ||
      !read_port(invocation, terminal, "--dport", "dport", args))
    return kUsage;
  int status = kDone;
  auto answer = ask(invocation, terminal, "explain-packet", std::move(args), kQuick, status);
  if (!answer) return status;
  if (invocation.json) {
    print_json(terminal, *answer);
  } else {
    for (const char* list : {"sas", "others"})
      if (!answer->contains(list)) (*answer)[list] = json::array();
    print_text(*answer, terminal.out);
  }
  return kDone;
}

}  // namespace ctl
