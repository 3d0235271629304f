// `show ikev2 sa`, in the form of current VPP and in that of VPP's wiki page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control/model.h"

namespace control::listing {

struct Ikev2SaOptions {
  bool details = false;
  std::optional<std::uint64_t> responder_spi;  // that SA alone, with details
  bool secrets = false;                        // else keys print as [redacted]
  bool wiki = false;                           // the dump of version 17.04, as on VPP's wiki page, of each SA
};

// One line an IKE SA, or its full dump and an empty line. Nothing where there is none.
//
// (i) and (r) are the initiator and responder of the IKE SA, for children too: spi(i) is the SPI by which the
// initiator receives, SK_e i the key by which it sends.
std::string ikev2_sa(const StatusView& view, const Ikev2SaOptions& options);

}  // namespace control::listing
