// The security association database of one shard, RFC 4301 4.4.2. Inbound SAs are found by protocol,
// destination and SPI; bundles of outbound SAs by their id.
#pragma once

#include <memory>
#include <unordered_map>

#include "base/ip.h"
#include "esp/sa.h"

namespace esp {

class Sad {
 public:
  // Replaces nothing: false where protocol, destination and SPI are taken.
  bool add(std::shared_ptr<InboundSa> sa);
  // Replaces the bundle of the same id, where there is one.
  void add(std::shared_ptr<const Bundle> bundle);
  // The outer side of a child changes; sequence numbers, windows and counters stay. Packets to the former
  // local address are still found.
  struct Outer {
    base::Endpoint local, remote;
    bool udp_encap = false;
    std::uint32_t mtu = 1500;  // of the path, in octets
  };
  void move(base::ChildId child, const Outer& outer);
  // The path to the peer takes packets of that many octets.
  void set_mtu(base::ChildId child, std::uint32_t outer_mtu);
  // Removes the inbound SAs and the bundle of that child.
  void remove(base::ChildId child);

  InboundSa* find(crypto::IpsecProtocol protocol, const base::IpAddress& destination, base::Spi spi);
  const Bundle* find(base::ChildId bundle) const;
  using InboundSas = std::unordered_multimap<base::Spi, std::shared_ptr<InboundSa>>;
  using Bundles = std::unordered_map<base::ChildId, std::shared_ptr<const Bundle>>;
  const InboundSas& inbound() const { return inbound_; }
  const Bundles& bundles() const { return bundles_; }

 private:
  InboundSas inbound_;
  Bundles bundles_;
  std::unordered_multimap<base::ChildId, base::Spi> spis_;  // of inbound_
};

}  // namespace esp
