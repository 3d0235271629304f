// The responder's IKE SAs between IKE_SA_INIT and a verified IKE_AUTH: how many there are, of whom, and how
// much they hold. What bounds them (RFC 8019 4) is decided in exchange/ike_sa_init_responder.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "base/ip.h"

namespace ikev2 {

// Who is counted as one: an IPv4 address, or the /64 of an IPv6 address, all of which one host can have.
inline base::IpAddress source_of(const base::IpAddress& address) {
  return address.is_v6() ? base::IpAddress::v6(address.high(), 0) : address;
}

class HalfOpenTable {
 public:
  // `octets`: what the SA holds until it is authenticated.
  void add(std::uint64_t sa, const base::IpAddress& remote, std::size_t octets);
  // Does nothing for an SA that is not (or no longer) here.
  void remove(std::uint64_t sa);

  std::size_t count() const { return entries_.size(); }
  std::size_t octets() const { return octets_; }
  std::size_t count_of(const base::IpAddress& remote) const;

 private:
  struct Entry {
    base::IpAddress source;
    std::size_t octets = 0;
  };
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::map<base::IpAddress, std::size_t> by_source_;
  std::size_t octets_ = 0;
};

}  // namespace ikev2
