// The way from the tables of manual keying to the running daemon.
#pragma once

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "apps/daemon/clock.h"
#include "apps/daemon/manual/keying.h"

namespace daemon_app {

class ManualKeying::Port final : public ManualPort {
 public:
  explicit Port(Parts& parts) : parts_(parts) {}

  const crypto::Provider& provider() const override { return parts_.provider; }
  std::uint32_t lanes() const override { return parts_.dataplane.lanes(); }

  bool reserve(base::Spi spi) override { return parts_.spis.reserve(spi); }
  void release(base::Spi spi) override { parts_.spis.release(spi); }

  void add(std::shared_ptr<esp::InboundSa> sa) override { parts_.dataplane.add(std::move(sa)); }
  void add(std::shared_ptr<const esp::Bundle> bundle) override { parts_.dataplane.add(std::move(bundle)); }
  void add(base::Spi outermost, std::shared_ptr<const esp::InboundBundle> bundle) override {
    parts_.dataplane.add(outermost, std::move(bundle));
  }
  base::Status receive_plain(base::IpFamily outer, std::uint8_t protocol) override {
    return parts_.dataplane.plain().open(outer, protocol);
  }
  void stop_plain(base::IpFamily outer, std::uint8_t protocol) override {
    parts_.dataplane.plain().close(outer, protocol);
  }
  void remove(base::ChildId name) override { parts_.dataplane.remove_sas(name); }
  void on_receiver(base::Spi spi, std::function<void()> task) override {
    parts_.dataplane.on_receiver(spi, std::move(task));
  }
  void on_sender(base::ChildId bundle, std::function<void()> task) override {
    parts_.dataplane.on_sender(bundle, std::move(task));
  }
  void after_receiver(base::Spi spi, std::function<void()> then) override {
    parts_.dataplane.on_receiver(spi, [this, then] { boost::asio::post(parts_.io, then); });
  }
  void after_sender(base::ChildId bundle, std::function<void()> then) override {
    parts_.dataplane.on_sender(bundle, [this, then] { boost::asio::post(parts_.io, then); });
  }

  void add_policy(spd::Policy policy) override { parts_.dataplane.policies().add(std::move(policy)); }
  void remove_policy(base::ChildId bundle, std::uint64_t id) override {
    parts_.dataplane.policies().remove(bundle, id);
  }
  // Once for all that is changed in one go, as when many are loaded, and before anything else is done:
  // whoever has the answer to a command may send packets.
  void publish() override {
    if (std::exchange(publishing_, true)) return;
    boost::asio::post(parts_.io, [this] {
      publishing_ = false;
      parts_.dataplane.publish_policies();
    });
  }

  void answer_trap(base::ChildId trap, base::Duration pause) override {
    parts_.dataplane.answer_trap(trap, pause);
  }
  std::optional<ChildName> acquire(const spd::PacketKey& packet) override {
    auto child = parts_.find_child(packet);
    if (child) parts_.acquire({child->profile, child->child, spd::selectors_of(packet)});
    return child;
  }
  std::optional<base::ChildId> protect_by(const ChildName& child, spd::Policy policy,
                                          const spd::PacketKey& packet) override {
    return parts_.dataplane.protect_by(child.profile + "/" + child.child, std::move(policy), packet);
  }

  void route(base::ChildId name, RoutedChild what) override { parts_.routing.put(name, std::move(what)); }
  void unroute(base::ChildId name) override { parts_.routing.remove(name); }
  std::uint32_t outer_mtu(const base::IpAddress& remote) override { return parts_.routing.outer_mtu(remote); }
  std::optional<base::IpAddress> source_towards(const base::IpAddress& remote) override {
    return parts_.routing.source_towards(remote);
  }
  // As they were a millisecond ago at most: a script that gives the host an address, and then has an SA made,
  // takes longer, and commands from a file do not ask the kernel each time.
  bool is_ours(const base::IpAddress& address) override {
    const base::Instant now = monotonic_now();
    if (asked_ == base::Instant{} || now - asked_ > std::chrono::milliseconds(1)) {
      const auto found = parts_.netlink.addresses();
      if (!found.has_error()) ours_ = *found;
      asked_ = now;
    }
    for (const tun::LocalAddress& one : ours_) {
      if (one.address == address) return true;
    }
    return false;
  }
  std::string linux_name(const std::string& interface) const override {
    const auto known = parts_.interfaces.find(interface);
    return known == parts_.interfaces.end() ? interface : known->second;
  }

 private:
  Parts& parts_;
  bool publishing_ = false;
  base::Instant asked_{};
  std::vector<tun::LocalAddress> ours_;
};

}  // namespace daemon_app
