// What protects the tunnel interface: `show ipsec tunnel`, `interface`, `protect-hash`, and `show ipsec` in
// the form of VPP's wiki page.
#pragma once

#include <string>

#include "control/listing/ipsec_sa.h"
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

// SAs, SPDs and tunnel interfaces, as version 17.04 printed them in one listing. Each child counts as a
// tunnel interface ipsecN. Keys are [redacted] where the view holds none.
std::string ipsec_wiki(const StatusView& view, const ManualView& manual, bool secrets);
// `show ipsec all`: SAs, SPDs, bindings, protection.
std::string ipsec_all(const StatusView& view, const ManualView& manual);

}  // namespace control::listing
