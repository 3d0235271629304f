// Two pipelines back to back, for both protocols and both modes.
#pragma once

#include "crypto/botan/provider.h"
#include "tests/support/esp_pair.h"

namespace dataplane {

inline const crypto::Provider& provider() {
  static const auto made = crypto::make_botan_provider();
  return *made;
}

struct HostLink {
  base::PacketPool pool{256};
  support::EspEnd left, right;
  support::SaShape shape;
  std::shared_ptr<esp::OutboundSa> sender;
  std::shared_ptr<esp::InboundSa> receiver;
  base::PacketBatch batch, wire, delivered, ike;
  esp::OutboundResult sent;

  explicit HostLink(const support::SaShape& s)
      : shape(s), sender(left.send_by(s, provider())), receiver(right.receive_by(s, provider())) {
    left.out.set_pool(&pool);
    right.in.set_pool(&pool);
  }

  bool ah() const { return shape.protocol == crypto::IpsecProtocol::ah; }
  esp::Arrival arrival() const {
    if (ah()) return esp::Arrival::ah;
    return shape.udp_encap ? esp::Arrival::udp : esp::Arrival::raw;
  }
  void give(base::ByteSpan packet) { batch.push(support::frame_of(pool, packet)); }
  // Sends what is in `batch`; afterwards it is in `wire`. Whole packets lose what a socket takes off.
  void seal() {
    sent.clear();
    wire.clear();
    left.out.process(batch, sent);
    support::carry(sent.udp, wire);
    support::carry(sent.raw, wire);
    for (auto& frame : sent.whole) {
      if (ah()) continue;
      const auto front = esp::split_for_transport(frame.bytes())->header + (shape.udp_encap ? 8 : 0);
      frame.set_single(frame.offset + front, frame.length - front);
    }
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
  base::IpAddress ours() const { return sender->params.local.address; }
  base::IpAddress theirs() const { return sender->params.remote.address; }
  base::Bytes datagram(std::size_t payload, std::uint16_t port = 53) const {
    return support::udp_packet(ours(), theirs(), 1000, port, payload);
  }
};

}  // namespace dataplane
