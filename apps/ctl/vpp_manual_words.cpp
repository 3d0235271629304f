// ipsec sa|spd|policy …, set interface ipsec spd, set ipsec sa: requests of manual keying.
#include <array>

#include "apps/ctl/vpp_words.h"
#include "apps/ctl/word_reader.h"
#include "base/ip.h"

namespace ctl {

namespace {

using nlohmann::json;

constexpr std::uint64_t kMost32 = 0xffffffff;
constexpr const char* kAnyV4 = "0.0.0.0-255.255.255.255";
constexpr const char* kAnyV6 = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

base::Result<VppRequest> finished(WordReader& words, std::string command, json args) {
  RETURN_IF_ERROR(words.finish());
  return VppRequest{std::move(command), std::move(args)};
}

// "add" (true) or "del".
bool adds(WordReader& words) {
  if (words.take("add")) return true;
  if (!words.take("del")) words.fail("add or del is missing");
  return false;
}

std::string without_0x(std::string text) { return text.substr(0, 2) == "0x" ? text.substr(2) : text; }

// What VPP has and this daemon has not, or does always.
bool refused(WordReader& words) {
  struct Row {
    const char* word;
    const char* reason;
  };
  constexpr std::array kRows = {
      Row{"async", "async: this daemon has no asynchronous encryption"},
      Row{"table-id", "table-id: there is one routing table for outer packets, the host's"},
      Row{"hop-limit", "hop-limit: outer packets have the host's (sysctl net.ipv4.ip_default_ttl)"},
      Row{"dscp", "dscp: outer packets have that of the inner one (RFC 4301 5.1.2)"},
      Row{"encap-copy-df",
          "encap-copy-df: what becomes of DF is said for all tunnels, in the section daemon"},
      Row{"encap-set-df", "encap-set-df: what becomes of DF is said for all tunnels, in the section daemon"},
      Row{"encap-inner-hash", "encap-inner-hash: the port of UDP encapsulation is that of the SA"},
      Row{"encap-copy-hop-limit", "encap-copy-hop-limit: RFC 4301 5.1.2 wants the outer one of its own"},
      Row{"encap-copy-flow-label", "encap-copy-flow-label: outer packets have the label 0"}};
  for (const Row& row : kRows) {
    if (!words.take(row.word)) continue;
    words.fail(row.reason);
    return true;
  }
  return false;
}

// Words that ask for what is done anyway: DSCP and ECN (RFC 6040), a replay window.
bool taken_for_granted(WordReader& words) {
  return words.take("encap-copy-dscp") || words.take("encap-copy-ecn") || words.take("decap-copy-ecn");
}

// "tunnel-src A tunnel-dst B", or "tunnel src A dst B" as VPP writes it now.
bool tunnel(WordReader& words, json& args) {
  if (words.take("tunnel-src") || words.take("src")) {
    args["source"] = words.word("the source of the tunnel");
  } else if (words.take("tunnel-dst") || words.take("dst")) {
    args["destination"] = words.word("the destination of the tunnel");
  } else if (!words.take("tunnel")) {
    return false;
  }
  args["mode"] = "tunnel";
  return true;
}

bool keys(WordReader& words, json& args) {
  if (words.take("crypto-key")) {
    args["encr_key"] = without_0x(words.word("crypto-key"));
  } else if (words.take("integ-key")) {
    args["integ_key"] = without_0x(words.word("integ-key"));
  } else if (words.take("salt")) {
    args["salt"] = without_0x(words.word("salt"));
  } else {
    return false;
  }
  return true;
}

bool wire(WordReader& words, json& args) {
  if (words.take("use-esn")) {
    args["esn"] = true;
  } else if (words.take("use-anti-replay")) {
    args["replay_window"] = args.value("replay_window", 64);
  } else if (words.take("anti-replay-size")) {
    args["replay_window"] = words.number("anti-replay-size", 4096);
  } else if (words.take("udp-encap")) {
    args["udp_encap"] = true;
  } else if (words.take("udp-src-port")) {
    args["source_port"] = words.number("udp-src-port", 65535);
  } else if (words.take("udp-dst-port")) {
    args["destination_port"] = words.number("udp-dst-port", 65535);
  } else if (words.take("inbound")) {
    args["direction"] = "inbound";
  } else {
    return false;
  }
  return true;
}

// VPP's salt is a number of 32 bits, which stands behind the key in the octets of its order.
void append_salt(WordReader& words, json& args) {
  if (!args.contains("salt")) return;
  const std::string salt = args["salt"].get<std::string>();
  args.erase("salt");
  if (salt.size() > 8 || salt.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
    return words.fail("salt: up to 8 hexadecimal digits are needed");
  args["encr_key"] = args.value("encr_key", "") + std::string(8 - salt.size(), '0') + salt;
}

void sa_word(WordReader& words, json& args) {
  if (words.take("spi")) {
    args["spi"] = words.number("spi", kMost32);
  } else if (words.take("esp")) {
    args["protocol"] = "esp";
  } else if (words.take("ah")) {
    args["protocol"] = "ah";
  } else if (words.take("crypto-alg")) {
    args["encr"] = words.word("crypto-alg");
  } else if (words.take("integ-alg")) {
    args["integ"] = words.word("integ-alg");
  } else if (!keys(words, args) && !tunnel(words, args) && !wire(words, args) && !taken_for_granted(words) &&
             !refused(words)) {
    // The page has samples without the keyword: "… integ-key KEY sha1-96".
    if (args.contains("integ_key") && !args.contains("integ")) {
      args["integ"] = words.word("integ-alg");
    } else {
      words.not_understood();
    }
  }
}

// VPP looks at numbers only where told to, and RFC 4303 2.2 wants no window with keys set by hand; the high
// half of an extended number, though, is known only to a receiver that keeps one (RFC 4303 2.2.1).
void set_window(json& args) {
  if (!args.contains("replay_window")) args["replay_window"] = args.value("esn", false) ? 64 : 0;
}

struct PolicyText {
  bool v6 = false;
  std::string local, remote;              // addresses
  std::string local_ports, remote_ports;  // "first-last"
  std::uint64_t protocol = 0;             // 0, and 255 of today's VPP: any
};

std::string joined(const std::pair<std::string, std::string>& range) {
  return range.first + "-" + range.second;
}

// A side as profiles write it.
std::string selector_of(const PolicyText& text, const std::string& addresses, const std::string& ports) {
  std::string out = addresses.empty() ? (text.v6 ? kAnyV6 : kAnyV4) : addresses;
  if (text.protocol != 0) out += fmt::format("|{}", text.protocol);
  const bool all = ports.empty() || ports == "0-65535";
  return all ? out : out + "/" + ports;
}

void policy_word(WordReader& words, json& args, PolicyText& text) {
  if (words.take("spd")) {
    args["spd"] = words.number("spd", kMost32);
  } else if (words.take("inbound")) {
    args["direction"] = "inbound";
  } else if (words.take("outbound")) {
    args["direction"] = "outbound";
  } else if (words.take("priority")) {
    const std::string number = words.word("priority");
    const bool negative = number.substr(0, 1) == "-";
    const auto value = WordReader::parse(negative ? number.substr(1) : number);
    if (!value || *value > 0x7fffffff)
      words.fail(fmt::format("priority: '{}' is no number of 32 bits", number));
    args["priority"] = (negative ? -1 : 1) * static_cast<std::int64_t>(value.value_or(0));
  } else if (words.take("action")) {
    args["action"] = words.word("action");
  } else if (words.take("sa")) {
    args["id"] = words.number("sa", kMost32);
  } else if (words.take("ip6")) {
    text.v6 = true;
  } else if (words.take("protocol")) {
    text.protocol = words.number("protocol", 255) % 255;
  } else if (words.take("local-ip-range")) {
    text.local = joined(words.range("local-ip-range"));
  } else if (words.take("remote-ip-range")) {
    text.remote = joined(words.range("remote-ip-range"));
  } else if (words.take("local-port-range")) {
    text.local_ports = joined(words.range("local-port-range"));
  } else if (words.take("remote-port-range")) {
    text.remote_ports = joined(words.range("remote-port-range"));
  } else {
    words.not_understood();
  }
}

void check_policy(WordReader& words, const json& args) {
  const std::string action = args.value("action", "");
  if (!args.contains("spd")) words.fail("spd is missing");
  if (action.empty()) words.fail("action is missing");
  if (action == "resolve") words.fail("unsupported action: 'resolve'; VPP refuses it too");
  if (action == "protect" && !args.contains("id")) words.fail("action protect needs sa ID");
  if (action != "protect" && args.contains("id")) words.fail("sa is for action protect alone");
}

}  // namespace

base::Result<VppRequest> ipsec_spd_request(const std::vector<std::string>& list) {
  WordReader words(list);
  const bool add = adds(words);
  json args = {{"spd", words.number("the number of the SPD", kMost32)}};
  return finished(words, add ? "manual-spd-add" : "manual-spd-delete", std::move(args));
}

base::Result<VppRequest> ipsec_sa_request(const std::vector<std::string>& list) {
  WordReader words(list);
  if (words.take("bind") || words.take("unbind")) {
    words.fail("the thread of an SA follows from its SPI and the number of data_threads: it cannot be bound");
    return finished(words, "", {});
  }
  const bool add = adds(words);
  json args = {{"id", words.number("the number of the SA", kMost32)}};
  if (!add) return finished(words, "manual-sa-delete", std::move(args));
  args["protocol"] = "esp";
  while (!words.at_end()) sa_word(words, args);
  append_salt(words, args);
  set_window(args);
  if (!args.contains("spi")) words.fail("spi is missing");
  if (args.contains("mode") && (!args.contains("source") || !args.contains("destination")))
    words.fail("a tunnel needs both ends: tunnel-src A tunnel-dst B");
  return finished(words, "manual-sa-add", std::move(args));
}

base::Result<VppRequest> ipsec_policy_request(const std::vector<std::string>& list) {
  WordReader words(list);
  const bool add = adds(words);
  json args = {{"direction", "inbound"}, {"priority", 0}};
  PolicyText text;
  while (!words.at_end()) policy_word(words, args, text);
  check_policy(words, args);
  // VPP tells the family by the ranges too.
  text.v6 = text.v6 || (text.local + text.remote).find(':') != std::string::npos;
  args["local"] = selector_of(text, text.local, text.local_ports);
  args["remote"] = selector_of(text, text.remote, text.remote_ports);
  return finished(words, add ? "manual-policy-add" : "manual-policy-delete", std::move(args));
}

base::Result<VppRequest> interface_spd_request(const std::vector<std::string>& list) {
  WordReader words(list);
  json args = {{"interface", words.word("the interface")}};
  args["spd"] = words.number("the number of the SPD", kMost32);
  const bool del = words.take("del");
  return finished(words, del ? "manual-spd-unbind" : "manual-spd-bind", std::move(args));
}

base::Result<VppRequest> set_ipsec_sa_request(const std::vector<std::string>& list) {
  WordReader words(list);
  json args = {{"id", words.number("the number of the SA", kMost32)}};
  while (!words.at_end()) {
    if (!keys(words, args)) words.not_understood();
  }
  append_salt(words, args);
  if (!args.contains("encr_key") && !args.contains("integ_key"))
    words.fail("crypto-key or integ-key is missing");
  return finished(words, "manual-sa-keys", std::move(args));
}

}  // namespace ctl
