// The random number generator of the daemon.
#pragma once

#include <memory>

#include "base/rng.h"

namespace crypto {

// A user-space DRBG (HMAC_DRBG with SHA-256, NIST SP 800-90A), seeded and regularly reseeded by the operating
// system. Cheap enough for an IV in each packet. One thread at a time; each thread makes its own. It holds
// some output in advance: a process that forks makes a new one in the child. Throws where the system gives no
// randomness; fill() then ends the process.
std::unique_ptr<base::Rng> make_system_rng();

}  // namespace crypto
