// Key exchange methods, one file a family. Private to crypto/botan/.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/rng.h"
#include "crypto/key_exchange.h"

namespace crypto::botan {

using KeyExchangeResult = base::Result<std::unique_ptr<KeyExchange>>;

KeyExchangeResult make_key_exchange(Ke method, base::Rng& rng);

// Each gets a method of its family, or fails with family local; may throw what Botan throws.
KeyExchangeResult make_modp(const KeInfo& info, base::Rng& rng);
KeyExchangeResult make_ecp(const KeInfo& info, base::Rng& rng);
KeyExchangeResult make_montgomery(const KeInfo& info, base::Rng& rng);

// What all families share: the public value, and the check of the peer's length before any arithmetic.
class KeyExchangeBase : public KeyExchange {
 public:
  Ke method() const final { return info_.id; }
  const base::Bytes& public_value() const final { return public_value_; }
  base::Result<base::SecretBytes> agree(base::ByteSpan peer_public) final;

 protected:
  explicit KeyExchangeBase(const KeInfo& info) : info_(info), public_value_(info.public_size) {}
  const KeInfo& info() const { return info_; }
  base::MutableByteSpan mutable_public_value() { return public_value_; }

 private:
  // `peer` has the right length. May throw what Botan throws.
  virtual base::Result<base::SecretBytes> compute(base::ByteSpan peer) = 0;

  const KeInfo& info_;
  base::Bytes public_value_;
};

}  // namespace crypto::botan
