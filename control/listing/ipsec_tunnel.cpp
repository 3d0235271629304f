#include "control/listing/ipsec_tunnel.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "control/listing/ipsec_sa.h"
#include "control/listing/ipsec_spd.h"
#include "control/listing/text.h"

namespace control::listing {

namespace {

const std::string& device_of(const StatusView& view) {
  static const std::string otherwise = "ipsec0";
  return view.data_path.device.empty() ? otherwise : view.data_path.device;
}

// The SAs of children: outbound and inbound of each in turn.
std::vector<IpsecSa> tunnel_sas(const StatusView& view) { return ipsec_sas(view); }

std::string key_shown(const IpsecSa& sa, bool secrets, bool integ) {
  if (!secrets || !sa.encr_key) return std::string(kRedacted);
  return integ ? sa.integ_key.value_or("") : split_key(sa.encr, *sa.encr_key).key;
}

// " key …", which VPP leaves out of an algorithm that is none.
std::string wiki_key(const std::string& algorithm, const std::string& key) {
  return algorithm == "none" ? algorithm : algorithm + " key " + key;
}

std::string wiki_sa(const IpsecSa& sa, bool secrets) {
  std::string out = fmt::format("sa {} spi {} mode {} protocol {}\n", sa.id, sa.spi, sa.mode, sa.protocol);
  if (sa.protocol == "esp") {
    out += fmt::format("  crypto alg {} integrity alg {}\n",
                       wiki_key(vpp_crypto_name(sa.encr), key_shown(sa, secrets, false)),
                       wiki_key(vpp_integ_name(sa.integ), key_shown(sa, secrets, true)));
  }
  if (sa.tunnel()) out += fmt::format("  tunnel src {} dst {}\n", sa.source, sa.destination);
  return out;
}

// One direction of a tunnel interface: "local" names what it sends with, "remote" what it receives with.
std::string wiki_side(const IpsecSa& sa, const char* side, bool secrets) {
  return fmt::format("   {0}-spi {1} {0}-ip {2}\n   {0}-crypto {3} {4}\n   {0}-integrity {5} {6}\n", side,
                     sa.spi, sa.source, vpp_crypto_name(sa.encr), key_shown(sa, secrets, false),
                     vpp_integ_name(sa.integ), key_shown(sa, secrets, true));
}

std::string wiki_tunnel(std::size_t number, const IpsecSa& out_sa, const IpsecSa& in_sa, bool secrets) {
  const auto sequence = [](const IpsecSa& sa, const char* prefix) {
    return fmt::format("   {0}seq {1} {0}seq-hi {2} esn {3} anti-replay {4}", prefix,
                       sa.sequence & 0xffffffff, sa.sequence >> 32, sa.esn ? 1 : 0,
                       sa.replay_window > 0 ? 1 : 0);
  };
  return fmt::format("  ipsec{} seq\n", number) + sequence(out_sa, "") + "\n" +
         wiki_side(out_sa, "local", secrets) + sequence(in_sa, "last-") +
         fmt::format(" window {}\n", window_text(in_sa.replay_bits)) + wiki_side(in_sa, "remote", secrets);
}

}  // namespace

std::string ipsec_tunnel(const std::string& device, const IpsecSa& out_sa, const IpsecSa& in_sa) {
  return fmt::format("{} flags:[{}]\n output-sa:\n  {} input-sa:\n  {}", device,
                     out_sa.tunnel() ? "itf" : "encapped", ipsec_sa_brief(out_sa), ipsec_sa_brief(in_sa));
}

std::string ipsec_tunnel(const StatusView& view) {
  std::string out;
  const auto sas = tunnel_sas(view);
  for (std::size_t i = 0; i + 1 < sas.size(); i += 2)
    out += ipsec_tunnel(device_of(view), sas[i], sas[i + 1]);
  return out;
}

std::string ipsec_interface(const StatusView& view) {
  std::set<std::string> peers;
  for (const IkeSaView& sa : view.ike_sas) peers.insert(sa.remote.address);
  return fmt::format("[0] {} {}\n", device_of(view), peers.size() > 1 ? "multi-point" : "point-to-point");
}

std::string ipsec_protect_hash_line(const IpsecSa& inbound) {
  return fmt::format(" remote:{0} spi:{1} (0x{1:08x}) sa:{2} tun:0\n", inbound.source, inbound.spi,
                     inbound.index);
}

std::string ipsec_protect_hash(const StatusView& view) {
  std::string v4 = "IPv4:\n", v6 = "IPv6:\n";
  for (const IpsecSa& sa : tunnel_sas(view)) {
    if (sa.inbound) (sa.source.find(':') != std::string::npos ? v6 : v4) += ipsec_protect_hash_line(sa);
  }
  return v4 + v6;
}

std::string WikiPrinter::sa(const ManualSaView& manual) {
  const IpsecSa sa = ipsec_sa(manual);
  return sa.id != 0 ? wiki_sa(sa, secrets_) : "";
}

std::string WikiPrinter::begin_tunnels() {
  return std::exchange(tunnels_begun_, true) ? "" : spds_.end() + "tunnel interfaces\n";
}

std::string WikiPrinter::tunnel(const IpsecSa& out_sa, const IpsecSa& in_sa) {
  return begin_tunnels() + wiki_tunnel(tunnels_++, out_sa, in_sa, secrets_);
}

std::string ipsec_all(const StatusView& view, const ManualView& manual) {
  std::string out;
  for (const IpsecSa& sa : ipsec_sas(view, manual)) out += ipsec_sa_brief(sa);
  for (const std::uint32_t spd : manual.spds) out += ipsec_spd(manual, spd);
  return out + ipsec_spd_bindings(manual) + ipsec_tunnel(view) + "IPSec async mode: off\n";
}

}  // namespace control::listing
