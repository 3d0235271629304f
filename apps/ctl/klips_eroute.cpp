// KLIPS' eroute.
#include <fmt/format.h>
#include <netdb.h>

#include "apps/ctl/ask.h"
#include "apps/ctl/klips.h"
#include "apps/ctl/klips_listing.h"
#include "apps/ctl/klips_words.h"

namespace ctl {

using nlohmann::json;

namespace {

constexpr std::uint64_t kTcp = 6, kUdp = 17;

// "10.0.0.0/8" or "10.0.0.0/255.0.0.0"; what lies behind the mask is cut off.
base::Result<std::string> read_network(const std::string& option, const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = base::IpAddress::parse(text.substr(0, slash));
  if (!address) return base::local_error(fmt::format("--{}: '{}' is no network", option, text));
  if (slash == std::string::npos) return base::prefix_of(*address, address->bits()).text();
  const std::string mask = text.substr(slash + 1);
  auto bits = read_c_number(mask);
  if (const auto dotted = base::IpAddress::parse(mask); dotted && dotted->is_v4() && address->is_v4()) {
    const std::uint32_t ones = ~dotted->v4_value();
    if ((ones & (ones + 1)) != 0)
      return base::local_error(fmt::format("--{}: the mask {} has holes", option, mask));
    bits = static_cast<std::uint64_t>(ones == 0 ? 32 : __builtin_clz(ones));
  }
  if (!bits || *bits > static_cast<std::uint64_t>(address->bits()))
    return base::local_error(fmt::format("--{}: '{}' is no network", option, text));
  return base::prefix_of(*address, static_cast<int>(*bits)).text();
}

base::Result<std::uint64_t> read_protocol(const KlipsWords& words) {
  const auto text = words.value("transport-proto");
  if (!text) return std::uint64_t{0};
  if (const auto number = read_c_number(*text); number && *number <= 255) return *number;
  // Those that are written most, also where the machine has no list of names.
  constexpr std::pair<std::string_view, std::uint64_t> kNames[] = {
      {"tcp", kTcp}, {"udp", kUdp},  {"icmp", 1},       {"esp", 50},
      {"ah", 51},    {"icmpv6", 58}, {"ipv6-icmp", 58}, {"sctp", 132}};
  for (const auto& [name, number] : kNames) {
    if (name == *text) return number;
  }
  if (const protoent* known = ::getprotobyname(text->c_str()))
    return static_cast<std::uint64_t>(known->p_proto);
  return base::local_error(fmt::format("--transport-proto: '{}' is no protocol", *text));
}

base::Result<std::uint64_t> read_port(const KlipsWords& words, const char* option, std::uint64_t protocol) {
  const auto text = words.value(option);
  if (!text) return std::uint64_t{0};
  if (protocol != kTcp && protocol != kUdp)
    return base::local_error(fmt::format("--{} needs --transport-proto tcp or udp", option));
  if (const auto number = read_c_number(*text); number && *number <= 65535) return *number;
  const servent* const known = ::getservbyname(text->c_str(), protocol == kTcp ? "tcp" : "udp");
  if (known == nullptr) return base::local_error(fmt::format("--{}: '{}' is no port", option, *text));
  return std::uint64_t{static_cast<std::uint16_t>((known->s_port >> 8 & 0xff) | (known->s_port & 0xff) << 8)};
}

// A side as requests have it: "10.0.0.0/8|6/443".
base::Result<std::string> read_side(const KlipsWords& words, const char* network, const char* port,
                                    std::uint64_t protocol) {
  const auto text = words.value(network);
  if (!text) return base::local_error(fmt::format("--{} is needed", network));
  ASSIGN_OR_RETURN(std::string side, read_network(network, *text));
  ASSIGN_OR_RETURN(const std::uint64_t number, read_port(words, port, protocol));
  const std::string family = words.value("eraf").value_or("");
  const bool v6 = side.find(':') != std::string::npos;
  if (!family.empty() && family != (v6 ? "inet6" : "inet"))
    return base::local_error(fmt::format("--{}: {} is not of {}", network, *text, family));
  if (protocol != 0) side += fmt::format("|{}", protocol);
  if (number != 0) side += fmt::format("/{}", number);
  return side;
}

base::Status eroute_args(const KlipsWords& words, bool inbound, bool names_sa, json& args) {
  ASSIGN_OR_RETURN(const std::uint64_t protocol, read_protocol(words));
  args = {{"direction", inbound ? "inbound" : "outbound"}};
  ASSIGN_OR_RETURN(args["source"], read_side(words, "src", "src-port", protocol));
  ASSIGN_OR_RETURN(args["destination"], read_side(words, "dst", "dst-port", protocol));
  if (!names_sa) return {};
  ASSIGN_OR_RETURN(const base::Said said, read_klips_sa(words));
  args["said"] = said_text(said, base::SaidForm::hex);
  return {};
}

}  // namespace

int run_eroute(const Invocation& invocation, Terminal& terminal) {
  if (asks_for_listing(invocation.words)) return run_listing(invocation, terminal, KlipsListing::eroute);
  const auto words =
      KlipsWords::read(invocation.words,
                       {"eraf", "src", "dst", "transport-proto", "src-port", "dst-port", "said", "af", "edst",
                        "spi", "proto", "label"},
                       {"add", "addin", "replace", "replacein", "del", "delin", "clear", "debug"});
  if (words.has_error()) return klips_usage(invocation, terminal, words.error());
  if (!words->rest().empty())
    return usage(invocation, terminal, "'" + words->rest().front() + "' is too much");
  const auto verbs = words->which({"add", "addin", "replace", "replacein", "del", "delin", "clear"});
  if (verbs.size() != 1)
    return usage(invocation, terminal,
                 "one of --add, --addin, --replace, --replacein, --del, --delin, --clear is needed");
  const std::string& verb = verbs.front();
  if (verb == "clear") return run_manual(invocation, terminal, *words, "manual-eroute-clear", json::object());
  const bool deletes = verb.starts_with("del");
  json args;
  const base::Status read = eroute_args(*words, verb.ends_with("in"), !deletes, args);
  if (read.has_error()) return klips_usage(invocation, terminal, read.error());
  const char* const command = deletes                       ? "manual-eroute-delete"
                              : verb.starts_with("replace") ? "manual-eroute-replace"
                                                            : "manual-eroute-add";
  return run_manual(invocation, terminal, *words, command, std::move(args));
}

}  // namespace ctl
