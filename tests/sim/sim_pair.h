// Two engines in memory, joined by a virtual network, with real cryptography and a generator that gives the
// same octets each time. A story sends commands, runs the world, and looks at what each side did.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "crypto/botan/provider.h"
#include "ikev2/auth/authenticator.h"
#include "ikev2/engine.h"
#include "tests/sim/virtual_network.h"

namespace sim {

using namespace std::chrono_literals;

class SeededRng final : public base::Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : random_(seed) {}
  void fill(base::MutableByteSpan out) override {
    for (auto& octet : out) octet = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937_64 random_;
};

class CountingSpis final : public ikev2::SpiSource {
 public:
  explicit CountingSpis(std::uint32_t first) : next_(first) {}
  base::Spi draw() override {
    ++live;
    return base::Spi{next_++};
  }
  void release(base::Spi) override { --live; }
  int live = 0;

 private:
  std::uint32_t next_;
};

inline std::shared_ptr<const crypto::Provider> real_cryptography() { return crypto::make_botan_provider(); }

// One engine, and the executor of its actions.
class Node {
 public:
  Node(std::string node_name, base::IpAddress node_address, std::uint64_t seed, VirtualNetwork& net,
       ikev2::EngineConfig config = {},
       std::shared_ptr<const crypto::Provider> cryptography = real_cryptography())
      : name(std::move(node_name)),
        address(node_address),
        rng(seed),
        spis(static_cast<std::uint32_t>(0x1000 * (seed + 1))),
        provider(std::move(cryptography)),
        engine(config, *provider, rng, spis),
        net_(net) {}

  std::string name;
  base::IpAddress address;
  SeededRng rng;
  SeededRng key_rng{99};  // of the key worker
  CountingSpis spis;
  std::shared_ptr<const crypto::Provider> provider;
  ikev2::Engine engine;
  std::map<std::uint64_t, std::string> secrets;            // CredentialId -> PSK
  std::map<std::uint64_t, crypto::KeyMaterial> materials;  // CredentialId -> keys
  std::int64_t unix_time = 1'800'000'000;                  // for certificates: 2027-01-15
  std::vector<ikev2::StartVerify> verified;                // what had to be checked
  std::map<std::string, base::IpAddress> hosts;            // names that resolve
  std::map<std::uint64_t, ikev2::InstallChild> children;   // installed now
  std::vector<std::uint64_t> outbound;                     // those that may send, the one in use first
  std::vector<ikev2::Report> reports;
  std::map<std::uint64_t, base::Status> outcomes;  // of requests
  std::vector<std::string> steps;
  std::map<std::string, ikev2::InstallTrap> traps;  // that stand now, by child
  struct Answer {
    base::Instant at;
    std::string child;
    base::Duration pause;
  };
  std::vector<Answer> answers;  // to acquires
  bool all_closed = false;
  bool dead = false;          // hears and says nothing
  base::Duration ke_delay{};  // how long a key exchange takes

  void command(const ikev2::Command& command, base::Instant now) {
    ikev2::Actions out;
    engine.handle_command(command, now, out);
    run(std::move(out), now);
  }
  void timeout(base::Instant now) {
    ikev2::Actions out;
    engine.handle_timeout(now, out);
    run(std::move(out), now);
  }
  void receive(const Flight& flight, base::Instant now) {
    if (dead) return;
    ikev2::Actions out;
    engine.handle_datagram({flight.to, flight.from, flight.natt, flight.message}, now, out);
    run(std::move(out), now);
  }
  // Moves to other addresses: what was sent to the former one is lost.
  void readdress(base::IpAddress fresh, base::Instant now) {
    address = fresh;
    network({fresh}, now);
  }
  void network(std::vector<base::IpAddress> addresses, base::Instant now) {
    ikev2::Actions out;
    engine.handle_network({std::move(addresses)}, now, out);
    run(std::move(out), now);
  }
  void peer_moved(base::ChildId child, base::Endpoint remote, base::Instant now) {
    child_event(ikev2::PeerMoved{child, remote}, now);
  }
  void child_event(const ikev2::ChildEvent& event, base::Instant now) {
    ikev2::Actions out;
    engine.handle_child_event(event, now, out);
    run(std::move(out), now);
  }
  void packet_seen(base::ChildId child, base::Instant now) { child_event(ikev2::PacketSeen{child}, now); }
  // Whether some report holds that text.
  bool said(const std::string& text) const {
    for (const auto& report : reports) {
      if (report.log.message.find(text) != std::string::npos) return true;
    }
    return false;
  }

  // Key exchanges whose time has come.
  std::optional<base::Instant> next_completion() const {
    if (pending_.empty()) return {};
    return pending_.begin()->first;
  }
  void finish_due(base::Instant now) {
    while (!pending_.empty() && pending_.begin()->first <= now) {
      ikev2::KeDone done = std::move(pending_.begin()->second);
      pending_.erase(pending_.begin());
      complete(std::move(done), now);
    }
  }

 private:
  void complete(ikev2::Completion completion, base::Instant now) {
    ikev2::Actions out;
    engine.handle_completion(std::move(completion), now, out);
    run(std::move(out), now);
  }
  void run(ikev2::Actions actions, base::Instant now) {
    for (auto& action : actions) {
      std::visit([&](auto& a) { perform(a, now); }, action);
    }
  }

