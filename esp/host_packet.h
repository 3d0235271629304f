// Packets of this host on their way into an SA in transport mode, and out of it with ESP in between.
#pragma once

#include <optional>

#include "esp/counters.h"
#include "esp/esp_encap.h"
#include "esp/ip_header.h"
#include "esp/sa.h"

namespace esp {

// Prepares the item, whose frame is the whole packet that `inner` describes: fills its split, and for ESP
// leaves the payload alone in the frame. Headers that the socket does not write are put aside, in front.
// Otherwise the reason to drop it.
std::optional<Counter> take_host_packet(const OutboundSa& sa, const IpPacket& inner,
                                        EncapItem& item) noexcept;

// Afterwards, with an ESP packet in the frame: takes the headers back that were put aside, with a UDP header
// where the SA wants one, so that the frame is a whole IP packet. For items whose split is not bare.
void put_headers_back(const SaParams& params, EncapItem& item) noexcept;

}  // namespace esp
