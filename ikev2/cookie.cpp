#include "ikev2/cookie.h"

#include <utility>

namespace ikev2 {

void CookieJar::rotate(base::Instant now) {
  if (!secrets_[0].key.empty() && now < rotate_at_) return;
  const auto generation = static_cast<std::uint8_t>(secrets_[0].generation + 1);
  // One that nobody has used for so long is no longer good, either.
  secrets_[1] = now < rotate_at_ + lifetime_ ? std::move(secrets_[0]) : Secret{};
  base::SecretBytes key(32);
  rng_.fill(key.mutable_span());
  secrets_[0] = Secret{generation, std::move(key)};
  rotate_at_ = now + lifetime_;
}

base::Bytes CookieJar::compute(const crypto::PrfFunction& prf, const Secret& secret,
                               const base::Endpoint& initiator, base::IkeSpi spi_i,
                               base::ByteSpan nonce_i) const {
  const base::Bytes address = initiator.address.bytes();
  std::array<std::uint8_t, 10> rest;
  base::store_be16(rest.data(), initiator.port);
  base::store_be64(rest.data() + 2, spi_i.value);
  const base::SecretBytes mac = prf.compute(secret.key, {nonce_i, address, rest});
  base::Bytes cookie{secret.generation};
  base::append(cookie, mac.span());
  return cookie;
}

base::Bytes CookieJar::make(const crypto::PrfFunction& prf, const base::Endpoint& initiator,
                            base::IkeSpi spi_i, base::ByteSpan nonce_i, base::Instant now) {
  rotate(now);
  return compute(prf, secrets_[0], initiator, spi_i, nonce_i);
}

bool CookieJar::verify(const crypto::PrfFunction& prf, base::ByteSpan cookie, const base::Endpoint& initiator,
                       base::IkeSpi spi_i, base::ByteSpan nonce_i, base::Instant now) {
  rotate(now);
  if (cookie.empty()) return false;
  for (const Secret& secret : secrets_) {
    if (secret.key.empty() || secret.generation != cookie[0]) continue;
    return base::constant_time_equal(cookie, compute(prf, secret, initiator, spi_i, nonce_i));
  }
  return false;
}

}  // namespace ikev2
