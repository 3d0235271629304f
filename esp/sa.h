// Security associations of the data path: parameters, and the live inbound and outbound halves.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/ip.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/strong.h"
#include "crypto/cipher.h"
#include "crypto/provider.h"
#include "crypto/suite.h"
#include "esp/counters.h"
#include "esp/ipcomp_habit.h"
#include "esp/replay_window.h"
#include "esp/transform.h"
#include "spd/selector.h"

namespace esp {

enum class Mode : std::uint8_t { tunnel, transport };

// What both halves are made of. Keys are ours and stay beside the library's schedules.
struct SaParams {
  base::ChildId child;
  base::Spi spi;
  // tun and comp are said here, and take neither suite nor keys; whether ESP or AH, suite.protocol says.
  Transform transform = Transform::esp;
  crypto::ChildSuite suite;
  Mode mode = Mode::tunnel;  // tun knows tunnel mode alone
  base::SecretBytes encr_key, integ_key;
  base::Endpoint local, remote;  // outer
  bool udp_encap = false;
  std::uint32_t outer_mtu = 1500;  // of the path to the peer, in octets; outbound only
  spd::SelectorPair selectors;
  std::uint32_t replay_window = 1024;  // packets, inbound only: 1 to 4096, or 0 without ESN (RFC 4303 3.4.3)
  std::uint64_t lifetime_bytes = 0, lifetime_packets = 0;  // hard limits; 0: none
  std::uint64_t soft_bytes = 0, soft_packets = 0;          // where a replacement is asked for; 0: none
  // ESP around whole IP packets, outbound: each is padded to so many octets, as far as the path takes that
  // (RFC 4303 2.7); 0: as long as it is.
  std::uint32_t tfc_size = 0;
  // The same: behind each so many packets a dummy as long as the last one leaves (RFC 4303 2.6); 0: none.
  std::uint32_t dummy_every = 0;
};

// How far the life of an SA has gone.
enum class LifeStage : std::uint8_t { fresh, soft, hard };

// What the halves of one child have in common. Written by the shards that own them, read by any thread.
struct ChildLife {
  std::atomic<LifeStage> reported{LifeStage::fresh};
  // The moments of the last packet in and out, in nanoseconds of base::Instant; 0: none yet. As fine as
  // ChildWatch looks.
  std::atomic<std::int64_t> last_in{0}, last_out{0};
  std::atomic<std::int64_t> first{0};  // of the first packet of either direction
  // The largest inner packet that the path back to the peer takes, in octets; 0: not known yet.
  std::atomic<std::uint32_t> inner_mtu{0};
  // Told once neither direction has carried a packet for so long; 0: never. Set before the shards see it.
  std::int64_t inactivity = 0;  // nanoseconds
};

// Adds to a counter that one thread writes and any thread reads.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

// Written by the owning shard, read by anyone: traffic of one SA.
struct alignas(64) SaTraffic {
  std::atomic<std::uint64_t> packets{0}, bytes{0};  // of inner packets
  // Packets that it did not take. Padding: not 1, 2, 3, …; size: cut off, or no multiple of the block.
  std::atomic<std::uint64_t> integrity_errors{0}, replays{0}, selector_errors{0};
  std::atomic<std::uint64_t> padding_errors{0}, size_errors{0}, other_errors{0};
  void add(std::uint64_t p, std::uint64_t b) {
    bump(packets, p);
    bump(bytes, b);
  }
};

// Written by the owning shard, read by anyone: octets that an IPComp SA has compressed, or has made again.
struct CompTraffic {
  std::atomic<std::uint64_t> plain{0}, compressed{0};
};

// What ChildWatch remembers of an SA; of the owning shard alone.
struct Watched {
  std::uint64_t packets = 0;            // that the SA had carried at the last look
  LifeStage raised = LifeStage::fresh;  // for which an alarm has been given
  bool silent = false;                  // whether inactivity has been told of
};

struct InboundBundle;

struct InboundSa {
  SaParams params;
  std::unique_ptr<crypto::Cipher> cipher;  // of ESP and AH
  bool aead = false;  // combined mode, where an ESN is authenticated in front (RFC 4106 5), not behind
  ReplayWindow window;
  SaTraffic traffic;
  bool seen = false;                       // an authenticated packet has arrived since the last report
  std::optional<base::Endpoint> moved_to;  // the newest packet came in UDP from here, not from params.remote
  // The local address before the last move: packets to it may still be under way. Unset: there was none.
  base::IpAddress former_local;
  Watched watched;
  std::shared_ptr<ChildLife> life;  // null: nobody asks
  // Kept by Sad: what the SA takes straight from the wire; none: nothing, another SA of its bundle is around
  // it.
  Transform wire = Transform::none;
  const InboundBundle* bundle = nullptr;  // kept by Sad: that it is a member of
  CompTraffic comp;

  bool is_ah() const { return params.transform == Transform::ah; }
  // Fails with family local for what the data path does not do (AH in UDP, SPI 0, no selectors on one side, a
  // window that is too large), or with the provider's error. AH takes a suite with an integrity algorithm
  // alone.
  static base::Result<std::shared_ptr<InboundSa>> make(SaParams params, const crypto::Provider& provider);
};

struct OutboundSa {
  SaParams params;
  std::unique_ptr<crypto::Cipher> cipher;  // of ESP and AH
  bool aead = false;
  std::uint64_t next_sequence = 1;  // taken by the owning shard alone (RFC 4303 3.3.3)
  // Numbers from here on may not be taken yet: they are not written down as used (manual keys). Of the shard
  // too.
  std::uint64_t sequence_ceiling = ~std::uint64_t{0};
  SaTraffic traffic;
  Watched watched;
  std::shared_ptr<ChildLife> life;  // null: nobody asks
  CompressionHabit habit;           // of IPComp
  CompTraffic comp;
  std::uint32_t since_dummy = 0;  // packets, where dummies are sent

  bool is_ah() const { return params.transform == Transform::ah; }
  // The largest inner packet that fits into an outer packet of `outer_mtu` octets; 0 where none does.
  std::uint32_t inner_mtu(std::uint32_t outer_mtu) const;
  // Octets of text (inner packet, padding, trailer) are a multiple of this (RFC 4303 2.4).
  std::uint32_t alignment() const {
    return cipher->block_size() > 4 ? static_cast<std::uint32_t>(cipher->block_size()) : 4;
  }
  // Like InboundSa::make; the remote address must be set.
  static base::Result<std::shared_ptr<OutboundSa>> make(SaParams params, const crypto::Provider& provider);
};

}  // namespace esp
