#include "control/listing/ipsec_sa.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "control/listing/text.h"

namespace control::listing {

namespace {

bool tunnel(const IpsecSa& sa) { return sa.child->mode == "tunnel"; }
bool udp(const IpsecSa& sa) { return sa.child->encap == "udp"; }

const std::string& local_address(const IpsecSa& sa) {
  return sa.child->outer_local.empty() ? sa.ike_sa->local.address : sa.child->outer_local;
}
const std::string& remote_address(const IpsecSa& sa) {
  return sa.child->outer_remote.empty() ? sa.ike_sa->remote.address : sa.child->outer_remote;
}
const std::string& source(const IpsecSa& sa) { return sa.inbound ? remote_address(sa) : local_address(sa); }
const std::string& destination(const IpsecSa& sa) {
  return sa.inbound ? local_address(sa) : remote_address(sa);
}

// In VPP's order; each is followed by a space.
std::string flags(const IpsecSa& sa) {
  const bool v6 = local_address(sa).find(':') != std::string::npos;
  const std::array<std::pair<const char*, bool>, 6> all = {{{"esn", sa.child->esn},
                                                            {"anti-replay", sa.child->replay_window > 0},
                                                            {"tunnel", tunnel(sa)},
                                                            {"tunnel-v6", tunnel(sa) && v6},
                                                            {"udp-encap", udp(sa)},
                                                            {"inbound", sa.inbound}}};
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
  const std::size_t digits = 2 * salt_octets(sa.child->encr);
  if (!secrets || !sa.child->keys) {
    const std::string hidden(kRedacted);
    return {digits == 0 ? "0x0" : hidden, hidden, hidden};
  }
  const KeyView& keys = *sa.child->keys;
  const std::string& encr = sa.inbound ? keys.encr_in : keys.encr_out;
  const std::string& integ = sa.inbound ? keys.integ_in : keys.integ_out;
  if (digits == 0 || encr.size() < digits) return {"0x0", encr, integ};
  const std::string salt = encr.substr(encr.size() - digits);
  return {fmt::format("0x{:x}", parse_hex(salt)), encr.substr(0, encr.size() - digits), integ};
}

// Bit 0, the newest number, first; windows longer than 64 show their newest 64 numbers.
std::string window(std::uint64_t bits) {
  std::string out(64, '0');
  for (std::size_t i = 0; i < out.size(); ++i)
    if ((bits >> i & 1) != 0) out[i] = '1';
  return out;
}

// 65535 is VPP's "none".
std::string udp_ports(const IpsecSa& sa) {
  const int local = udp(sa) ? sa.ike_sa->local.port : 65535,
            remote = udp(sa) ? sa.ike_sa->remote.port : 65535;
  return fmt::format("   UDP:[src:{} dst:{}]\n", sa.inbound ? remote : local, sa.inbound ? local : remote);
}

std::string errors(const IpsecSa& sa) {
  const ChildView& c = *sa.child;
  const std::array<std::pair<const char*, std::uint64_t>, 16> all = {
      {{"packets lost", 0},
       {"hand-off", 0},
       {"Integrity check failed", sa.inbound ? c.integrity_errors : 0},
       {"Decryption failed", 0},
       {"crypto engine error (dropped)", 0},
       {"SA replayed packet", sa.inbound ? c.replays : 0},
       {"undersized packet", 0},
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
  // VPP checks no selectors on an SA; ours are listed where there was such an error.
  if (sa.inbound && c.selector_errors > 0)
    out += fmt::format("   \"outside the selectors (dropped)\":[packets:{}]\n", c.selector_errors);
  return out;
}

}  // namespace

std::vector<IpsecSa> ipsec_sas(const StatusView& view) {
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
    out.push_back({2 * k, 0x80000000u + k, false, child, ike_sa});
    out.push_back({2 * k + 1, 0xc0000000u + k, true, child, ike_sa});
  }
  std::sort(out.begin(), out.end(), [](const IpsecSa& a, const IpsecSa& b) { return a.index < b.index; });
  return out;
}

std::string ipsec_sa_brief(const IpsecSa& sa) {
  const std::uint64_t spi = parse_hex(sa.spi());
  return fmt::format("[{0}] sa {1} (0x{1:x}) spi {2} (0x{2:08x}) protocol:{3} flags:[{4}]\n", sa.index, sa.id,
                     spi, sa.child->protocol, flags(sa));
}

std::string ipsec_sa_detail(const IpsecSa& sa, bool secrets) {
  const ChildView& c = *sa.child;
  const KeyText keys = key_text(sa, secrets);
  const char* way = sa.inbound ? "inbound" : "outbound";
  std::string out = ipsec_sa_brief(sa);
  out += fmt::format("   locks 1\n   salt {}\n", keys.salt);
  out += fmt::format("   {0} thread-index:{1}\n   {0} seq {2}\n", way, c.shard,
                     sa.inbound ? c.sequence_in : c.sequence_out);
  if (sa.inbound)
    out +=
        fmt::format("   window-size: {}\n   window: Bl <- {} Tl\n", c.replay_window, window(c.replay_bits));
  out += fmt::format("   crypto alg {} key {}\n", vpp_crypto_name(c.encr), keys.encr);
  out += fmt::format("   integrity alg {} key {}\n", vpp_integ_name(c.integ), keys.integ);
  out += udp_ports(sa);
  out += fmt::format("   tx/rx:[packets:{} bytes:{}]\n", sa.inbound ? c.packets_in : c.packets_out,
                     sa.inbound ? c.bytes_in : c.bytes_out);
  out += errors(sa);
  if (!tunnel(sa)) return out;
  // The end of the line names a FIB entry in VPP. There is no FIB here: its number is always 0.
  return out + fmt::format(
                   "   table-ID:0 [{}->{}] hop-limit:0 point-to-point CS0 [resolved ] [none] "
                   "[resolved via fib-entry: 0]\n",
                   source(sa), destination(sa));
}

nlohmann::json ipsec_sa_json(const IpsecSa& sa, bool secrets) {
  const ChildView& c = *sa.child;
  nlohmann::json out = {{"index", sa.index},
                        {"id", sa.id},
                        {"profile", sa.ike_sa->profile},
                        {"child", c.name},
                        {"state", c.state},
                        {"direction", sa.inbound ? "in" : "out"},
                        {"spi", sa.spi()},
                        {"protocol", c.protocol},
                        {"mode", c.mode},
                        {"encap", c.encap},
                        {"source", source(sa)},
                        {"destination", destination(sa)},
                        {"encr", c.encr},
                        {"integ", c.integ ? nlohmann::json(*c.integ) : nlohmann::json(nullptr)},
                        {"esn", c.esn},
                        {"local_ts", c.local_ts},
                        {"remote_ts", c.remote_ts},
                        {"bytes", sa.inbound ? c.bytes_in : c.bytes_out},
                        {"packets", sa.inbound ? c.packets_in : c.packets_out},
                        {"sequence", sa.inbound ? c.sequence_in : c.sequence_out}};
  if (sa.inbound) {
    out["replay_window"] = c.replay_window;
    out["integrity_errors"] = c.integrity_errors;
    out["replays"] = c.replays;
    out["selector_errors"] = c.selector_errors;
  }
  if (secrets && c.keys) {
    out["keys"] = {{"encr", sa.inbound ? c.keys->encr_in : c.keys->encr_out},
                   {"integ", sa.inbound ? c.keys->integ_in : c.keys->integ_out}};
  }
  return out;
}

}  // namespace control::listing
