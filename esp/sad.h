// The security association database of one shard, RFC 4301 4.4.2. Inbound SAs are found by protocol,
// destination and SPI; bundles (esp/bundle.h) by their id.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/ip.h"
#include "esp/bundle.h"
#include "esp/sa.h"

namespace esp {

class Sad {
 public:
  // Replaces nothing: false where protocol, destination and SPI are taken.
  bool add(std::shared_ptr<InboundSa> sa);
  // Replaces the bundle of the same id, where there is one.
  void add(std::shared_ptr<const Bundle> bundle);
  // All members, or false and none, where one of them is taken by another SA or is in another bundle, or the
  // id is. Those that are here by themselves become members.
  bool add(std::shared_ptr<const InboundBundle> bundle);
  // The members of that inbound bundle stay, each an SA of its own. The outbound one is replaced by add().
  void ungroup(base::ChildId bundle);
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
  // Removes the inbound SAs and the bundles of that child. A member of a bundle takes the whole of it along.
  void remove(base::ChildId child);

  // The SA that takes such a packet from the wire.
  InboundSa* find(Transform wire, const base::IpAddress& destination, base::Spi spi);
  InboundSa* find(crypto::IpsecProtocol protocol, const base::IpAddress& destination, base::Spi spi) {
    return find(static_cast<Transform>(protocol), destination, spi);
  }
  // Of tun, and of IPComp in tunnel mode, for a packet in clear between these outer addresses: the outermost
  // SA of the bundle by which the inner packet has to come. That may be ESP or AH, and then it has not.
  InboundSa* find_tunnel(const base::IpAddress& local, const base::IpAddress& remote,
                         const spd::PacketKey& inner) const;
  // Why find() has found nothing: another SA of its bundle has to be around such a packet (then the SA has
  // counted it), or there is no SA.
  Counter why_not_found(Transform wire, const base::IpAddress& destination, base::Spi spi);
  const Bundle* find(base::ChildId bundle) const;
  // The inbound SAs of that child, or of that name.
  std::vector<const InboundSa*> inbound_of(base::ChildId child) const;
  using InboundSas = std::unordered_multimap<base::Spi, std::shared_ptr<InboundSa>>;
  using Bundles = std::unordered_map<base::ChildId, std::shared_ptr<const Bundle>>;
  const InboundSas& inbound() const { return inbound_; }
  const Bundles& bundles() const { return bundles_; }
  using InboundBundles = std::unordered_map<base::ChildId, std::shared_ptr<const InboundBundle>>;
  const InboundBundles& inbound_bundles() const { return inbound_bundles_; }

 private:
  InboundSa* find_any(Transform transform, const base::IpAddress& destination, base::Spi spi);
  bool insert(std::shared_ptr<InboundSa> sa);
  void erase(const InboundSa& sa);
  void remove_members(const InboundBundle& bundle);

  InboundSas inbound_;
  Bundles bundles_;
  InboundBundles inbound_bundles_;
  std::vector<InboundSa*> tunnels_;                         // of inbound_, what find_tunnel() looks at
  std::unordered_multimap<base::ChildId, base::Spi> spis_;  // of inbound_
};

}  // namespace esp
