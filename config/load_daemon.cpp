#include <algorithm>

#include "config/loaders.h"
#include "config/scalar.h"

namespace config {

namespace {

base::Result<std::string> parse_socket(std::string_view text) {
  constexpr std::size_t kLongest = 107;  // sun_path without its terminator
  if (text.empty() || text.size() > kLongest || text.find('\0') != std::string_view::npos) {
    return base::local_error(quote(text) + " is no path of a socket (1 to 107 octets)");
  }
  return std::string(text);
}

base::Result<std::string> parse_group(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  if (!is_name(text) || text.size() > kLongest)
    return base::local_error(quote(text) + " is no name of a group");
  return std::string(text);
}

base::Result<std::uint32_t> parse_mtu(std::string_view text) {
  if (text == "auto") return std::uint32_t{0};
  auto value = parse_number(text, 576, 65535);
  if (value.has_error()) return base::local_error(value.error().reason + ", nor auto");
  return static_cast<std::uint32_t>(*value);
}

base::Result<bool> parse_tun_kind(std::string_view text) {
  return parse_word<bool>(text, {{"tun", false}, {"tap", true}});
}

// A number that fits T, within the bounds.
template <class T>
auto number_in(std::uint64_t least, std::uint64_t most) {
  return [=](std::string_view text) -> base::Result<T> {
    ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, least, most));
    return static_cast<T>(value);
  };
}

// RFC 7383 2.5.1 speaks of 576 octets and more; smaller ones are for links that are stranger still.
base::Result<std::uint16_t> parse_fragment_size(std::string_view text) {
  if (text == "off") return std::uint16_t{0};
  auto value = parse_number(text, 256, 65535);
  if (value.has_error()) return base::local_error(value.error().reason + ", nor off");
  return static_cast<std::uint16_t>(*value);
}

// The kernel keeps 253 to 255 for its own tables (rtnetlink(7)).
base::Result<std::uint32_t> parse_table(std::string_view text) {
  ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 1, 0xffffffff));
  if (value >= 253 && value <= 255) return base::local_error("tables 253 to 255 are the kernel's own");
  return static_cast<std::uint32_t>(value);
}

void load_listen(MapReader& daemon, std::vector<base::IpAddress>& out) {
  std::vector<base::IpAddress> seen;
  read_list(daemon, "listen", out,
            [&](std::string_view text, const YamlNode&) -> base::Result<base::IpAddress> {
              ASSIGN_OR_RETURN(const base::IpAddress address, parse_address(text, true));
              if (std::find(seen.begin(), seen.end(), address) != seen.end()) {
                return base::local_error(quote(text) + " is given twice");
              }
              seen.push_back(address);
              return address;
            });
}

void load_control(MapReader control, Control& out) {
  read(control, "socket", out.socket, parse_socket);
  read(control, "group", out.group, parse_group);
  read(control, "mode", out.mode, parse_mode);
  control.finish();
}

void load_tun(MapReader tun, tun::TunOptions& out) {
  read(tun, "kind", out.tap, parse_tun_kind);
  read(tun, "name", out.name, parse_interface);
  read(tun, "mtu", out.mtu, parse_mtu);
  tun.finish();
}

void load_offload(MapReader offload, tun::OffloadOptions& out) {
  read(offload, "tso", out.tso, parse_bool);
  read(offload, "uso", out.uso, parse_bool);
  read(offload, "gso", out.gso, parse_bool);
  read(offload, "gro", out.gro, parse_bool);
  offload.finish();
}

void load_path(MapReader path, Path& out) {
  read(path, "df", out.dont_fragment, [](std::string_view text) {
    return parse_word<DontFragment>(
        text, {{"clear", DontFragment::clear}, {"copy", DontFragment::copy}, {"set", DontFragment::set}});
  });
  read(path, "fragment", out.fragment_before, [](std::string_view text) {
    return parse_word<bool>(text, {{"before", true}, {"after", false}});
  });
  read(path, "mss_clamp", out.clamp_mss, parse_bool);
  read(path, "probe", out.probe, parse_bool);
  path.finish();
}

base::Result<std::uint32_t> parse_data_threads(std::string_view text) {
  return parse_word<std::uint32_t>(text, {{"auto", 0}, {"1", 1}, {"2", 2}, {"4", 4}, {"8", 8}, {"16", 16}});
}

