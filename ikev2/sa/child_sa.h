// What IKE knows of one child.
#pragma once

#include "base/strong.h"
#include "base/time.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "ikev2/keys/child_keys.h"
#include "spd/selector.h"

namespace ikev2 {

enum class ChildState : std::uint8_t { installed, deleting };

struct ChildSa {
  base::ChildId id;
  ChildConfig config;  // the version that it was made with
  ChildState state = ChildState::installed;
  crypto::ChildSuite suite;
  base::Spi spi_in, spi_out;
  spd::SelectorPair selectors;
  ChildKeys keys;
  bool we_initiated = false;
  base::Instant installed_at, rekey_at, expires_at;
};

}  // namespace ikev2
