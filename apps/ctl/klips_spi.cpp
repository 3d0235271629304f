// KLIPS' spi and spigrp.
#include <fmt/format.h>

#include <algorithm>

#include "apps/ctl/ask.h"
#include "apps/ctl/klips.h"
#include "apps/ctl/klips_listing.h"
#include "apps/ctl/klips_transform.h"
#include "apps/ctl/klips_words.h"

namespace ctl {

using nlohmann::json;

namespace {

const std::vector<std::string_view> kSpiValues = {
    "af",      "edst",   "spi",           "proto", "said",    "ah",       "esp",  "comp",
    "authkey", "enckey", "src",           "dst",   "life",    "iv",       "natt", "label",
    "sport",   "dport",  "replay_window", "saref", "sarefme", "sarefhim", "outif"};
const std::vector<std::string_view> kSpiFlags = {"ip4",   "ip6",       "del",         "clear",
                                                 "debug", "dumpsaref", "listenreply", "alone"};

// What cannot be done, and why.
base::Status check_unsupported(const KlipsWords& words) {
  const auto refs = words.which({"saref", "sarefme", "sarefhim", "dumpsaref"});
  if (!refs.empty())
    return base::local_error(
        fmt::format("--{}: SA references belong to KLIPS' kernel, and there are none here", refs.front()));
  if (words.has("listenreply"))
    return base::local_error("--listenreply: there are no PF_KEY replies here; answers come at once");
  if (words.has("outif"))
    return base::local_error("--outif: packets leave where the host's routes lead; use ip route");
  return {};
}

// "soft-bytes=100,hard-packets=7" as {"bytes": [100, 0], "packets": [0, 7]}.
base::Status read_life(const std::string& text, json& life) {
  life = json::object();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, comma - at);
    at = comma + 1;
    const std::size_t dash = item.find('-'), equals = item.find('=');
    const std::string stage = item.substr(0, dash);
    const bool shaped = dash != std::string::npos && equals != std::string::npos && dash < equals;
    const std::string unit = shaped ? item.substr(dash + 1, equals - dash - 1) : "";
    const auto value = shaped ? read_c_number(std::string_view(item).substr(equals + 1)) : std::nullopt;
    const bool known = unit == "allocations" || unit == "bytes" || unit == "addtime" || unit == "usetime" ||
                       unit == "packets";
    if (!value || !known || (stage != "soft" && stage != "hard")) {
      return base::local_error(
          fmt::format("--life: '{}' is no limit: write soft-bytes=1000,hard-bytes=2000, or allocations, "
                      "addtime, usetime, "
                      "packets in place of bytes",
                      item));
    }
    json& pair = life[unit];
    if (pair.is_null()) pair = json::array({std::uint64_t{0}, std::uint64_t{0}});
    pair[stage == "soft" ? 0 : 1] = *value;
  }
  return {};
}

base::Status add_keys(const KlipsWords& words, json& args) {
  for (const auto& [option, key] : {std::pair("enckey", "encr_key"), std::pair("authkey", "integ_key")}) {
    const auto text = words.value(option);
    if (!text) continue;
    ASSIGN_OR_RETURN(args[key], read_klips_key(option, *text));
  }
  return {};
}

base::Status add_transform(const KlipsWords& words, const base::Said& said, json& args) {
  const auto kinds = words.which({"ah", "esp", "comp", "ip4", "ip6"});
  if (kinds.size() != 1) return base::local_error("one of --ah, --esp, --comp, --ip4 and --ip6 is needed");
  const std::string& kind = kinds.front();
  const std::string protocol = kind == "ip4" || kind == "ip6" ? "tun" : kind;
  if (protocol != base::said_protocol_name(said.protocol))
    return base::local_error(fmt::format("--{} makes an SA of the protocol {}", kind, protocol));
  RETURN_IF_ERROR(add_keys(words, args));
  if (kind == "comp" && words.value("comp") != "deflate")
    return base::local_error("--comp: deflate is what there is (RFC 2394); lzs is not");
  if (kind == "ah") args["integ"] = *words.value("ah");
  if (kind != "esp") return {};
  const std::size_t octets = args.value("encr_key", "").size() / 2;
  ASSIGN_OR_RETURN(const TransformNames names, read_transform(*words.value("esp"), octets));
  args["encr"] = names.encr;
  args["integ"] = names.integ;
  return {};
}

