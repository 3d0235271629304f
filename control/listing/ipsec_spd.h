// `show ipsec spd`, in the form of current VPP and in that of VPP's wiki page.
#pragma once

#include <cstdint>
#include <string>

#include "control/manual_model.h"

namespace control::listing {

// One SPD with its policies in the order in which they are looked at. Eroutes belong to no SPD.
std::string ipsec_spd(const ManualView& view, std::uint32_t spd);
std::string ipsec_spd_wiki(const ManualView& view, std::uint32_t spd);
// "SPD Bindings:" and a line for each interface.
std::string ipsec_spd_bindings(const ManualView& view);

// "any", "TCP", "IPSEC_ESP", "unknown 200", as VPP prints protocols.
std::string vpp_protocol_name(unsigned protocol);

}  // namespace control::listing
