// `show ipsec spd`, in the form of current VPP and in that of VPP's wiki page.
#pragma once

#include <cstdint>
#include <string>

#include "control/manual_model.h"

namespace control::listing {

// In which of VPP's eight lists of an SPD a policy stands, from 0. Reject, which VPP has not, stands with
// discard.
std::size_t spd_section(bool outbound, const std::string& action, bool v6);

// Prints SPDs whose policies come one by one, in the order of their lists.
class SpdPrinter {
 public:
  std::string spd(std::uint32_t number);  // begins one, after the end of the one before
  std::string policy(const ManualPolicyView& policy);
  std::string end();  // of the last one

 private:
  std::string lists_up_to(std::size_t section);
  std::size_t lists_ = 0;  // begun of the SPD that is under way
  bool begun_ = false;
};

// The same in the form of the page.
class WikiSpdPrinter {
 public:
  std::string spd(std::uint32_t number);  // begins one, after the end of the one before
  std::string policy(const ManualPolicyView& policy);
  std::string end();  // of the last one

 private:
  std::string begin_inbound();
  std::string v6_;  // inbound, which stands behind the rest
  bool begun_ = false, inbound_ = false;
};

// One SPD with its policies in the order in which they are looked at. Eroutes belong to no SPD.
std::string ipsec_spd(const ManualView& view, std::uint32_t spd);
// "SPD Bindings:" and a line for each interface.
std::string ipsec_spd_bindings(const ManualView& view);

// "any", "TCP", "IPSEC_ESP", "unknown 200", as VPP prints protocols.
std::string vpp_protocol_name(unsigned protocol);

}  // namespace control::listing
