// The pseudorandom function of an IKE SA, RFC 7296 2.13.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/secret.h"

namespace crypto {

class PrfFunction {
 public:
  virtual ~PrfFunction() = default;
  virtual std::size_t output_size() const = 0;    // octets
  virtual std::size_t preferred_key() const = 0;  // octets of SK_d and SK_p
  // prf(key, data[0] | data[1] | …). Keys of any length are taken.
  virtual base::SecretBytes compute(base::ByteSpan key, std::initializer_list<base::ByteSpan> data) const = 0;
};

// prf+ (K, S): the first `length` octets of T1 | T2 | …, RFC 7296 2.13. At most 255 * output_size octets.
base::SecretBytes prf_plus(const PrfFunction& prf, base::ByteSpan key, base::ByteSpan seed,
                           std::size_t length);

}  // namespace crypto
