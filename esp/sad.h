// The security association database of one shard, RFC 4301 4.4.2. Inbound SAs are found by protocol,
// destination and SPI; bundles of outbound SAs by their id.
#pragma once

#include <memory>
#include <vector>

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
  };
  void move(base::ChildId child, const Outer& outer);
  // Removes the inbound SAs and the bundle of that child.
  void remove(base::ChildId child);

  InboundSa* find(crypto::IpsecProtocol protocol, const base::IpAddress& destination, base::Spi spi);
  const Bundle* find(base::ChildId bundle) const;
  const std::vector<std::shared_ptr<InboundSa>>& inbound() const { return inbound_; }
  const std::vector<std::shared_ptr<const Bundle>>& bundles() const { return bundles_; }  // by id

 private:
  std::vector<std::shared_ptr<InboundSa>> inbound_;
  std::vector<std::shared_ptr<const Bundle>> bundles_;
  // Open addressing by SPI over inbound_; load at most one half.
  std::vector<std::uint32_t> slots_;
};

}  // namespace esp
