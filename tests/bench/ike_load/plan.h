// What is to be done: how many handshakes, each with which profile.
#pragma once

#include <string>

#include "config/model.h"

namespace ike_load {

struct Plan {
  std::size_t count = 1000;
  std::size_t in_flight = 64;             // handshakes at work at the same time
  bool delete_each = false;               // with the responder, before the next one begins
  std::string hold;                       // set: the SAs are kept until this file appears
  bool light = false;                     // see Workshop
  std::string identity = "fqdn:h*.load";  // of the initiator; '*' stands for the number of the handshake
  ikev2::PeerConfig profile;              // the pattern for all
};

// Whether packets to this address stay within a site: loopback, or an address for private use (RFC 1918 3,
// RFC 4193 3).
bool is_private(const base::IpAddress& address);

// The one profile of the file, checked: it names an address of its own and one of the peer, both private. The
// error is for a person.
base::Result<ikev2::PeerConfig> pattern_of(const config::LoadResult& loaded);

// The profile of handshake number `index`: an identity of its own, and for its child an address of its own,
// taken from the first of `local_ts`.
base::Result<ikev2::PeerConfigPtr> profile_of(const Plan& plan, std::size_t index);

}  // namespace ike_load
