// What the tables of manual keying ask of the data path and of the kernel.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/daemon/child_finder.h"
#include "apps/daemon/routing.h"
#include "base/ip.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/provider.h"
#include "esp/bundle.h"
#include "esp/sa.h"
#include "spd/policy.h"

namespace daemon_app {

// Of the IKE thread. Nothing here waits: what shards shall do is done by them in the order of the calls.
class ManualPort {
 public:
  virtual ~ManualPort() = default;

  virtual const crypto::Provider& provider() const = 0;
  // Threads that send, each of which counts what policies match.
  virtual std::uint32_t lanes() const = 0;

  // An SPI for an inbound SA; false where an SA of IKEv2 has it. No other gets it until it is released.
  virtual bool reserve(base::Spi spi) = 0;
  virtual void release(base::Spi spi) = 0;

  virtual void add(std::shared_ptr<esp::InboundSa> sa) = 0;
  virtual void add(std::shared_ptr<const esp::Bundle> bundle) = 0;
  // The SPI is that of the outermost, which is found on the wire; 0 where that is tun or comp.
  virtual void add(base::Spi outermost, std::shared_ptr<const esp::InboundBundle> bundle) = 0;
  // Packets of an IP protocol (4, 41 or 108) over that family come in, from now on until stop_plain() was
  // called as often: IP in IP, or IPComp, with no ESP and no AH around. Fails where there is no right to it.
  virtual base::Status receive_plain(base::IpFamily outer, std::uint8_t protocol) = 0;
  virtual void stop_plain(base::IpFamily outer, std::uint8_t protocol) = 0;
  // Takes away the inbound SAs and the bundles of that name.
  virtual void remove(base::ChildId name) = 0;
  // Runs a task where an inbound SA, or a bundle, is owned, between two batches: it may change the SA.
  virtual void on_receiver(base::Spi spi, std::function<void()> task) = 0;
  virtual void on_sender(base::ChildId bundle, std::function<void()> task) = 0;
  // Calls back, later and on this thread, once the one that owned such an inbound SA, or bundle, has done all
  // that it was told before: what was removed then is nobody's.
  virtual void after_receiver(base::Spi spi, std::function<void()> then) = 0;
  virtual void after_sender(base::ChildId bundle, std::function<void()> then) = 0;

  // Policies hold from the next publish() on.
  virtual void add_policy(spd::Policy policy) = 0;
  virtual void remove_policy(base::ChildId bundle, std::uint64_t id) = 0;
  virtual void publish() = 0;
  // What waits at that trap is dropped, and the next packet asks again once the pause is over.
  virtual void answer_trap(base::ChildId trap, base::Duration pause) = 0;
  // Asks IKE for the child of a profile that is for such packets, and says which; nullopt: there is none. It
  // is told to ManualTable::answered() when it is up, or has failed.
  virtual std::optional<ChildName> acquire(const spd::PacketKey& packet) = 0;
  // Where that child is up and takes the packet: the policy protects by it, in what its selectors and those
  // of the child have in common, from now on, and goes with it. Which one it is.
  virtual std::optional<base::ChildId> protect_by(const ChildName& child, spd::Policy policy,
                                                  const spd::PacketKey& packet) = 0;

  virtual void route(base::ChildId name, RoutedChild what) = 0;
  virtual void unroute(base::ChildId name) = 0;
  virtual std::uint32_t outer_mtu(const base::IpAddress& remote) = 0;  // octets
  virtual std::optional<base::IpAddress> source_towards(const base::IpAddress& remote) = 0;
  virtual bool is_ours(const base::IpAddress& address) = 0;
  // Of an interface that the user names.
  virtual std::string linux_name(const std::string& interface) const = 0;
};

}  // namespace daemon_app
