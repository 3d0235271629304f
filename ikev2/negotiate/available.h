// What of the proposals can be computed here. A library may have been built without an algorithm that the
// tables name; what it lacks is found out at start, not in the middle of an exchange.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/rng.h"
#include "crypto/provider.h"
#include "ikev2/negotiate/proposal.h"

namespace ikev2 {

class Availability {
 public:
  Availability(const crypto::Provider& provider, base::Rng& rng) : provider_(provider), rng_(rng) {}

  // Takes out of the proposals what the provider cannot make, and proposals that are incomplete without it.
  // Returns the names of what went, each once. Makes one object of each algorithm named: up to milliseconds.
  std::vector<std::string> prune(Proposals& proposals);

 private:
  bool can(const Transform& transform);
  bool try_out(const Transform& transform);

  const crypto::Provider& provider_;
  base::Rng& rng_;
  std::map<std::tuple<TransformType, std::uint16_t, std::uint16_t>, bool> known_;
};

}  // namespace ikev2
