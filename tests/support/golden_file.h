// Files in the repository that tests compare with: generated pages, byte-exact transcripts.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace test {

// The text of a file below the repository's root. With IKEV2D_UPDATE=1 in the environment it is first
// rewritten with `current`, for whoever has changed it on purpose.
inline std::string golden_file(const std::string& path, const std::string& current) {
  const std::string full = std::string(IKEV2D_SOURCE_DIR) + "/" + path;
  if (std::getenv("IKEV2D_UPDATE") != nullptr) std::ofstream(full) << current;
  std::ifstream file(full);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace test
