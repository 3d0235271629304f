// Message authentication codes by Botan's objects. Private to crypto/botan/.
#pragma once

#include <botan/mac.h>

#include <memory>

#include "crypto/algorithms.h"

namespace crypto::botan {

// The longest output of any of them: HMAC with SHA-512.
constexpr std::size_t kMaxMac = 64;

// The untruncated MAC behind a PRF or an integrity algorithm, without a key. Throws Botan::Lookup_Error where
// there is none.
std::unique_ptr<Botan::MessageAuthenticationCode> make_mac(Prf id);
std::unique_ptr<Botan::MessageAuthenticationCode> make_mac(Integ id);

}  // namespace crypto::botan
