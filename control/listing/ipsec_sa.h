// `show ipsec sa`, in the form of current VPP.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/model.h"

namespace control::listing {

// One direction of one child. The pair with index k lists its outbound SA as [2k] and its inbound one as
// [2k + 1]; their SA numbers are 0x80000000 + k and 0xc0000000 + k, those that VPP gives to IKEv2's SAs.
struct IpsecSa {
  std::uint64_t index = 0;
  std::uint64_t id = 0;
  bool inbound = false;
  const ChildView* child = nullptr;  // of the view that it was made from
  const IkeSaView* ike_sa = nullptr;

  const std::string& spi() const { return inbound ? child->spi_in : child->spi_out; }
};

// All SAs in order of index. Where two children of the view have one index, children are counted instead.
std::vector<IpsecSa> ipsec_sas(const StatusView& view);
std::vector<IpsecSa> ipsec_sas(StatusView&&) = delete;  // they point into it

std::string ipsec_sa_brief(const IpsecSa& sa);                  // one line
std::string ipsec_sa_detail(const IpsecSa& sa, bool secrets);   // keys and salts [redacted] without secrets
nlohmann::json ipsec_sa_json(const IpsecSa& sa, bool secrets);  // one element of `--json show ipsec sa`

}  // namespace control::listing
