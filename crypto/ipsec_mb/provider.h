// The fast engine: Intel's ipsec-mb, on x86-64, where it was there at build time.
//
// It has the ciphers of the data path alone: AES-GCM, ChaCha20-Poly1305, and AES-CBC and AES-CTR with HMAC of
// SHA-1 and SHA-2, the last two several packets at a time. Everything else is made by the provider behind it.
#pragma once

#include <memory>

#include "crypto/provider.h"

namespace crypto {

// Whether this build has the engine, and this processor can run it.
bool has_ipsec_mb();

// `behind` outlives the result. Fails where has_ipsec_mb() is false, and where the engine does not agree with
// `behind` on any of its algorithms: a few packets of each are sealed and opened by both.
//
// Ciphers + HMAC take items whose aad, iv and destination lie one behind the other, as in an ESP packet, with
// tag behind destination. Others fail.
base::Result<std::unique_ptr<Provider>> make_ipsec_mb_provider(const Provider& behind);

}  // namespace crypto
