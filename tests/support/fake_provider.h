// A crypto::Provider without cryptography: fast, deterministic, and with the sizes of the real algorithms.
// Two sides that use it agree on keys, a changed octet fails the ICV, and nothing is secret.
#pragma once

#include "crypto/provider.h"

namespace test {

class FakeProvider : public crypto::Provider {
 public:
  std::string name() const override { return "fake"; }
  // A hash of key and data, of the PRF's output size.
  base::Result<std::unique_ptr<crypto::PrfFunction>> prf(crypto::Prf id) const override;
  // XORs a stream that depends on key and IV; the tag is a hash of key, aad, IV, ciphertext and aad_tail.
  base::Result<std::unique_ptr<crypto::Cipher>> cipher(const crypto::CipherSpec& spec,
                                                       base::ByteSpan encr_key,
                                                       base::ByteSpan integ_key) const override;
  // The public value comes from rng; the secret is a hash of both public values. A peer's value that is zero
  // throughout, or of the wrong size, is refused.
  base::Result<std::unique_ptr<crypto::KeyExchange>> key_exchange(crypto::Ke method,
                                                                  base::Rng& rng) const override;
  // 20 octets of hash that are not SHA-1.
  std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan> data) const override;
};

}  // namespace test
