// What our exchange slot has to do, one after the other: the window has size 1 (RFC 7296 2.3).
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/strong.h"
#include "ikev2/action.h"

namespace ikev2 {

// CREATE_CHILD_SA for a child of the profile that is not there (RFC 7296 1.3.1).
struct CreateChild {
  std::string name;
};
// CREATE_CHILD_SA that replaces a child (1.3.3).
struct RekeyChild {
  base::ChildId child;
  std::optional<RequestId> request;
};
// CREATE_CHILD_SA that replaces the IKE SA (1.3.2).
struct RekeyIke {
  std::optional<RequestId> request;
};
// INFORMATIONAL with DELETE of a child (1.4.1).
struct DeleteChild {
  base::ChildId child;
};
// The same for a child that the peer believes in and we have refused: nothing of it is installed here.
struct RefuseChild {
  ProtocolId protocol = ProtocolId::esp;
  base::Spi spi_in;
};
// An empty INFORMATIONAL: is the peer alive? (2.4)
struct Probe {};

// DELETE of the IKE SA is no task: it goes before all others, see IkeSa::delete_pending.
using Task = std::variant<CreateChild, RekeyChild, RekeyIke, DeleteChild, RefuseChild, Probe>;

}  // namespace ikev2
