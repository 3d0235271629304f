// The provider that computes everything with Botan 3.
#pragma once

#include <memory>

#include "crypto/provider.h"

namespace crypto {

// Its const functions may be called from any thread; the objects they return belong to one thread at a time,
// except the PRF functions, which any number of threads may share.
std::unique_ptr<Provider> make_botan_provider();

}  // namespace crypto
