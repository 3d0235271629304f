// Octets as text (RFC 4648 4), where a protocol of lines carries them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

std::string to_base64(ByteSpan bytes);
// Strict: four letters for three octets, '=' for what is missing in the last three, nothing beside them, and
// no bits set that belong to no octet. nullopt for all else.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace base
