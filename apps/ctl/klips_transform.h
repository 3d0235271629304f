// The names of transforms in KLIPS' words.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ctl {

// Names as requests have them; empty: none.
struct TransformNames {
  std::string encr, integ;
};

// "3des-md5-96", "aes128-sha1", "null-sha1-96", "aes-gcm-128": a cipher, then an integrity algorithm where
// the cipher has none in itself. A cipher without its key length has that of the key, which has `key_octets`.
base::Result<TransformNames> read_transform(std::string_view text, std::size_t key_octets);

}  // namespace ctl
