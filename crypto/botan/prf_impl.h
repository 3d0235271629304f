// The PRF of an IKE SA. Private to crypto/botan/.
#pragma once

#include <memory>

#include "base/result.h"
#include "crypto/prf.h"

namespace crypto::botan {

base::Result<std::unique_ptr<PrfFunction>> make_prf(Prf id);

}  // namespace crypto::botan
