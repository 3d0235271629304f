#include "apps/ctl/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/ctl/rehearsal_node.h"
#include "ikev2/negotiate/available.h"

namespace ctl {

namespace {

// Datagrams after which two engines that still talk have lost their way.
constexpr int kMaxDatagrams = 200;

// Nothing shall begin by itself, or go on after a failure.
void make_quiet(ikev2::PeerConfig& peer) {
  for (ikev2::ChildConfig& child : peer.children) child.start = ikev2::Start::none;
  peer.liveness_action = ikev2::LivenessAction::clear;
}

void prune(RehearsalSide& side, const crypto::Provider& provider, base::Rng& rng, Rehearsal& result) {
  ikev2::Availability available(provider, rng);
  std::vector<std::string> missing = available.prune(side.peer.proposals);
  for (ikev2::ChildConfig& child : side.peer.children)
    for (std::string& name : available.prune(child.proposals)) missing.push_back(std::move(name));
  for (const std::string& name : missing)
    result.notes.push_back(side.title + ": " + name + " is not in this build of the library");
}

// Where a side is: as it says itself, as the other looks for it, or an address for documentation (RFC 5737 3,
// RFC 3849 2).
base::IpAddress place_of(const ikev2::PeerConfig& peer, const ikev2::PeerConfig& other, bool first) {
  if (peer.local_address) return *peer.local_address;
  if (const auto* address = std::get_if<base::IpAddress>(&other.remote_address)) return *address;
  if (const auto* prefix = std::get_if<base::Prefix>(&other.remote_address)) return prefix->address;
  const auto* towards = std::get_if<base::IpAddress>(&peer.remote_address);
  const bool v6 =
      (towards != nullptr && towards->is_v6()) || (other.local_address && other.local_address->is_v6());
  const char* text = v6 ? (first ? "2001:db8::1" : "2001:db8::2") : (first ? "192.0.2.1" : "192.0.2.2");
  return *base::IpAddress::parse(text);
}

void note_address(const RehearsalSide& from, const RehearsalSide& to, const base::IpAddress& place,
                  Rehearsal& result) {
  const auto* expected = std::get_if<base::IpAddress>(&from.peer.remote_address);
  if (expected == nullptr || *expected == place) return;
  result.notes.push_back(
      fmt::format("{} looks for its peer at {}, but {} is at {}: taken as if a NAT stood between", from.title,
                  expected->text(), to.title, place.text()));
}

// Delivers until both are silent.
void converse(RehearsalNode& a, RehearsalNode& b) {
  for (int count = 0; count < kMaxDatagrams; ++count) {
    const auto from_a = a.next();
    const auto from_b = b.next();
    if (!from_a && !from_b) return;
    if (from_a) b.receive(*from_a);
    if (from_b) a.receive(*from_b);
  }
}

// Whoever refuses knows best why: the responder's words come first.
void take_reasons(RehearsalNode& initiator, RehearsalNode& responder, std::vector<std::string>& to) {
  for (RehearsalNode* node : {&responder, &initiator}) {
    for (std::string& text : node->complaints())
      if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(std::move(text));
  }
}

// The responder's child of that initiator's child, by its SPI.
std::string peer_child(const RehearsalNode& responder, base::Spi spi_out) {
  for (const auto& sa : responder.status().ike_sas)
    for (const auto& child : sa.children)
      if (child.spi_in == spi_out) return child.name;
  return "";
}

ikev2::ChildStatus* find_child(ikev2::EngineStatus& status, const std::string& name) {
  for (auto& sa : status.ike_sas)
    for (auto& child : sa.children)
      if (child.name == name && child.state == "installed") return &child;
  return nullptr;
}

// The first rekeying of a child, which shows whether the key exchanges of both sides fit.
void rehearse_rekey(RehearsalNode& initiator, RehearsalNode& responder, std::uint64_t request,
                    RehearsedChild& child) {
  initiator.command(
      ikev2::Rekey{ikev2::RequestId{request}, initiator.peer().name, std::optional<std::string>(child.name)});
  converse(initiator, responder);
  std::vector<std::string> reasons;
  take_reasons(initiator, responder, reasons);
  const base::Status* outcome = initiator.outcome(request);
  auto status = initiator.status();
  const ikev2::ChildStatus* fresh = find_child(status, child.name);
  child.rekeyed = outcome != nullptr && !outcome->has_error() && fresh != nullptr;
  if (child.rekeyed) {
    child.rekey_ke = fresh->suite.ke;
  } else if (!reasons.empty()) {
    child.rekey_reason = reasons.front();
  } else {
    child.rekey_reason = outcome != nullptr && outcome->has_error() ? outcome->error().reason : "no answer";
  }
}

void take_children(RehearsalNode& initiator, RehearsalNode& responder, Rehearsal& result) {
  auto status = initiator.status();
  for (const ikev2::ChildConfig& config : initiator.peer().children) {
    RehearsedChild child;
    child.name = config.name;
    if (ikev2::ChildStatus* agreed = find_child(status, config.name)) {
      child.peer_name = peer_child(responder, agreed->spi_out);
      child.agreed = std::move(*agreed);
    }
    result.children.push_back(std::move(child));
  }
}

void negotiate(RehearsalNode& initiator, RehearsalNode& responder, Rehearsal& result) {
  std::uint64_t request = 1;
  initiator.command(ikev2::Initiate{ikev2::RequestId{request}, initiator.peer().name, {}});
  converse(initiator, responder);
  take_reasons(initiator, responder, result.reasons);
  result.ike_sa = initiator.came_up();
  if (result.ike_sa == nullptr) {
    if (result.reasons.empty())
      result.reasons.push_back(fmt::format("{} does not answer {}", responder.title(), initiator.title()));
    return;
  }
  take_children(initiator, responder, result);
  for (RehearsedChild& child : result.children)
    if (child.agreed) rehearse_rekey(initiator, responder, ++request, child);
}

}  // namespace

bool Rehearsal::agreed() const {
  return ike_sa && std::all_of(children.begin(), children.end(),
                               [](const RehearsedChild& child) { return child.agreed && child.rekeyed; });
}

Rehearsal rehearse(RehearsalSide first, RehearsalSide second, const crypto::Provider& provider,
                   base::Rng& rng) {
  Rehearsal result;
  result.swapped = !first.peer.can_initiate();
  if (result.swapped) std::swap(first, second);
  if (!first.peer.can_initiate()) {
    result.reasons.push_back("neither can initiate: no remote address of theirs is one host");
    return result;
  }
  for (RehearsalSide* side : {&first, &second}) {
    make_quiet(side->peer);
    prune(*side, provider, rng, result);
  }
  const base::IpAddress here = place_of(first.peer, second.peer, true);
  const base::IpAddress there = place_of(second.peer, first.peer, false);
  note_address(first, second, there, result);
  const auto* expected = std::get_if<base::IpAddress>(&first.peer.remote_address);
  const base::IpAddress towards = expected != nullptr ? *expected : there;
  RehearsalNode initiator(std::move(first), here, towards, provider, rng);
  RehearsalNode responder(std::move(second), there, here, provider, rng);
  negotiate(initiator, responder, result);
  return result;
}

}  // namespace ctl
