// The outbound pipeline of one shard: inner packets in, outer packets out.
//
//   parse -> policy -> sequence numbers -> trailer -> seal -> outer addresses -> send
#pragma once

#include <memory>

#include "base/packet.h"
#include "base/rng.h"
#include "esp/counters.h"
#include "esp/sad.h"
#include "spd/spd.h"

namespace esp {

// What leaves: two queues, because UDP can carry trains and protocol 50 cannot. Each frame has local and
// remote set.
struct OutboundResult {
  base::PacketBatch udp;   // payload for the NAT-T socket: ESP
  base::PacketBatch raw;   // payload for IP protocol 50: ESP
  base::PacketBatch tun;   // packets that go back into the TUN device (bypass is put back on its way by apps)
  base::PacketBatch icmp;  // packets too big (or out of hops): apps answers with ICMP; see Frame's bytes
  void clear() {
    udp.clear();
    raw.clear();
    tun.clear();
    icmp.clear();
  }
};

class Outbound {
 public:
  // All belong to the thread of this object. `rng` gives IVs of CBC.
  Outbound(Sad& sad, Counters& counters, base::Rng& rng) : sad_(sad), counters_(counters), rng_(rng) {}

  // Swapped between batches.
  void set_policies(std::shared_ptr<const spd::Snapshot> policies) { policies_ = std::move(policies); }
  // The MTU that outer packets may have, in octets.
  void set_outer_mtu(std::uint32_t mtu) { outer_mtu_ = mtu; }

  // Takes all frames of `in`, whose packets are sealed in place; everything not sent is dropped and counted.
  // Allocates nothing, throws nothing.
  void process(base::PacketBatch& in, OutboundResult& out) noexcept;

 private:
  Sad& sad_;
  Counters& counters_;
  base::Rng& rng_;
  std::shared_ptr<const spd::Snapshot> policies_ = std::make_shared<spd::Snapshot>();
  std::uint32_t outer_mtu_ = 1500;
};

}  // namespace esp
