// NAT detection and the move to the NAT-T port, RFC 7296 2.23.
#pragma once

#include <vector>

#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP for the SA's present endpoints; none with `encap:
// esp`. With `encap: udp` the source is no hash of ours, so that the peer sees a NAT and encapsulates.
void add_nat_detection(Context& context, std::vector<Payload>& payloads);
// Compares what the peer says with what we see, and sets the SA's behind_nat flags.
void detect_nat(Context& context, const Message& message);
// The vendor ID by which two ikev2d with `encap: auto` agree on UDP encapsulation, which is the faster.
const base::Bytes& udp_vendor_id();
bool offers_udp(const Message& message);
// The initiator's move to port 4500, where NAT or the configuration asks for it.
void move_to_natt_port(Context& context);

}  // namespace ikev2
