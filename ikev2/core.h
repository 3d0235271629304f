// What the engine is made of, shared by the handlers of all exchanges. Internal to ikev2/.
#pragma once

#include <unordered_map>

#include "base/rng.h"
#include "crypto/provider.h"
#include "ikev2/action.h"
#include "ikev2/config.h"
#include "ikev2/cookie.h"
#include "ikev2/counters.h"
#include "ikev2/engine.h"
#include "ikev2/reply_limiter.h"
#include "ikev2/sa/deadlines.h"
#include "ikev2/sa/peer_table.h"
#include "ikev2/sa/remote_networks.h"
#include "ikev2/sa/sa_table.h"

namespace ikev2 {

struct Core {
  Core(EngineConfig engine_config, const crypto::Provider& crypto_provider, base::Rng& random,
       SpiSource& spi_source)
      : config(engine_config),
        provider(crypto_provider),
        rng(random),
        spis(spi_source),
        cookies(engine_config.cookie_lifetime, random) {}

  EngineConfig config;
  const crypto::Provider& provider;
  base::Rng& rng;
  SpiSource& spis;

  PeerTable peers;
  SaTable sas;
  Deadlines deadlines;
  IkeCounters counters;
  CookieJar cookies;
  std::unordered_map<JobId, std::uint64_t> jobs;  // running slow work -> the IKE SA that waits for it
  std::unordered_map<base::ChildId, std::uint64_t> child_owner;  // child -> its IKE SA
  RemoteNetworks remote_networks;                                // of the children in child_owner
  std::unordered_map<base::ChildId, base::Spi> lingering;        // deleted children whose inbound SA drains
  std::uint64_t next_job = 1;
  std::uint64_t next_child = 1;
  bool shutting_down = false;
  bool watched = false;  // reports carry the SAs that they are about
  std::vector<base::IpAddress> addresses;  // of this host, that peers may reach
  ReplyLimiter replies;                    // to strangers
};

// A new SPI of our own for an IKE SA: never zero, and not in use.
inline base::IkeSpi draw_ike_spi(Core& core) {
  while (true) {
    const base::IkeSpi spi{core.rng.u64()};
    if (spi.value != 0 && core.sas.find_by_spi(spi) == nullptr) return spi;
  }
}

// What a handler works on.
struct Context {
  Core& core;
  IkeSa& sa;
  base::Instant now;
  Actions& out;
  base::ByteSpan wire{};  // the message that is handled, as it travelled
};

inline DeadlineOwner owner_of(const IkeSa& sa) { return {OwnerKind::ike_sa, sa.id}; }
inline DeadlineOwner owner_of(base::ChildId child) { return {OwnerKind::child, child.value}; }
inline DeadlineOwner owner_of(const PeerRuntime& peer) { return {OwnerKind::peer, peer.id}; }

// Draws a number for slow work that this SA waits for.
inline JobId new_job(Context& context) {
  const JobId job{context.core.next_job++};
  context.core.jobs[job] = context.sa.id;
  return job;
}

}  // namespace ikev2
