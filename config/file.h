// Reading whole files, with the permissions they had when opened.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace config {

struct FileContents {
  base::SecretBytes bytes;
  std::uint32_t mode = 0;  // permission bits
  bool regular = true;     // false: a pipe or a device, whose permissions say nothing
  // Whether others than the owner and the group may read it.
  bool others_can_read() const { return regular && (mode & 04) != 0; }
};

enum class FileKind : std::uint8_t { any, regular };

// The file, of at most `most` octets. The error is the reason alone: "No such file or directory".
base::Result<FileContents> read_file(const std::string& path, std::size_t most, FileKind kind);

}  // namespace config
