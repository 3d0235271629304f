// What protects the tunnel interface: `show ipsec tunnel`, `interface`, `protect-hash`, and `show ipsec` in
// the form of VPP's wiki page.
#pragma once

#include <string>

#include "control/listing/ipsec_sa.h"
#include "control/listing/ipsec_spd.h"
#include "control/manual_model.h"
#include "control/model.h"

namespace control::listing {

// VPP makes a tunnel interface for each child; here one device carries them all, and stands in front of each.
// With nothing to protect, nothing is printed.
std::string ipsec_tunnel(const StatusView& view);
std::string ipsec_tunnel(const std::string& device, const IpsecSa& out_sa, const IpsecSa& in_sa);
std::string ipsec_protect_hash_line(const IpsecSa& inbound);
std::string ipsec_interface(const StatusView& view);
std::string ipsec_protect_hash(const StatusView& view);

// SAs, SPDs and tunnel interfaces, as version 17.04 printed them in one listing: they come one by one, in
// that order. Each child counts as a tunnel interface ipsecN. Keys are [redacted] where the view holds none.
class WikiPrinter {
 public:
  explicit WikiPrinter(bool secrets) : secrets_(secrets) {}
  std::string sa(const ManualSaView& manual);  // of those with a number
  std::string spd(std::uint32_t number) { return spds_.spd(number); }
  std::string policy(const ManualPolicyView& policy) { return spds_.policy(policy); }
  std::string tunnel(const IpsecSa& out_sa, const IpsecSa& in_sa);
  std::string end() { return begin_tunnels(); }

 private:
  std::string begin_tunnels();
  const bool secrets_;
  WikiSpdPrinter spds_;
  std::size_t tunnels_ = 0;
  bool tunnels_begun_ = false;
};
// `show ipsec all`: SAs, SPDs, bindings, protection.
std::string ipsec_all(const StatusView& view, const ManualView& manual);

}  // namespace control::listing
