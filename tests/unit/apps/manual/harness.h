// Tables of manual keying over a data path in memory.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "apps/daemon/manual/describe.h"
#include "apps/daemon/manual/requests.h"
#include "apps/daemon/manual/table.h"
#include "config/manual_check.h"
#include "esp/sad.h"
#include "spd/spd.h"
#include "tests/support/fake_provider.h"
#include "tests/unit/config/temporary_directory.h"

namespace manual_test {

using namespace daemon_app;
using nlohmann::json;

inline base::IpAddress ip(const char* text) { return *base::IpAddress::parse(text); }

// We are 192.168.100.3 and 2001:db8::3.
class FakePort : public ManualPort {
 public:
  const crypto::Provider& provider() const override { return provider_; }
  std::uint32_t lanes() const override { return 1; }
  bool reserve(base::Spi spi) override { return reserved.insert(spi.value).second; }
  void release(base::Spi spi) override { reserved.erase(spi.value); }
  void add(std::shared_ptr<esp::InboundSa> sa) override { REQUIRE(sad.add(std::move(sa))); }
  void add(std::shared_ptr<const esp::Bundle> bundle) override { sad.add(std::move(bundle)); }
  void add(base::Spi, std::shared_ptr<const esp::InboundBundle> bundle) override {
    REQUIRE(sad.add(std::move(bundle)));
  }
  base::Status receive_plain(base::IpFamily outer, std::uint8_t protocol) override {
    if (!may_receive) return base::local_error("raw socket: Operation not permitted");
    plain.emplace(outer, protocol);
    return {};
  }
  void stop_plain(base::IpFamily outer, std::uint8_t protocol) override {
    const auto found = plain.find({outer, protocol});
    REQUIRE(found != plain.end());
    plain.erase(found);
  }
  void remove(base::ChildId name) override { sad.remove(name); }
  void on_receiver(base::Spi, std::function<void()> task) override { task(); }
  void on_sender(base::ChildId, std::function<void()> task) override { task(); }
  // With one lane nothing goes from one thread to another.
  void after_receiver(base::Spi, std::function<void()>) override { FAIL("a thread is waited for"); }
  void after_sender(base::ChildId, std::function<void()>) override { FAIL("a thread is waited for"); }
  void add_policy(spd::Policy policy) override { spd.add(std::move(policy)); }
  void remove_policy(base::ChildId bundle, std::uint64_t id) override { spd.remove(bundle, id); }
  void publish() override { ++published; }
  void answer_trap(base::ChildId trap, base::Duration pause) override {
    answered.push_back(trap);
    pauses.push_back(pause);
  }
  std::optional<ChildName> acquire(const spd::PacketKey&) override {
    if (profile_child) ++acquires;
    return profile_child;
  }
  std::optional<base::ChildId> protect_by(const ChildName& child, spd::Policy policy,
                                          const spd::PacketKey& packet) override {
    if (!standing_child || child != profile_child || !policy.selectors.matches(packet)) return {};
    policy.bundle = *standing_child;
    spd.add(std::move(policy));
    return standing_child;
  }
  void route(base::ChildId name, RoutedChild what) override {
    (what.use == tun::PathUse::none ? in_clear : routes)[name] = std::move(what);
  }
  void unroute(base::ChildId name) override {
    routes.erase(name);
    in_clear.erase(name);
  }
  std::uint32_t outer_mtu(const base::IpAddress&) override { return 1500; }
  std::optional<base::IpAddress> source_towards(const base::IpAddress& remote) override {
    return ip(remote.is_v6() ? "2001:db8::3" : "192.168.100.3");
  }
  bool is_ours(const base::IpAddress& address) override {
    return address == ip("192.168.100.3") || address == ip("2001:db8::3");
  }
  std::string linux_name(const std::string& interface) const override {
    return interface == "GigabitEthernet0/8/0" ? "eth0" : interface;
  }

  esp::InboundSa* inbound(std::uint32_t spi) {
    return sad.find(crypto::IpsecProtocol::esp, ip("192.168.100.3"), base::Spi(spi));
  }
  // What the policies say of a packet of ours, or nothing.
  const spd::Policy* policy(const char* local, const char* remote) {
    snapshot = spd.snapshot();
    return snapshot->find(spd::Direction::outbound, {ip(local), ip(remote), 0, 0, 17, true});
  }
  // The SA by which such a packet leaves, or null.
  esp::OutboundSa* sender(const char* local, const char* remote) {
    const spd::Policy* const found = policy(local, remote);
    const esp::Bundle* const bundle = found == nullptr ? nullptr : sad.find(found->bundle);
    return bundle == nullptr ? nullptr : bundle->outbound.front().get();
  }

  esp::Sad sad;
  spd::Spd spd;
  std::shared_ptr<const spd::Snapshot> snapshot;
  std::set<std::uint32_t> reserved;
  std::map<base::ChildId, RoutedChild> routes;                   // of policies with a path
  std::map<base::ChildId, RoutedChild> in_clear;                 // of those without
  std::multiset<std::pair<base::IpFamily, std::uint8_t>> plain;  // what is received without ESP and AH
  bool may_receive = true;
  std::vector<base::ChildId> answered;  // traps
  std::vector<base::Duration> pauses;
  std::optional<ChildName> profile_child;       // that is for every packet
  std::optional<base::ChildId> standing_child;  // it, once it is up
  int acquires = 0;
  int published = 0;

 private:
  test::FakeProvider provider_;
};

struct Log : base::LogSink {
  void write(const base::LogEvent& event) override { events.push_back(event.event + ": " + event.message); }
  std::vector<std::string> events;
};

struct Tables {
  explicit Tables(const std::string& state) : ledger(state) {}
  FakePort port;
  Log log;
  CounterLedger ledger;
  ManualTable table{port, ledger, log};

  ManualOutcome sa(const json& args, base::Instant now = {}) {
    auto read = read_manual_sa(args);
    if (read.has_error()) return ManualOutcome::refused("usage", read.error().reason);
    return table.add_sa(std::move(*read), now);
  }
  ManualOutcome policy(const json& args) { return table.add_policy(read_manual_policy(args).value()); }
  ManualOutcome eroute(const json& args) { return table.add_policy(read_manual_eroute(args, true).value()); }
  ManualOutcome remove(const json& args) { return table.delete_sa(read_manual_ref(args).value()); }
};

// The SAs of the wiki page: 10 goes out, 20 comes in.
inline json page_sa(std::uint32_t id, std::uint32_t spi, char key = '4') {
  return {{"id", id},
          {"spi", spi},
          {"encr", "aes-cbc-128"},
          {"encr_key", std::string(1, key) + "a506a794f574265564551694d653768"},
          {"integ", "sha1-96"},
          {"integ_key", std::string(1, key) + "339314b55523947594d6d3547666b45764e6a58"}};
}
inline json page_policy(const char* direction, std::uint32_t id) {
  return {{"spd", 1}, {"direction", direction},   {"priority", 10},           {"action", "protect"},
          {"id", id}, {"local", "192.168.100.3"}, {"remote", "192.168.100.2"}};
}
// One of KLIPS': named by its destination.
inline json klips_sa(std::uint32_t spi, const char* destination, char key = '4') {
  json sa = page_sa(0, spi, key);
  sa.erase("id");
  sa["destination"] = destination;
  return sa;
}

}  // namespace manual_test
