// For whom an Ethernet port answers: the networks behind children and traps, less those in front of them.
#include "apps/daemon/dataplane.h"

namespace daemon_app {

void Dataplane::tell_port() {
  if (!answer_for_) return;
  tun::AnsweredAddresses addresses;
  const auto add = [&](const spd::SelectorPair& selectors) {
    for (const auto& one : selectors.remote) addresses.behind.push_back(one.range);
    for (const auto& one : selectors.local) addresses.in_front.push_back(one.range);
  };
  for (const auto& [id, child] : children_) add(child.selectors);
  for (const auto& [id, trap] : traps_.all()) add(trap.selectors);
  answer_for_(std::move(addresses));
}

}  // namespace daemon_app
