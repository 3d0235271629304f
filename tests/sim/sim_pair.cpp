#include "tests/sim/sim_pair.h"

namespace sim {

using ikev2::Transform;
using ikev2::TransformType;

ikev2::Proposal ike_proposal(crypto::Encr encr, std::uint16_t bits, crypto::Prf prf, crypto::Integ integ,
                             std::vector<crypto::Ke> groups) {
  ikev2::Proposal proposal;
  proposal.protocol = ikev2::ProtocolId::ike;
  proposal.transforms.push_back({TransformType::encr, static_cast<std::uint16_t>(encr), bits, true});
  proposal.transforms.push_back({TransformType::prf, static_cast<std::uint16_t>(prf), 0, true});
  if (integ != crypto::Integ::none) {
    proposal.transforms.push_back({TransformType::integ, static_cast<std::uint16_t>(integ), 0, true});
  }
  for (const auto group : groups) {
    proposal.transforms.push_back({TransformType::ke, static_cast<std::uint16_t>(group), 0, true});
  }
  return proposal;
}

ikev2::Proposal esp_proposal(crypto::Encr encr, std::uint16_t bits, crypto::Integ integ) {
  ikev2::Proposal proposal;
  proposal.protocol = ikev2::ProtocolId::esp;
  proposal.transforms.push_back({TransformType::encr, static_cast<std::uint16_t>(encr), bits, true});
  if (integ != crypto::Integ::none) {
    proposal.transforms.push_back({TransformType::integ, static_cast<std::uint16_t>(integ), 0, true});
  }
  proposal.transforms.push_back({TransformType::esn, 1, 0, true});
  proposal.transforms.push_back({TransformType::esn, 0, 0, true});
  return proposal;
}

ikev2::PeerConfig profile(const std::string& name, base::IpAddress remote, bool mirrored) {
  const auto left = ikev2::Identity::parse("fqdn:left.test").value();
  const auto right = ikev2::Identity::parse("fqdn:right.test").value();
  const auto net_left = spd::TrafficSelector::parse("10.1.0.0/16").value();
  const auto net_right = spd::TrafficSelector::parse("10.2.0.0/16").value();
  ikev2::PeerConfig peer;
  peer.name = name;
  peer.remote_address = remote;
  peer.local_id = mirrored ? right : left;
  peer.remote_id = ikev2::IdentityPattern(mirrored ? left : right);
  peer.local_auth.credential = ikev2::CredentialId{1};
  peer.remote_auth.credential = ikev2::CredentialId{1};
  peer.proposals = {ike_proposal(crypto::Encr::aes_gcm_16, 256, crypto::Prf::hmac_sha2_256,
                                 crypto::Integ::none, {crypto::Ke::curve25519, crypto::Ke::ecp_256})};
  ikev2::ChildConfig child;
  child.name = "net";
  child.local_ts = {mirrored ? net_right : net_left};
  child.remote_ts = {mirrored ? net_left : net_right};
  child.proposals = {esp_proposal(crypto::Encr::aes_gcm_16, 128, crypto::Integ::none)};
  peer.children = {child};
  return peer;
}

SimPair::SimPair(std::uint32_t seed, ikev2::EngineConfig left_config, ikev2::EngineConfig right_config,
                 std::shared_ptr<const crypto::Provider> cryptography)
    : net(seed),
      left("left", *base::IpAddress::parse("192.0.2.1"), seed * 2 + 1, net, left_config, cryptography),
      right("right", *base::IpAddress::parse("192.0.2.2"), seed * 2 + 2, net, right_config, cryptography),
      left_profile(profile("pr", right.address, false)),
      right_profile(profile("pr", left.address, true)) {
  left.secrets[1] = right.secrets[1] = "correct horse battery staple";
}

void SimPair::configure() {
  left.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(left_profile)}, now);
  right.command(ikev2::AddPeer{std::make_shared<ikev2::PeerConfig>(right_profile)}, now);
}

std::vector<Node*> SimPair::nodes() {
  std::vector<Node*> all{&left, &right};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void SimPair::run(base::Duration limit, const std::function<bool()>& done) {
  const base::Instant end = now + limit;
  while (!done || !done()) {
    std::optional<base::Instant> next = net.next();
    for (const Node* node : nodes()) {
      const auto timeout = node->engine.next_timeout();
      if (timeout && (!next || *timeout < *next)) next = timeout;
      const auto completion = node->next_completion();
      if (completion && (!next || *completion < *next)) next = completion;
    }
    if (!next || *next > end) {
      now = end;
      return;
    }
    now = std::max(now, *next);
    while (net.next() && *net.next() <= now) {
      const auto flight = net.deliver();
      if (!flight) continue;
      for (Node* node : nodes()) {
        if (node->address == flight->to.address) node->receive(*flight, now);
      }
    }
    for (Node* node : nodes()) node->finish_due(now);
    for (Node* node : nodes()) node->timeout(now);
  }
}

}  // namespace sim
