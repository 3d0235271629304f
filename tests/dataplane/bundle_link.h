// Two pipelines back to back, with a bundle of several SAs between them.
#pragma once

#include "crypto/botan/provider.h"
#include "tests/support/bundle_pair.h"

namespace dataplane {

struct BundleLink {
  base::PacketPool pool{256};
  std::unique_ptr<crypto::Provider> provider = crypto::make_botan_provider();
  support::EspEnd left, right;
  support::BundleShape shape;
  std::vector<std::shared_ptr<esp::OutboundSa>> out;
  std::vector<std::shared_ptr<esp::InboundSa>> in;
  base::PacketBatch batch, wire, delivered, ike;
  esp::OutboundResult sent;

  explicit BundleLink(const support::BundleShape& s)
      : shape(s), out(support::outbound_members(s, *provider)), in(support::inbound_members(s, *provider)) {
    left.out.set_pool(&pool);
    right.in.set_pool(&pool);
    left.sad.add(esp::make_bundle(base::ChildId(s.child), out).value());
    right.sad.add(esp::make_bundle(base::ChildId(s.child), in).value());
    spd::Policy policy;
    policy.id = s.child;
    policy.action = spd::Action::protect;
    policy.selectors = out.front()->params.selectors;
    policy.bundle = base::ChildId(s.child);
    left.add(policy);
  }

  esp::Transform outermost() const { return shape.transforms.back(); }
  esp::Arrival arrival() const {
    if (outermost() == esp::Transform::ah) return esp::Arrival::ah;
    if (outermost() != esp::Transform::esp) return esp::Arrival::ip;
    return shape.udp_encap ? esp::Arrival::udp : esp::Arrival::raw;
  }
  void give(base::ByteSpan packet) { batch.push(support::frame_of(pool, packet)); }
  // Sends what is in `batch`; afterwards it is in `wire`.
  void seal() {
    sent.clear();
    wire.clear();
    left.out.process(batch, sent);
    support::carry(sent.udp, wire);
    support::carry(sent.raw, wire);
    support::carry(sent.whole, wire);
  }
  void open() {
    delivered.clear();
    right.in.process(arrival(), wire, delivered, ike);
  }
  // One packet from end to end; empty where it does not arrive.
  base::Bytes pass(base::ByteSpan packet) {
    give(packet);
    seal();
    open();
    return delivered.size() == 1 ? base::to_bytes(delivered[0].bytes()) : base::Bytes{};
  }
  std::uint64_t sent_count(esp::Counter counter) const { return left.counters.get(counter); }
  std::uint64_t received_count(esp::Counter counter) const { return right.counters.get(counter); }

  // A datagram that fits the bundle; its payload counts up and so compresses badly below some 600 octets.
  base::Bytes datagram(std::size_t payload) const {
    if (!shape.transport)
      return support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, payload);
    const auto& params = out.front()->params;
    return support::udp_packet(params.local.address, params.remote.address, 1, 2, payload);
  }
  base::Bytes datagram6(std::size_t payload) const {
    return support::udp_packet(support::ip("2001:db8:1::1"), support::ip("2001:db8:2::2"), 1, 2, payload);
  }
  // The same with a payload of one octet: it compresses.
  base::Bytes even(std::size_t payload) const { return flattened(datagram(payload), 28); }
  static base::Bytes flattened(base::Bytes packet, std::size_t from) {
    std::fill(packet.begin() + static_cast<std::ptrdiff_t>(from), packet.end(), std::uint8_t{7});
    return packet;
  }
};

// A payload that does not compress, whatever follows the header.
inline void scramble(base::Bytes& packet, std::size_t from, std::uint64_t seed) {
  support::TestRng rng(seed);
  rng.fill(base::MutableByteSpan(packet).subspan(from));
}

}  // namespace dataplane
