// Encryption without authentication: one half of cipher + MAC. Private to crypto/botan/.
#pragma once

#include <memory>
#include <span>

#include "base/bytes.h"
#include "crypto/cipher.h"
#include "crypto/suite.h"

namespace crypto::botan {

// Lengths have been checked: a multiple of the block, iv of the right size. In place or from one buffer into
// another.
class TextCipher {
 public:
  virtual ~TextCipher() = default;
  virtual void encrypt(std::span<CipherItem* const> items) = 0;
  virtual void decrypt(const CipherItem& item) = 0;
};

// `key` has the size that encr_key_size(spec) tells. Throws what Botan throws; Botan::Lookup_Error for AEADs.
std::unique_ptr<TextCipher> make_text_cipher(const CipherSpec& spec, base::ByteSpan key);

}  // namespace crypto::botan
