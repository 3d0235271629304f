// What a changed configuration means for what stands: the least that brings it into force. Pure.
#pragma once

#include <string>
#include <vector>

#include "ikev2/config.h"

namespace daemon_app {

enum class ReloadAction : std::uint8_t {
  keep,     // nothing changes, or what changes needs no new SA
  rekey,    // the SA is rekeyed, with what the file says now
  reauth,   // a new IKE SA first, then the old one goes
  replace,  // the old one goes, and a new one is made
  add,
  remove
};
std::string_view name(ReloadAction action);

struct ChildStep {
  std::string child;
  ReloadAction action = ReloadAction::keep;
  std::vector<std::string> why;  // keys that have changed
};

// One profile. Its children are told apart only where its IKE SA stays.
struct ProfileStep {
  std::string profile;
  ReloadAction action = ReloadAction::keep;
  std::vector<std::string> why;
  std::vector<ChildStep> children;
  // Whether anything at all is to be told to the engine.
  bool changes() const;
};

// Two versions of one profile; which credentials they name does not matter, `same_secrets` says whether the
// secrets behind them are the same.
ProfileStep compare_profiles(const ikev2::PeerConfig& running, const ikev2::PeerConfig& fresh,
                             bool same_secrets);

}  // namespace daemon_app
