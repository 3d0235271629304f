#include "ikev2/config.h"

namespace ikev2 {

const ChildConfig* PeerConfig::find_child(const std::string& wanted) const {
  for (const ChildConfig& child : children) {
    if (child.name == wanted) return &child;
  }
  return nullptr;
}

}  // namespace ikev2
