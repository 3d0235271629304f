// Cutting up what TSO and USO hand over, as the kernel or a network card would.
#pragma once

#include "base/packet.h"

namespace tun {

// IPv4: identification counts up, total length and header checksum are new. TCP: sequence number; FIN and PSH
// on the last packet alone, CWR on the first alone (RFC 3168 6.1.2). UDP: length.
class OffloadSegmenter final : public base::Segmenter {
 public:
  void write(const base::Frame& frame, std::uint32_t i, std::uint8_t* to) const noexcept override;
};

}  // namespace tun
