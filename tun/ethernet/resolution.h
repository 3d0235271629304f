// Who has that address: ARP (RFC 826) and Neighbor Discovery (RFC 4861 4.3, 4.4). Pure: messages in, messages
// out, each a whole Ethernet frame.
#pragma once

#include <optional>

#include "tun/ethernet/mac.h"

namespace tun {

// What a message says.
struct Resolution {
  bool question = false;                  // else it is an answer
  base::IpAddress target;                 // whom it asks for, or speaks of
  std::optional<base::IpAddress> sender;  // who asks; none: somebody who looks whether an address is free
  std::optional<MacAddress> sender_mac;   // of the sender, in an answer of the target
};

// nullopt: another frame, or one that is cut short or not valid (RFC 4861 7.1.1, 7.1.2).
std::optional<Resolution> read_resolution(base::ByteSpan frame);

struct Station {
  base::IpAddress address;
  MacAddress mac;
};
// To `asker`, whose address is known: `answered.address` is at `answered.mac`.
base::Bytes write_answer(const Station& answered, const Station& asker);
// To everybody, or everybody who may have the address.
base::Bytes write_question(const base::IpAddress& target, const Station& asker);

}  // namespace tun
