// Security associations of the data path: parameters, and the live inbound and outbound halves.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/ip.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/strong.h"
#include "crypto/cipher.h"
#include "crypto/provider.h"
#include "crypto/suite.h"
#include "esp/counters.h"
#include "esp/replay_window.h"
#include "spd/selector.h"

namespace esp {

enum class Mode : std::uint8_t { tunnel, transport };

// What both halves are made of. Keys are ours and stay beside the library's schedules.
struct SaParams {
  base::ChildId child;
  base::Spi spi;
  crypto::ChildSuite suite;
  Mode mode = Mode::tunnel;
  base::SecretBytes encr_key, integ_key;
  base::Endpoint local, remote;  // outer
  bool udp_encap = false;
  spd::SelectorPair selectors;
  std::uint32_t replay_window = 1024;                      // packets, inbound only
  std::uint64_t lifetime_bytes = 0, lifetime_packets = 0;  // hard limits; 0: none
};

// Written by the owning shard, read by anyone: traffic of one SA.
struct alignas(64) SaTraffic {
  std::atomic<std::uint64_t> packets{0}, bytes{0};  // of inner packets
  std::atomic<std::uint64_t> integrity_errors{0}, replays{0}, selector_errors{0}, other_errors{0};
  void add(std::uint64_t p, std::uint64_t b) {
    packets.store(packets.load(std::memory_order_relaxed) + p, std::memory_order_relaxed);
    bytes.store(bytes.load(std::memory_order_relaxed) + b, std::memory_order_relaxed);
  }
};

struct InboundSa {
  SaParams params;
  std::unique_ptr<crypto::Cipher> cipher;
  ReplayWindow window;
  SaTraffic traffic;
  bool seen = false;  // an authenticated packet has arrived since the last report

  static base::Result<std::shared_ptr<InboundSa>> make(SaParams params, const crypto::Provider& provider);
};

struct OutboundSa {
  SaParams params;
  std::unique_ptr<crypto::Cipher> cipher;
  std::uint64_t next_sequence = 1;  // taken by the owning shard alone (RFC 4303 3.3.3)
  SaTraffic traffic;

  // The largest inner packet that fits into an outer packet of `outer_mtu` octets.
  std::uint32_t inner_mtu(std::uint32_t outer_mtu) const;
  static base::Result<std::shared_ptr<OutboundSa>> make(SaParams params, const crypto::Provider& provider);
};

// The SAs that one policy applies, from inside to outside: one to four. Immutable.
struct Bundle {
  base::ChildId id;
  std::vector<std::shared_ptr<OutboundSa>> outbound;
};

}  // namespace esp
