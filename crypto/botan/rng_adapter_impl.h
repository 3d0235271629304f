// Botan's view of randomness. Private to crypto/botan/.
#pragma once

#include <botan/hmac_drbg.h>
#include <botan/rng.h>

#include "base/rng.h"

namespace crypto::botan {

// Lets Botan draw from a base::Rng, so that with a fixed one every octet is reproducible.
class RngAdapter final : public Botan::RandomNumberGenerator {
 public:
  explicit RngAdapter(base::Rng& rng) : rng_(rng) {}
  std::string name() const override { return "base::Rng"; }
  bool accepts_input() const override { return false; }
  bool is_seeded() const override { return true; }
  void clear() override {}

 private:
  void fill_bytes_with_input(std::span<std::uint8_t> output, std::span<const std::uint8_t>) override {
    rng_.fill(output);
  }
  base::Rng& rng_;
};

// A generator of its own, seeded once from `rng`: for blinding in computations that may run on another thread
// than the one that rng belongs to.
std::unique_ptr<Botan::RandomNumberGenerator> make_blinding_rng(base::Rng& rng);

}  // namespace crypto::botan
