// One run of a key exchange method, RFC 7296 2.14 and 3.4. Slow: up to milliseconds; never on a packet
// thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/algorithms.h"

namespace crypto {

class KeyExchange {
 public:
  virtual ~KeyExchange() = default;
  virtual Ke method() const = 0;
  // Our public value, exactly KeInfo::public_size octets.
  virtual const base::Bytes& public_value() const = 0;
  // g^ir, exactly KeInfo::secret_size octets. Refuses public values of a wrong length, out of range, off the
  // curve or of small order (RFC 6989 2, RFC 8031 3): family crypto, with the reason.
  virtual base::Result<base::SecretBytes> agree(base::ByteSpan peer_public) = 0;
};

}  // namespace crypto