base::Result<CryptoEngine> parse_crypto_engine(std::string_view text) {
  return parse_word<CryptoEngine>(text, {{"auto", CryptoEngine::automatic},
                                         {"botan", CryptoEngine::botan},
                                         {"ipsec-mb", CryptoEngine::ipsec_mb}});
}

void load_routing(MapReader routing, tun::RoutingOptions& out) {
  read(routing, "mark", out.mark, number_in<std::uint32_t>(1, 0xffffffff));
  read(routing, "table", out.table, parse_table);
  // Our ten rules stand in front of those for the tables main and default (32766, 32767).
  read(routing, "rule_priority", out.rule_priority, number_in<std::uint32_t>(1, 32756));
  // 0 to 4 are the kernel's own (rtnetlink(7), RTPROT_STATIC is 4).
  read(routing, "protocol", out.protocol, number_in<std::uint8_t>(5, 255));
  routing.finish();
}

void load_interfaces(const YamlEntry* entry, std::map<std::string, std::string>& out,
                     Diagnostics& diagnostics) {
  if (entry == nullptr) return;
  // Only for its complaint where this is no map: every key is a good one here.
  if (!MapReader(*entry->value, "interfaces", entry->place, diagnostics).sound()) return;
  for (const YamlEntry& name : entry->value->entries) {
    const auto text = scalar_text(*name.value, "interfaces", diagnostics);
    if (!text) continue;
    const auto linux_name = parse_interface(*text);
    if (linux_name.has_error()) {
      report(*name.value, "interfaces", linux_name.error(), diagnostics);
    } else {
      out.emplace(name.key, *linux_name);
    }
  }
}

// Bounds of what strangers and peers can make us keep, see the comments of ikev2::EngineConfig.
void load_limits(MapReader limits, ikev2::EngineConfig& out) {
  constexpr std::uint64_t kMost = 1u << 20;
  read(limits, "cookie_threshold", out.cookie_threshold, number_in<std::size_t>(0, kMost));
  read(limits, "half_open", out.half_open_limit, number_in<std::size_t>(1, kMost));
  read(limits, "half_open_per_source", out.half_open_per_source, number_in<std::size_t>(2, kMost));
  read(limits, "half_open_timeout", out.half_open_timeout, parse_positive_duration);
  read(limits, "children", out.children_per_ike, number_in<std::size_t>(1, 65536));
  read(limits, "ike_per_identity", out.ike_per_identity, number_in<std::size_t>(2, kMost));
  read(limits, "ike_per_profile", out.ike_per_profile, number_in<std::size_t>(2, kMost));
  read(limits, "message_size", out.longest_message, number_in<std::size_t>(1280, 16384));
  out.loaded_half_open_timeout = std::min(out.loaded_half_open_timeout, out.half_open_timeout);
  limits.finish();
}

}  // namespace

void load_daemon(MapReader daemon, Daemon& out) {
  out.listen = {base::IpAddress::any(base::IpFamily::v4), base::IpAddress::any(base::IpFamily::v6)};
  load_listen(daemon, out.listen);
  MapReader ports = daemon.map("ports");
  read(ports, "ike", out.ike_port, parse_port);
  read(ports, "natt", out.natt_port, parse_port);
  ports.finish();
  load_control(daemon.map("control"), out.control);
  load_tun(daemon.map("tun"), out.tun);
  load_offload(daemon.map("offload"), out.tun.offload);
  load_path(daemon.map("path"), out.path);
  read(daemon, "data_threads", out.data_threads, parse_data_threads);
  read(daemon, "crypto", out.crypto, parse_crypto_engine);
  load_routing(daemon.map("routing"), out.routing);
  read(daemon, "routes", out.routes, parse_bool);
  read(daemon, "fragment_size", out.fragment_size, parse_fragment_size);
  read(daemon, "nat_keepalive", out.nat_keepalive, parse_positive_duration);
  load_limits(daemon.map("limits"), out.limits);
  load_interfaces(daemon.find_entry("interfaces"), out.interfaces, daemon.diagnostics());
  daemon.finish();
}

}  // namespace config
