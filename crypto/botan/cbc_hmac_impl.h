// Packet protection by a cipher and a MAC. Private to crypto/botan/.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "crypto/cipher.h"
#include "crypto/suite.h"

namespace crypto::botan {

// The keys have the sizes that encr_key_size(spec) and integ_key_size(spec) tell. Throws what Botan throws.
std::unique_ptr<Cipher> make_cipher_and_mac(const CipherSpec& spec, base::ByteSpan encr_key,
                                            base::ByteSpan integ_key);

}  // namespace crypto::botan
