// The words of `scheme`: how one side signs.
#pragma once

#include <string_view>

#include "base/result.h"
#include "ikev2/config.h"

namespace config {

// "rsa-sha1", "rsa-sha2-256", "rsa-pss-sha2-256", "ecdsa-256" (the older methods 9 to 11), "ecdsa-sha2-256"
// (RFC 7427), "ed25519", "ed448".
base::Result<ikev2::SignatureChoice> parse_signature_scheme(std::string_view text);

}  // namespace config
