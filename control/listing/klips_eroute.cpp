// ipsec_eroute(5), and the tables that all of KLIPS' listings are made of.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/ip.h"
#include "control/listing/klips.h"
#include "control/listing/klips_said.h"
#include "control/listing/text.h"

namespace control::listing {
namespace {

// One SA of a child in KLIPS' form.
ManualSaView child_sa(const IkeSaView& ike, const ChildView& child, bool inbound) {
  const std::string& local = child.outer_local.empty() ? ike.local.address : child.outer_local;
  const std::string& remote = child.outer_remote.empty() ? ike.remote.address : child.outer_remote;
  ManualSaView sa;
  sa.protocol = child.protocol;
  sa.spi = static_cast<std::uint32_t>(parse_hex(inbound ? child.spi_in : child.spi_out));
  sa.source = inbound ? remote : local;
  sa.destination = inbound ? local : remote;
  sa.mode = child.mode;
  sa.inbound = inbound;
  sa.outbound = !inbound;
  sa.encr = child.encr == "none" ? "" : child.encr;
  sa.integ = child.integ.value_or("");
  sa.encr_bits = static_cast<std::uint32_t>(child.encr_bits);
  sa.integ_bits = static_cast<std::uint32_t>(child.integ_bits);
  sa.udp_encap = child.encap == "udp";
  sa.source_port = static_cast<std::uint32_t>(inbound ? ike.remote.port : ike.local.port);
  sa.destination_port = static_cast<std::uint32_t>(inbound ? ike.local.port : ike.remote.port);
  sa.sequence = inbound ? child.sequence_in : child.sequence_out;
  sa.replay_window = inbound ? child.replay_window : 0;
  sa.replay_bits = inbound ? child.replay_bits : 0;
  if (inbound) sa.errors = child.errors;
  if (!inbound) sa.errors.other = child.errors_out;
  sa.bytes_life.current = inbound ? child.bytes_in : child.bytes_out;
  sa.packets_life.current = inbound ? child.packets_in : child.packets_out;
  sa.addtime.current = static_cast<std::uint64_t>(std::max<std::int64_t>(0, child.installed_s));
  sa.users = 1;
  return sa;
}

// One side of an eroute.
struct Side {
  std::string network;  // net/bits, or a range
  unsigned protocol = 0, port = 0;
  bool v6 = false;
  base::IpAddress first;
  int bits = 0;
};

Side side_of(const std::string& selector) {
  const SelectorText text = parse_selector(selector);
  Side side;
  side.protocol = text.protocol;
  side.port = text.first_port == text.last_port ? text.first_port : 0;
  const auto first = base::IpAddress::parse(text.first), last = base::IpAddress::parse(text.last);
  side.network = selector.substr(0, selector.find('|'));
  if (!first || !last) return side;
  side.v6 = first->is_v6();
  side.first = *first;
  const auto prefix = base::as_prefix({*first, *last});
  if (prefix) {
    side.network = fmt::format("{}/{}", prefix->address.text(), prefix->length);
    side.bits = prefix->length;
  }
  return side;
}

// IPv6 addresses hold colons, so that a port needs brackets.
std::string proc_side(const Side& side) {
  if (side.port == 0) return side.network;
  return side.v6 ? fmt::format("[{}]:{}", side.network, side.port)
                 : fmt::format("{}:{}", side.network, side.port);
}

// The page shows no ports with IPv6, and its default as 0:0/0.
std::string man_side(const Side& side) {
  if (!side.v6) return fmt::format("{}:{}", side.network, side.port);
  if (side.port != 0) return proc_side(side);
  return side.network == "::/0" ? "0:0/0" : side.network;
}

std::string identities_text(const KlipsTables::Identities& identities) {
  return fmt::format(" ({}) ({})", printable(identities.local), printable(identities.remote));
}

std::string proc_line(const ManualPolicyView& eroute, const Side& local, const Side& remote) {
  std::string line = fmt::format("{:<10} {:<18} -> {:<18} => {}", eroute.packets, proc_side(local),
                                 proc_side(remote), klips_said(eroute.said, KlipsFormat::proc));
  if (local.protocol != 0) line += fmt::format(":{}", local.protocol);
  return line;
}

// The page writes names of IPv4 as the kernel does, and those of IPv6 with a colon.
std::string man_line(const ManualPolicyView& eroute, const Side& local, const Side& remote) {
  const bool magic = eroute.said.starts_with("%");
  const std::string said = eroute.said == "%pass" ? "%passthrough"
                           : local.v6             ? klips_said(eroute.said, KlipsFormat::man)
                                                  : klips_said(eroute.said, KlipsFormat::proc);
  std::string line =
      fmt::format("{} {} -> {} => {}", eroute.packets, man_side(local), man_side(remote), said);
  if (!magic && (!local.v6 || local.protocol != 0)) line += fmt::format(":{}", local.protocol);
  return line;
}

}  // namespace

std::vector<ManualSaView> child_sas(const IkeSaView& ike, const ChildView& child) {
  return {child_sa(ike, child, false), child_sa(ike, child, true)};
}

KlipsTables::Identities child_identities(const std::string& local_id, const std::string& remote_id) {
  return {split_identity(local_id).data, split_identity(remote_id).data};
}

std::vector<ManualPolicyView> child_eroutes(const IkeSaView& ike, const ChildView& child) {
  const std::string said = klips_said(child_sa(ike, child, false), KlipsFormat::proc);
  std::vector<ManualPolicyView> out;
  for (const std::string& local : child.local_ts) {
    for (const std::string& remote : child.remote_ts) {
      ManualPolicyView& eroute = out.emplace_back();
      eroute.direction = "outbound";
      eroute.action = "protect";
      eroute.local = local;
      eroute.remote = remote;
      eroute.said = said;
      eroute.packets = child.packets_out;
    }
  }
  return out;
}

std::string eroute_line(const ManualPolicyView& eroute, const KlipsTables::Identities& identities,
                        KlipsFormat format, bool with_identities) {
  if (eroute.direction != "outbound") return "";
  const bool man = format == KlipsFormat::man;
  const Side local = side_of(eroute.local), remote = side_of(eroute.remote);
  std::string line = man ? man_line(eroute, local, remote) : proc_line(eroute, local, remote);
  if (man ? eroute.said != "%pass" : with_identities) line += identities_text(identities);
  return line + "\n";
}

KlipsTables klips_tables(const StatusView& status, const ManualView& manual) {
  KlipsTables tables;
  tables.sas = manual.sas;
  tables.groups = manual.groups;
  for (const ManualPolicyView& policy : manual.policies) {
    if (policy.spd) continue;  // VPP's, which its own listings show
    tables.eroutes.push_back(policy);
    tables.identities.emplace_back();
  }
  for (const IkeSaView& ike : status.ike_sas) {
    for (const ChildView& child : ike.children) {
      for (ManualSaView& sa : child_sas(ike, child)) tables.sas.push_back(std::move(sa));
      for (ManualPolicyView& eroute : child_eroutes(ike, child)) {
        tables.eroutes.push_back(std::move(eroute));
        tables.identities.push_back(child_identities(ike.local.id, ike.remote.id));
      }
    }
  }
  return tables;
}

// By the networks, the most specific first among those that begin alike.
std::string eroute_lines(const KlipsTables& tables, KlipsFormat format, bool identities) {
  std::vector<std::size_t> order(tables.eroutes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](std::size_t i) {
    const Side local = side_of(tables.eroutes[i].local), remote = side_of(tables.eroutes[i].remote);
    return std::tuple(local.first, -local.bits, remote.first, -remote.bits, i);
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::string out;
  for (const std::size_t i : order)
    out += eroute_line(tables.eroutes[i], tables.identities[i], format, identities);
  return out;
}

}  // namespace control::listing
