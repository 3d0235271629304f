// What IKE knows of one child.
#pragma once

#include <optional>

#include "base/strong.h"
#include "base/time.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/negotiate/proposal.h"
#include "spd/selector.h"

namespace ikev2 {

enum class ChildState : std::uint8_t {
  installed,
  rekeyed,   // another has taken over; waits for its DELETE
  deleting,  // our DELETE is out
};

struct ChildSa {
  base::ChildId id;
  ChildConfig config;  // the version that it was made with
  ChildState state = ChildState::installed;
  crypto::ChildSuite suite;
  Mode mode = Mode::tunnel;
  base::Spi spi_in, spi_out;
  spd::SelectorPair selectors;
  ChildKeys keys;
  bool we_initiated = false;    // the exchange that made it
  bool takes_padding = true;    // the peer takes TFC padding (RFC 7296 1.3.1)
  bool outbound_waits = false;  // until the peer is known to receive on it
  bool replaced = false;        // another child carries its traffic
  bool stopped = false;         // the data path has forgotten it already; its DELETE is to come
  base::Instant installed_at, rekey_at, expires_at;
};

// A child as the initiator of an exchange asks for it.
struct ChildOffer {
  ChildConfig config;
  Proposals proposals;  // as sent
  base::Spi spi_in;     // ours, drawn for it
  spd::SelectorPair selectors;
};

// What both sides have agreed on, before there are keys.
struct AgreedChild {
  ChildConfig config;
  ChosenProposal chosen;
  Mode mode = Mode::tunnel;
  spd::SelectorPair selectors;
  // Transport mode behind a NAT, as responder: the selectors with the addresses that the peer has sent, for
  // the answer (RFC 7296 2.23.1). Empty: the same as `selectors`.
  std::optional<spd::SelectorPair> as_asked;
  base::Spi spi_in, spi_out;
  bool takes_padding = true;  // the peer has not said ESP_TFC_PADDING_NOT_SUPPORTED
};

}  // namespace ikev2
