// The stateless cookie, RFC 7296 2.6: proves that an initiator can receive at its address, before any state
// is kept.
#pragma once

#include <array>

#include "base/ip.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/prf.h"

namespace ikev2 {

class CookieJar {
 public:
  CookieJar(base::Duration lifetime, base::Rng& rng) : lifetime_(lifetime), rng_(rng) {}

  // <generation> | prf(secret, Ni | IPi | port | SPIi). The secret changes every `lifetime`; the one before
  // is valid still, so that a cookie lives for one to two lifetimes.
  base::Bytes make(const crypto::PrfFunction& prf, const base::Endpoint& initiator, base::IkeSpi spi_i,
                   base::ByteSpan nonce_i, base::Instant now);
  bool verify(const crypto::PrfFunction& prf, base::ByteSpan cookie, const base::Endpoint& initiator,
              base::IkeSpi spi_i, base::ByteSpan nonce_i, base::Instant now);

 private:
  struct Secret {
    std::uint8_t generation = 0;
    base::SecretBytes key;
  };
  void rotate(base::Instant now);
  base::Bytes compute(const crypto::PrfFunction& prf, const Secret& secret, const base::Endpoint& initiator,
                      base::IkeSpi spi_i, base::ByteSpan nonce_i) const;

  base::Duration lifetime_;
  base::Rng& rng_;
  std::array<Secret, 2> secrets_;  // current, previous
  base::Instant rotate_at_{};
};

}  // namespace ikev2
