// Files of keys and certificates.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace ctl {

// The whole file, at most 4 MiB.
base::Result<base::SecretBytes> read_whole(const std::string& path);
// Writes a file that does not exist yet; with 0600 nobody else can read it at any moment. Never overwrites.
base::Status write_new(const std::string& path, base::ByteSpan contents, unsigned mode);
// Whether something is there.
bool exists(const std::string& path);

}  // namespace ctl
