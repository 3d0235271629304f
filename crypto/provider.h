// Makes every cryptographic object; the engines see nothing else of a library.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/rng.h"
#include "crypto/algorithms.h"
#include "crypto/cipher.h"
#include "crypto/key_exchange.h"
#include "crypto/prf.h"
#include "crypto/suite.h"

namespace crypto {

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string name() const = 0;  // "botan", for status

  // Each fails with family local where the library has no such algorithm, crypto where a key has the wrong
  // size.
  virtual base::Result<std::unique_ptr<PrfFunction>> prf(Prf id) const = 0;
  // encr_key holds encr_key_size(spec) octets (the salt behind the key), integ_key integ_key_size(spec).
  virtual base::Result<std::unique_ptr<Cipher>> cipher(const CipherSpec& spec, base::ByteSpan encr_key,
                                                       base::ByteSpan integ_key) const = 0;
  // Draws a private value from rng and computes the public one: slow.
  virtual base::Result<std::unique_ptr<KeyExchange>> key_exchange(Ke method, base::Rng& rng) const = 0;
  // SHA-1 of the parts, for NAT detection (RFC 7296 2.23) alone.
  virtual std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan> data) const = 0;
};

}  // namespace crypto
