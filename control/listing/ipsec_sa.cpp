#include "control/listing/ipsec_sa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "control/listing/text.h"

namespace control::listing {

namespace {

// In VPP's order; each is followed by a space.
std::string flags(const IpsecSa& sa) {
  const bool v6 = sa.source.find(':') != std::string::npos;
  const std::array<std::pair<const char*, bool>, 7> all = {{{"esn", sa.esn},
                                                            {"anti-replay", sa.replay_window > 0},
                                                            {"tunnel", sa.tunnel()},
                                                            {"tunnel-v6", sa.tunnel() && v6},
                                                            {"udp-encap", sa.udp},
                                                            {"Protect", sa.protects_tunnel},
                                                            {"inbound", sa.inbound && !sa.outbound}}};
  std::string out;
  for (const auto& [name, set] : all)
    if (set) out += std::string(name) + " ";
  return out;
}

// Octets of salt behind the key: RFC 4106 4, RFC 4543, RFC 3686 and RFC 7634 2 have four, RFC 4309 has three.
std::size_t salt_octets(std::string_view encr) {
  for (const std::string_view with_salt : {"aes-gcm", "aes-gmac", "aes-ctr", "chacha20"})
    if (encr.substr(0, with_salt.size()) == with_salt) return 4;
  return encr.substr(0, 7) == "aes-ccm" ? 3 : 0;
}

struct KeyText {
  std::string salt, encr, integ;
};

KeyText key_text(const IpsecSa& sa, bool secrets) {
  const std::string hidden(kRedacted);
  if (!secrets || !sa.encr_key) return {salt_octets(sa.encr) == 0 ? "0x0" : hidden, hidden, hidden};
  KeyParts parts = split_key(sa.encr, *sa.encr_key);
  return {std::move(parts.salt), std::move(parts.key), sa.integ_key.value_or("")};
}

std::string errors(const SaErrorView& e) {
  const std::array<std::pair<const char*, std::uint64_t>, 16> all = {
      {{"packets lost", e.lost},
       {"hand-off", 0},
       {"Integrity check failed", e.integrity},
       {"Decryption failed", 0},
       {"crypto engine error (dropped)", 0},
       {"SA replayed packet", e.replays},
       {"undersized packet", e.size},
       {"no buffers (dropped)", 0},
       {"buffer with oversized header (dropped)", 0},
       {"no enough buffer tail space (dropped)", 0},
       {"no tunnel protocol", 0},
       {"unsupported payload", 0},
       {"sequence number cycled (dropped)", 0},
       {"crypto queue full (dropped)", 0},
       {"no Encrypting SA (dropped)", 0},
       {"IP fragments drop", 0}}};
  std::string out = "   SA errors:\n";
  for (const auto& [name, count] : all) out += fmt::format("   \"{}\":[packets:{}]\n", name, count);
  // What VPP has no word for is listed where there was such an error.
  const std::array<std::pair<const char*, std::uint64_t>, 3> ours = {
      {{"outside the selectors (dropped)", e.selector},
       {"wrong padding (dropped)", e.padding},
       {"other errors (dropped)", e.other}}};
  for (const auto& [name, count] : ours)
    if (count > 0) out += fmt::format("   \"{}\":[packets:{}]\n", name, count);
  return out;
}

// What both directions of a child have in common.
IpsecSa of_child(const IkeSaView& ike_sa, const ChildView& child) {
  IpsecSa sa;
  sa.protocol = child.protocol;
  sa.mode = child.mode;
  sa.esn = child.esn;
  sa.udp = child.encap == "udp";
  sa.protects_tunnel = true;
  sa.encr = child.encr;
  sa.integ = child.integ;
  sa.shard = child.shard;
  sa.replay_window = child.replay_window;
  sa.profile = ike_sa.profile;
  sa.child = child.name;
  sa.state = child.state;
  sa.local_ts = child.local_ts;
  sa.remote_ts = child.remote_ts;
  return sa;
}

const std::string& first_of(const std::string& one, const std::string& otherwise) {
  return one.empty() ? otherwise : one;
}

IpsecSa outbound_of(const IkeSaView& ike_sa, const ChildView& child, std::uint64_t k) {
  IpsecSa sa = of_child(ike_sa, child);
  sa.index = child_sa_index(k);
  sa.id = 0x80000000u + k;
  sa.outbound = true;
  sa.spi = parse_hex(child.spi_out);
  sa.source = first_of(child.outer_local, ike_sa.local.address);
  sa.destination = first_of(child.outer_remote, ike_sa.remote.address);
  if (sa.udp) sa.source_port = ike_sa.local.port, sa.destination_port = ike_sa.remote.port;
  if (child.keys) sa.encr_key = child.keys->encr_out, sa.integ_key = child.keys->integ_out;
  sa.sequence = child.sequence_out;
  sa.packets = child.packets_out;
  sa.bytes = child.bytes_out;
  sa.errors.other = child.errors_out;
  return sa;
}

IpsecSa inbound_of(const IkeSaView& ike_sa, const ChildView& child, std::uint64_t k) {
  IpsecSa sa = of_child(ike_sa, child);
  sa.index = child_sa_index(k) + 1;
  sa.id = 0xc0000000u + k;
  sa.inbound = true;
  sa.spi = parse_hex(child.spi_in);
  sa.source = first_of(child.outer_remote, ike_sa.remote.address);
  sa.destination = first_of(child.outer_local, ike_sa.local.address);
  if (sa.udp) sa.source_port = ike_sa.remote.port, sa.destination_port = ike_sa.local.port;
  if (child.keys) sa.encr_key = child.keys->encr_in, sa.integ_key = child.keys->integ_in;
  sa.sequence = child.sequence_in;
  sa.replay_bits = child.replay_bits;
  sa.packets = child.packets_in;
  sa.bytes = child.bytes_in;
  sa.errors = child.errors;
  return sa;
}

}  // namespace

IpsecSa ipsec_sa(const ManualSaView& manual) {
  IpsecSa sa;
  sa.index = manual_sa_index(manual.index);
  sa.id = manual.id.value_or(0);
  sa.inbound = manual.inbound;
  sa.outbound = manual.outbound || !manual.inbound;
  sa.spi = manual.spi;
  sa.protocol = manual.protocol;
  sa.mode = manual.mode;
  sa.esn = manual.esn;
  sa.udp = manual.udp_encap;
  sa.source = manual.source;
  sa.destination = manual.destination;
  if (sa.udp) {
    sa.source_port = static_cast<int>(manual.source_port);
    sa.destination_port = static_cast<int>(manual.destination_port);
  }
  sa.encr = manual.encr.empty() ? "none" : manual.encr;
  if (!manual.integ.empty()) sa.integ = manual.integ;
  if (manual.keys) sa.encr_key = manual.keys->encr, sa.integ_key = manual.keys->integ;
  sa.locks = 1 + manual.users;
  sa.sequence = manual.sequence;
  sa.replay_window = manual.replay_window;
  sa.replay_bits = manual.replay_bits;
  sa.packets = manual.packets;
  sa.bytes = manual.bytes;
  sa.errors = manual.errors;
  return sa;
}

std::vector<IpsecSa> ipsec_sas(const IkeSaView& ike_sa, const ChildView& child) {
  return {outbound_of(ike_sa, child, child.index), inbound_of(ike_sa, child, child.index)};
}

KeyParts split_key(const std::string& encr, const std::string& key) {
  const std::size_t digits = 2 * salt_octets(encr);
  if (digits == 0 || key.size() < digits) return {key, "0x0"};
  return {key.substr(0, key.size() - digits),
          fmt::format("0x{:x}", parse_hex(key.substr(key.size() - digits)))};
}

// Windows longer than 64 show their newest 64 numbers.
std::string window_text(std::uint64_t bits) {
  std::string out(64, '0');
  for (std::size_t i = 0; i < out.size(); ++i)
    if ((bits >> i & 1) != 0) out[i] = '1';
  return out;
}

std::vector<IpsecSa> ipsec_sas(const StatusView& view, const ManualView& manual) {
  std::vector<std::pair<const IkeSaView*, const ChildView*>> children;
  std::set<std::uint64_t> indexes;
  for (const IkeSaView& ike_sa : view.ike_sas) {
    for (const ChildView& child : ike_sa.children) {
      children.emplace_back(&ike_sa, &child);
      indexes.insert(child.index);
    }
  }
  const bool unique = indexes.size() == children.size();
  std::vector<IpsecSa> out;
  std::uint64_t counted = 0;
  for (const auto& [ike_sa, child] : children) {
    const std::uint64_t k = unique ? child->index : counted++;
    out.push_back(outbound_of(*ike_sa, *child, k));
    out.push_back(inbound_of(*ike_sa, *child, k));
  }
  for (const ManualSaView& sa : manual.sas) out.push_back(ipsec_sa(sa));
  std::sort(out.begin(), out.end(), [](const IpsecSa& a, const IpsecSa& b) { return a.index < b.index; });
  return out;
}

std::string ipsec_sa_brief(const IpsecSa& sa) {
  return fmt::format("[{0}] sa {1} (0x{1:x}) spi {2} (0x{2:08x}) protocol:{3} flags:[{4}]\n", sa.index, sa.id,
                     sa.spi, sa.protocol, flags(sa));
}

std::string ipsec_sa_detail(const IpsecSa& sa, bool secrets) {
  const KeyText keys = key_text(sa, secrets);
  const bool in = sa.inbound;
  const char* way = in ? "inbound" : "outbound";
  std::string out = ipsec_sa_brief(sa);
  out += fmt::format("   locks {}\n   salt {}\n", sa.locks, keys.salt);
  out += fmt::format("   {0} thread-index:{1}\n   {0} seq {2}\n", way, sa.shard, sa.sequence);
  if (in)
    out += fmt::format("   window-size: {}\n   window: Bl <- {} Tl\n", sa.replay_window,
                       window_text(sa.replay_bits));
  out += fmt::format("   crypto alg {} key {}\n", vpp_crypto_name(sa.encr), keys.encr);
  out += fmt::format("   integrity alg {} key {}\n", vpp_integ_name(sa.integ), keys.integ);
  out += fmt::format("   UDP:[src:{} dst:{}]\n", sa.source_port, sa.destination_port);
  out += fmt::format("   tx/rx:[packets:{} bytes:{}]\n", sa.packets, sa.bytes);
  out += errors(sa.errors);
  if (!sa.tunnel()) return out;
  // The end of the line names a FIB entry in VPP. There is no FIB here: its number is always 0.
  return out + fmt::format(
                   "   table-ID:0 [{}->{}] hop-limit:0 point-to-point CS0 [resolved ] [none] "
                   "[resolved via fib-entry: 0]\n",
                   sa.source, sa.destination);
}

nlohmann::json ipsec_sa_json(const IpsecSa& sa, bool secrets) {
  const bool manual = !sa.protects_tunnel;
  nlohmann::json out = {{"index", sa.index},
                        {"id", sa.id},
                        {"profile", manual ? nlohmann::json(nullptr) : nlohmann::json(sa.profile)},
                        {"child", manual ? nlohmann::json(nullptr) : nlohmann::json(sa.child)},
                        {"state", manual ? std::string("installed") : sa.state},
                        {"direction", sa.inbound && !sa.outbound ? "in"
                                      : sa.inbound               ? "both"
                                                                 : "out"},
                        {"spi", fmt::format("{:08x}", sa.spi)},
                        {"protocol", sa.protocol},
                        {"mode", sa.mode},
                        {"encap", sa.udp ? "udp" : "none"},
                        {"source", sa.source},
                        {"destination", sa.destination},
                        {"encr", sa.encr},
                        {"integ", sa.integ ? nlohmann::json(*sa.integ) : nlohmann::json(nullptr)},
                        {"esn", sa.esn},
                        {"local_ts", sa.local_ts},
                        {"remote_ts", sa.remote_ts},
                        {"bytes", sa.bytes},
                        {"packets", sa.packets},
                        {"sequence", sa.sequence}};
  if (sa.inbound) {
    out["replay_window"] = sa.replay_window;
    visit_errors(sa.errors, [&](const char* name, std::uint64_t count) { out[name] = count; });
  }
  if (secrets && sa.encr_key) out["keys"] = {{"encr", *sa.encr_key}, {"integ", sa.integ_key.value_or("")}};
  return out;
}

}  // namespace control::listing
