// libFuzzer: any text as a configuration file. Must never throw, crash or take long.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The directory does not exist, so that no file of this machine is read as a secret by a relative name.
  const auto result =
      config::load_text(std::string(reinterpret_cast<const char*>(data), size), "/nonexistent/profiles.yaml");
  for (const auto& d : result.diagnostics) {
    if (d.where.line < 1 || d.where.column < 1 || d.message.empty()) std::abort();
    if (d.text().find('\n') != std::string::npos) std::abort();
  }
  // A file without errors gives a whole model.
  if (!result.ok()) return 0;
  for (const auto& peer : result.config.peers) {
    if (peer->proposals.empty() || peer->children.empty()) std::abort();
    if (peer->local_auth.credential.value == 0 || peer->remote_auth.credential.value == 0) std::abort();
    for (const auto& child : peer->children) {
      if (child.proposals.empty()) std::abort();
    }
  }
  return 0;
}
