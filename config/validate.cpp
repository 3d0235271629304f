// Checks that need more than one key. What could not be read has been reported, and is not judged again.
#include <algorithm>
#include <initializer_list>
#include <map>

#include "config/loaders.h"

namespace config {

namespace {

using ikev2::PeerConfig;
using ikev2::TransformType;
using Path = std::initializer_list<std::string_view>;

// One profile (or the daemon) with its part of the tree.
class Scope {
 public:
  Scope(const YamlNode* node, Place place, Diagnostics& diagnostics)
      : node_(node), place_(place), diagnostics_(diagnostics) {}

  // The place of the value at `path`, or of the deepest key that is there.
  Place place(Path path) const;
  // Whether something stands at `path`, and was refused when read.
  bool refused(Path path) const;
  void error(Path path, std::string message) const { diagnostics_.error(place(path), std::move(message)); }
  void warning(Path path, std::string message) const {
    diagnostics_.warning(place(path), std::move(message));
  }
  Scope sub(std::string_view key) const;
  // The map's entry number `index`: the model keeps profiles and children in order of the file.
  Scope entry(std::size_t index) const;
  Place place() const { return place_; }

 private:
  const YamlNode* node_;
  Place place_;
  Diagnostics& diagnostics_;
};

Place Scope::place(Path path) const {
  const YamlNode* node = node_;
  Place at = place_;
  for (const std::string_view key : path) {
    const YamlEntry* entry = node == nullptr ? nullptr : node->find(key);
    if (entry == nullptr) return at;
    node = entry->value.get();
    at = node->is_map() ? entry->place : node->place;
  }
  return at;
}

bool Scope::refused(Path path) const {
  const YamlNode* node = node_;
  for (const std::string_view key : path) {
    const YamlEntry* entry = node == nullptr ? nullptr : node->find(key);
    if (entry == nullptr) return false;
    node = entry->value.get();
  }
  if (node->is_sequence()) {
    return diagnostics_.error_at(node->place) ||
           std::any_of(node->items.begin(), node->items.end(),
                       [&](const YamlNodePtr& item) { return diagnostics_.error_at(item->place); });
  }
  return diagnostics_.error_at(node->place);
}

Scope Scope::sub(std::string_view key) const {
  const YamlEntry* entry = node_ == nullptr ? nullptr : node_->find(key);
  if (entry == nullptr) return {nullptr, place_, diagnostics_};
  return {entry->value.get(), entry->place, diagnostics_};
}

Scope Scope::entry(std::size_t index) const {
  if (node_ == nullptr || index >= node_->entries.size()) return {nullptr, place_, diagnostics_};
  const YamlEntry& found = node_->entries[index];
  return {found.value.get(), found.place, diagnostics_};
}

std::string_view family_name(base::IpFamily family) { return family == base::IpFamily::v4 ? "IPv4" : "IPv6"; }

// The family of the addresses that may call, or none where any may.
base::IpFamily family_of(const ikev2::RemoteAddress& remote) {
  if (const auto* address = std::get_if<base::IpAddress>(&remote)) return address->family();
  if (const auto* prefix = std::get_if<base::Prefix>(&remote)) return prefix->address.family();
  return base::IpFamily::none;
}

std::string text_of(const ikev2::RemoteAddress& remote) {
  if (const auto* address = std::get_if<base::IpAddress>(&remote)) return address->text();
  if (const auto* prefix = std::get_if<base::Prefix>(&remote)) return prefix->text();
  if (const auto* host = std::get_if<ikev2::HostName>(&remote)) return host->name;
  return "any";
}

void check_daemon(const Daemon& daemon, const Scope& scope) {
  if (daemon.ike_port == daemon.natt_port && !scope.refused({"ports", "ike"}) &&
      !scope.refused({"ports", "natt"})) {
    scope.error({"ports", "natt"}, "ports: ike and natt must differ (RFC 3948 2.2)");
  }
}

void check_addresses(const PeerConfig& peer, const Daemon& daemon, const Scope& scope) {
  if (!peer.local_address) return;
  const base::IpAddress& local = *peer.local_address;
  const base::IpFamily remote = family_of(peer.remote_address);
  if (remote != base::IpFamily::none && remote != local.family()) {
    scope.error({"remote", "address"},
                fmt::format("address: {} is {}, but local.address is {}", text_of(peer.remote_address),
                            family_name(remote), family_name(local.family())));
  }
  const bool heard = std::any_of(daemon.listen.begin(), daemon.listen.end(), [&](const base::IpAddress& a) {
    return a == local || (a.is_unspecified() && a.family() == local.family());
  });
  if (!heard) {
    scope.error({"local", "address"}, fmt::format("address: {} is not in daemon.listen", local.text()));
  }
}

// Whether one of the selectors is of that family; empty selectors stand for the address of their side.
bool covers(const spd::TrafficSelectors& list, base::IpFamily address, base::IpFamily family) {
  if (list.empty()) return address == base::IpFamily::none || address == family;
  return std::any_of(list.begin(), list.end(),
                     [&](const spd::TrafficSelector& ts) { return ts.range.first.family() == family; });
}

void check_selectors(const ikev2::ChildConfig& child, const PeerConfig& peer, const Scope& scope) {
  if (scope.refused({"local_ts"}) || scope.refused({"remote_ts"})) return;
  const base::IpFamily remote = family_of(peer.remote_address);
  const base::IpFamily local = peer.local_address ? peer.local_address->family() : remote;
  for (const auto family : {base::IpFamily::v4, base::IpFamily::v6}) {
    if (covers(child.local_ts, local, family) && covers(child.remote_ts, remote, family)) return;
  }
  scope.error({"remote_ts"}, "remote_ts: no address family in common with local_ts");
}

// A trap stands before there is an SA, whose addresses could fill in.
void check_trap(const ikev2::ChildConfig& child, const PeerConfig& peer, const Scope& scope) {
  if (child.start != ikev2::Start::trap || !peer.can_initiate()) return;
  if (child.local_ts.empty() && !peer.local_address && !scope.refused({"local_ts"})) {
    scope.error({"start"}, "start: a trap needs to know its packets: say local_ts, or local.address");
  }
  if (child.remote_ts.empty() && !std::holds_alternative<base::IpAddress>(peer.remote_address) &&
      !scope.refused({"remote_ts"})) {
    scope.error({"start"},
                "start: a trap needs to know its packets: say remote_ts, or an address of the peer");
  }
}

bool may_use_esn(const ikev2::ChildConfig& child) {
  const ikev2::Transform esn{TransformType::esn, 1, 0, true};
  return std::any_of(child.proposals.begin(), child.proposals.end(), [&](const ikev2::Proposal& p) {
    return std::find(p.transforms.begin(), p.transforms.end(), esn) != p.transforms.end();
  });
}

bool names(const ikev2::ChildConfig& child, crypto::Integ integ) {
  return std::any_of(child.proposals.begin(), child.proposals.end(), [&](const ikev2::Proposal& p) {
    return std::any_of(p.transforms.begin(), p.transforms.end(), [&](const ikev2::Transform& t) {
      return t.type == TransformType::integ && static_cast<crypto::Integ>(t.id) == integ;
    });
  });
}

// RFC 4303 2.7: only where the payload says itself where it ends. esp/ pads around whole packets alone.
void check_tfc(const ikev2::ChildConfig& child, const Scope& scope) {
  if (child.tfc_size == 0 && child.dummy_every == 0) return;
  if (child.mode != ikev2::Mode::tunnel)
    scope.error({"tfc"}, "tfc: only tunnel mode has padding and dummies");
  const bool esp = std::any_of(child.proposals.begin(), child.proposals.end(), [](const auto& proposal) {
    return proposal.protocol == ikev2::ProtocolId::esp;
  });
  if (!esp && !scope.refused({"proposals"})) scope.error({"tfc"}, "tfc: only ESP has padding and dummies");
}

void check_child(const ikev2::ChildConfig& child, const PeerConfig& peer, const Scope& profile,
                 const Scope& scope) {
  check_selectors(child, peer, scope);
  if (child.start != ikev2::Start::none && !peer.can_initiate() && !profile.refused({"remote", "address"})) {
    scope.error({"start"}, "start: nobody can be called: remote.address is not one address or host name");
  }
  check_trap(child, peer, scope);
  check_tfc(child, scope);
  if (child.jitter && *child.jitter >= child.lifetime && !scope.refused({"lifetime"})) {
    scope.error({"jitter"}, "jitter: must be shorter than the lifetime");
  }
  if (child.handover && *child.handover >= child.lifetime && !scope.refused({"lifetime"})) {
    scope.error({"handover"}, "handover: must be shorter than the lifetime");
  }
  if (child.sha2_256_96 && !scope.refused({"proposals"}) && !names(child, crypto::Integ::hmac_sha2_256_128)) {
    scope.error({"sha2_256_96"}, "sha2_256_96: hmac-sha2-256-128 is in none of the proposals");
  }
  // RFC 4303 2.2.1: the high half of an ESN is known only to a receiver that keeps a window.
  if (child.replay_window == 0 && !scope.refused({"proposals"}) && may_use_esn(child)) {
    scope.error({"replay_window"},
                "replay_window: 0 is possible without extended sequence numbers alone; "
                "say no-esn in each of the proposals");
  }
}

void check_timers(const PeerConfig& peer, const Scope& scope) {
  if (peer.liveness_timeout < peer.liveness_delay && !scope.refused({"liveness", "delay"}) &&
      !scope.refused({"liveness", "timeout"})) {
    scope.error({"liveness", "timeout"}, "timeout: must not be shorter than the delay");
  }
  if (peer.retry.max < peer.retry.initial && !scope.refused({"retry", "initial"}) &&
      !scope.refused({"retry", "max"})) {
    scope.error({"retry", "max"}, "max: must not be shorter than initial");
  }
}

// What a responder tells profiles apart by. Equal texts: only the first profile is ever taken.
std::string admits(const PeerConfig& peer) {
  const bool signs = peer.remote_auth.kind == ikev2::AuthKind::signature;
  return fmt::format("{}\n{}\n{}\n{}\n{}", signs ? name(peer.remote_auth.key) : "psk",
                     peer.local_address ? peer.local_address->text() : "",
                     peer.local_id ? peer.local_id->text() : "", text_of(peer.remote_address),
                     peer.remote_id ? peer.remote_id->text() : "");
}

}  // namespace

void validate(const Config& config, const YamlNode& root, Diagnostics& diagnostics) {
  const Scope file(&root, root.place, diagnostics);
  check_daemon(config.daemon, file.sub("daemon"));
  const Scope profiles = file.sub("profiles");
  std::map<std::string, std::string> seen;
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    const ikev2::PeerConfigPtr& peer = config.peers[i];
    const Scope scope = profiles.entry(i);
    check_addresses(*peer, config.daemon, scope);
    check_timers(*peer, scope);
    const Scope children = scope.sub("children");
    for (std::size_t c = 0; c < peer->children.size(); ++c) {
      check_child(peer->children[c], *peer, scope, children.entry(c));
    }
    const auto [first, is_new] = seen.try_emplace(admits(*peer), peer->name);
    if (!is_new) {
      diagnostics.warning(scope.place(),
                          fmt::format("admits the same peers as profile {}, which comes first when they call",
                                      first->second));
    }
  }
}

}  // namespace config