base::Status add_addresses(const KlipsWords& words, const base::Said& said, json& args) {
  args["destination"] = said.destination.text();
  if (const auto source = words.value("src")) args["source"] = *source;
  const auto inner = words.value("dst");
  if (inner && base::IpAddress::parse(*inner) != said.destination)
    return base::local_error("--dst: the outer destination is that of the SA, " + said.destination.text());
  if (words.has("ip4") && said.destination.is_v6()) return base::local_error("--ip4 needs IPv4 addresses");
  if (words.has("ip6") && !said.destination.is_v6()) return base::local_error("--ip6 needs IPv6 addresses");
  return {};
}

base::Status add_number(const KlipsWords& words, const char* option, const char* key, json& args) {
  const auto text = words.value(option);
  if (!text) return {};
  const auto number = read_c_number(*text);
  if (!number) return base::local_error(fmt::format("--{}: '{}' is no number", option, *text));
  args[key] = *number;
  return {};
}

base::Status add_encapsulation(const KlipsWords& words, json& args) {
  const std::string type = words.value("natt").value_or("none");
  if (type != "none" && type != "nonesp")
    return base::local_error(fmt::format("--natt: '{}' is neither none nor nonesp (RFC 3948)", type));
  args["udp_encap"] = type == "nonesp";
  RETURN_IF_ERROR(add_number(words, "sport", "source_port", args));
  return add_number(words, "dport", "destination_port", args);
}

base::Status sa_args(const KlipsWords& words, json& args) {
  RETURN_IF_ERROR(check_unsupported(words));
  ASSIGN_OR_RETURN(const base::Said said, read_klips_sa(words));
  args = {{"protocol", base::said_protocol_name(said.protocol)}, {"spi", said.spi.value}};
  RETURN_IF_ERROR(add_transform(words, said, args));
  RETURN_IF_ERROR(add_addresses(words, said, args));
  RETURN_IF_ERROR(add_number(words, "replay_window", "replay_window", args));
  RETURN_IF_ERROR(add_encapsulation(words, args));
  if (words.has("alone")) args["alone"] = true;
  const auto life = words.value("life");
  return life ? read_life(*life, args["life"]) : base::Status();
}

json said_args(const base::Said& said) { return {{"said", said_text(said, base::SaidForm::hex)}}; }

}  // namespace

int run_spi(const Invocation& invocation, Terminal& terminal) {
  if (asks_for_listing(invocation.words)) return run_listing(invocation, terminal, KlipsListing::spi);
  const auto words = KlipsWords::read(invocation.words, kSpiValues, kSpiFlags);
  if (words.has_error()) return klips_usage(invocation, terminal, words.error());
  if (!words->rest().empty())
    return usage(invocation, terminal, "'" + words->rest().front() + "' is too much");
  if (words->has("clear")) return run_manual(invocation, terminal, *words, "manual-sa-clear", json::object());
  if (words->has("del")) {
    const auto said = read_klips_sa(*words);
    if (said.has_error()) return klips_usage(invocation, terminal, said.error());
    return run_manual(invocation, terminal, *words, "manual-sa-delete", said_args(*said));
  }
  json args;
  const base::Status read = sa_args(*words, args);
  if (read.has_error()) return klips_usage(invocation, terminal, read.error());
  return run_manual(invocation, terminal, *words, "manual-sa-add", std::move(args));
}

int run_spigrp(const Invocation& invocation, Terminal& terminal) {
  if (asks_for_listing(invocation.words)) return run_listing(invocation, terminal, KlipsListing::spigrp);
  const auto words = KlipsWords::read(invocation.words, {"label"}, {"said", "debug"});
  if (words.has_error()) return klips_usage(invocation, terminal, words.error());
  const std::vector<std::string>& rest = words->rest();
  json members = json::array();
  const std::size_t step = words->has("said") ? 1 : 4;
  if (rest.empty() || rest.size() % step != 0 || rest.size() > 4 * step)
    return usage(invocation, terminal,
                 "one to four SAs: AF DESTINATION SPI PROTOCOL each, or names behind --said");
  for (std::size_t i = 0; i < rest.size(); i += step) {
    const auto said =
        step == 1 ? base::parse_said(rest[i]) : read_klips_sa(rest[i], rest[i + 1], rest[i + 2], rest[i + 3]);
    if (said.has_error()) return klips_usage(invocation, terminal, said.error());
    members.push_back(said_text(*said, base::SaidForm::hex));
  }
  if (members.size() == 1)
    return run_manual(invocation, terminal, *words, "manual-group-delete", {{"said", members[0]}});
  return run_manual(invocation, terminal, *words, "manual-group-add", {{"members", std::move(members)}});
}

}  // namespace ctl
