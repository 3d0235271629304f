// All IKE SAs, found by our SPI, by our id, and, while half open, by what the initiator sent.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ikev2/sa/half_open.h"
#include "ikev2/sa/ike_sa.h"

namespace ikev2 {

class SaTable {
 public:
  // Gives the SA its id. Its own SPI is set already.
  IkeSa& add(std::unique_ptr<IkeSa> sa);
  // The same for a responder's SA whose initiator is unknown so far; `octets` is what it holds beside its
  // keys.
  IkeSa& add_half_open(std::unique_ptr<IkeSa> sa, std::size_t octets);
  // Its peer is known for certain, and will not change: it is half open no longer, and found by its peer.
  void authenticated(IkeSa& sa);
  void remove(std::uint64_t id);

  IkeSa* find(std::uint64_t id);
  IkeSa* find_by_spi(base::IkeSpi ours);
  // The responder's SA that a repeated IKE_SA_INIT request belongs to (RFC 7296 2.1).
  IkeSa* find_by_initiator(base::IkeSpi spi_i, const base::Endpoint& remote);
  // In order of creation.
  std::vector<IkeSa*> all();
  std::size_t size() const { return by_id_.size(); }
  // Those whose peer has proved that it has this identity of this profile, in order of creation.
  std::vector<IkeSa*> of_peer(const std::string& profile, const Identity& identity);
  // Those of the profile, with whichever identity.
  std::vector<IkeSa*> of_profile(const std::string& profile);
  std::size_t count_of_profile(const std::string& profile) const;
  const HalfOpenTable& half_open() const { return half_open_; }

 private:
  void forget_peer(std::uint64_t id);

  std::map<std::uint64_t, std::unique_ptr<IkeSa>> by_id_;
  std::unordered_map<base::IkeSpi, std::uint64_t> by_spi_;
  std::map<std::pair<base::IkeSpi, base::Endpoint>, std::uint64_t> by_initiator_;
  std::map<std::uint64_t, std::pair<base::IkeSpi, base::Endpoint>> initiator_of_;
  using Peers = std::map<Identity, std::set<std::uint64_t>>;
  struct PeersOfProfile {
    Peers peers;
    std::size_t sas = 0;
  };
  std::unordered_map<std::string, PeersOfProfile> by_profile_;
  std::unordered_map<std::uint64_t, std::pair<std::string, Identity>> peer_of_;  // of those in by_profile_
  HalfOpenTable half_open_;
  std::uint64_t next_id_ = 1;
};

}  // namespace ikev2
