// What an IKE SA knows about MOBIKE, RFC 4555.
#pragma once

#include <vector>

#include "base/ip.h"
#include "base/secret.h"
#include "ikev2/action.h"

namespace ikev2 {

// All of it passes on to an IKE SA that replaces this one.
struct Mobility {
  bool supported = false;    // both sides have said so
  bool detects_nat = false;  // the peer sends NAT detection
  bool we_choose = false;    // we are the original initiator, who decides about addresses (RFC 4555 3.1)
  std::vector<base::IpAddress> peer_addresses;  // besides the one in use
  std::vector<base::IpAddress> told;            // ours, as the peer knows them
  base::Bytes seen_as;                          // how the peer sees us: its NAT_DETECTION_DESTINATION_IP

  JobId route_job;              // asks which of our addresses faces the peer; 0: nothing asked
  bool update_pending = false;  // UPDATE_SA_ADDRESSES is to be sent
  bool check_pending = false;   // the peer's new address has to prove itself
  bool tell_pending = false;    // our additional addresses have changed
};

}  // namespace ikev2
