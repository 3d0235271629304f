// Packet protection by AEAD modes. Private to crypto/botan/.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/cipher.h"
#include "crypto/suite.h"

namespace crypto::botan {

// `key` has the size that encr_key_size(spec) tells. Throws what Botan throws.
std::unique_ptr<Cipher> make_aead(const CipherSpec& spec, base::ByteSpan key);  // GCM, CCM, ChaCha20-Poly1305
std::unique_ptr<Cipher> make_gmac(const CipherSpec& spec, base::ByteSpan key);  // AES-GMAC

}  // namespace crypto::botan