  void perform(ikev2::SendDatagram& a, base::Instant now) {
    if (!dead) net_.send(now, {{}, 0, a.local, a.remote, a.natt, a.message});
  }
  void perform(ikev2::InstallChild& a, base::Instant) {
    const auto id = a.id.value;
    const bool later = a.outbound_later;
    children.insert_or_assign(id, std::move(a));
    if (!later) use(id);
  }
  void use(std::uint64_t id) {
    std::erase(outbound, id);
    outbound.insert(outbound.begin(), id);
  }
  void perform(ikev2::UseChild& a, base::Instant) { use(a.id.value); }
  void perform(ikev2::RemoveChild& a, base::Instant) {
    children.erase(a.id.value);
    std::erase(outbound, a.id.value);
  }
  void perform(ikev2::MoveChild& a, base::Instant) {
    ikev2::InstallChild& child = children.at(a.id.value);
    child.local = a.local;
    child.remote = a.remote;
    child.udp_encap = a.udp_encap;
  }
  void perform(ikev2::InstallTrap& a, base::Instant) { traps.insert_or_assign(a.child, a); }
  void perform(ikev2::RemoveTrap& a, base::Instant) { traps.erase(a.child); }
  void perform(ikev2::AnswerAcquire& a, base::Instant now) { answers.push_back({now, a.child, a.pause}); }
  void perform(ikev2::StartKe& a, base::Instant now) {
    ikev2::KeDone done{a.job, {}, std::move(a.own), {}, {}};
    if (!done.own) {
      auto made = provider->key_exchange(a.method, rng);
      if (made.has_error())
        done.status = made.error();
      else
        done.own = std::move(*made);
    }
    if (done.own) done.public_value = done.own->public_value();
    if (done.own && !a.peer_public.empty()) {
      auto secret = done.own->agree(a.peer_public);
      if (secret.has_error())
        done.status = secret.error();
      else
        done.shared_secret = std::move(*secret);
    }
    if (ke_delay == base::Duration::zero()) return complete(std::move(done), now);
    pending_.emplace(now + ke_delay, std::move(done));
  }
  // What a credential stands for: a secret of `secrets`, else the keys of `materials`.
  ikev2::Authenticator authenticator() {
    ikev2::Authenticator out(*provider, key_rng);
    for (const auto& [id, material] : materials) {
      out.put(ikev2::CredentialId{id}, {{}, material.key, material.pinned, material.trust});
    }
    for (const auto& [id, text] : secrets)
      out.put(ikev2::CredentialId{id}, {.psk = base::SecretBytes(base::as_bytes(text))});
    return out;
  }
  void perform(ikev2::StartAuth& a, base::Instant now) { complete(authenticator().authenticate(a), now); }
  void perform(ikev2::StartVerify& a, base::Instant now) {
    verified.push_back(a);
    complete(authenticator().verify(a, unix_time), now);
  }
  void perform(ikev2::StartResolve& a, base::Instant now) {
    ikev2::ResolveDone done{a.job, {}, {}};
    const auto literal = base::IpAddress::parse(a.host);
    if (literal) {
      done.addresses = {{*literal, address}};
    } else if (const auto known = hosts.find(a.host); known != hosts.end()) {
      done.addresses = {{known->second, address}};
    } else {
      done.status = base::local_error("no such host");
    }
    complete(std::move(done), now);
  }
  void perform(ikev2::Report& a, base::Instant) {
    // SIM_TRACE=1 shows what the engines say, for whoever writes a story.
    if (std::getenv("SIM_TRACE") != nullptr) {
      std::fprintf(stderr, "%s: %s: %s\n", name.c_str(), a.log.event.c_str(), a.log.message.c_str());
    }
    reports.push_back(std::move(a));
  }
  void perform(ikev2::RequestStep& a, base::Instant) { steps.push_back(std::move(a.text)); }
  void perform(ikev2::RequestDone& a, base::Instant) {
    outcomes.insert_or_assign(a.request.value, std::move(a.outcome));
  }
  void perform(ikev2::AllClosed&, base::Instant) { all_closed = true; }

  std::multimap<base::Instant, ikev2::KeDone> pending_;
  VirtualNetwork& net_;
};

// Proposals and a profile, short to write.
ikev2::Proposal ike_proposal(crypto::Encr encr, std::uint16_t bits, crypto::Prf prf, crypto::Integ integ,
                             std::vector<crypto::Ke> groups);
ikev2::Proposal esp_proposal(crypto::Encr encr, std::uint16_t bits, crypto::Integ integ);
// `left` is its own side: the peer at `remote`, identities fqdn:left.test and fqdn:right.test,
// selectors 10.1.0.0/16 and 10.2.0.0/16, secret number 1. `mirrored` gives the other side's view.
ikev2::PeerConfig profile(const std::string& name, base::IpAddress remote, bool mirrored);

// The usual world: left 192.0.2.1 and right 192.0.2.2 with profiles "pr" that fit, and the same secret.
class SimPair {
 public:
  explicit SimPair(std::uint32_t seed = 1, ikev2::EngineConfig left_config = {},
                   ikev2::EngineConfig right_config = {},
                   std::shared_ptr<const crypto::Provider> cryptography = real_cryptography());

  VirtualNetwork net;
  Node left, right;
  ikev2::PeerConfig left_profile, right_profile;
  base::Instant now{1000s};
  std::vector<Node*> more;  // nodes besides the two; they outlive the world

  void configure();  // hands both profiles to the engines
  void initiate(std::uint64_t request = 1) {
    left.command(ikev2::Initiate{ikev2::RequestId{request}, "pr", {}}, now);
  }
  // Lets time pass until nothing more happens before `limit` from now, or until `done` holds.
  void run(base::Duration limit = 5s, const std::function<bool()>& done = {});
  bool up() const { return left.children.size() == 1 && right.children.size() == 1; }
  std::vector<Node*> nodes();
  // The one IKE SA of a node.
  static ikev2::IkeSaStatus sa(const Node& node) { return std::move(node.engine.status(true).ike_sas.at(0)); }
};

}  // namespace sim
