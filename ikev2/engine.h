// The IKEv2 core: events in, actions out. It reads no clock, no socket, no randomness of its own, and never
// blocks.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "crypto/provider.h"
#include "ikev2/action.h"
#include "ikev2/config.h"
#include "ikev2/event.h"
#include "ikev2/status.h"

namespace ikev2 {

// Hands out SPIs for our inbound SAs: unique among all SAs of the daemon, manual ones too; the low bits name
// the shard that will own the SA.
class SpiSource {
 public:
  virtual ~SpiSource() = default;
  virtual base::Spi draw() = 0;
  virtual void release(base::Spi spi) = 0;
};

class Engine {
 public:
  Engine(EngineConfig config, const crypto::Provider& provider, base::Rng& rng, SpiSource& spis);
  ~Engine();

  void handle_datagram(const Datagram& datagram, base::Instant now, Actions& out);
  void handle_timeout(base::Instant now, Actions& out);  // any deadline that is due
  void handle_command(const Command& command, base::Instant now, Actions& out);
  void handle_completion(Completion completion, base::Instant now, Actions& out);
  void handle_child_event(const ChildEvent& event, base::Instant now, Actions& out);
  // At the start, and after every change.
  void handle_network(const NetworkChanged& event, base::Instant now, Actions& out);

  // When handle_timeout wants to be called next.
  std::optional<base::Instant> next_timeout() const;
  EngineStatus status(bool with_secrets) const;
  // The same piece by piece, so that nobody has to wait for all of many SAs: what is not about single SAs;
  // which SAs there are, in order of creation; and one of them with those of these children that it still
  // has.
  EngineStatus summary() const;
  std::vector<IkeSaOutline> outline(bool with_selectors = false) const;
  std::optional<IkeSaStatus> ike_sa(std::uint64_t id, std::span<const base::ChildId> children,
                                    bool with_secrets) const;
  // The child with which the initiator of its IKE SA receives by this SPI; else the one with which the
  // responder does.
  std::optional<base::ChildId> find_child(base::Spi spi) const;
  // Of the IKE SAs that stand, those with a NAT in front of us.
  std::vector<NatPath> behind_nat() const;
  // Whether reports shall carry the SAs that they are about.
  void watch(bool on);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ikev2
