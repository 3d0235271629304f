// The profiles that run: those of the file, and those that VPP's commands have made. Knows what each came
// from, so that it can be shown, saved and compared with a newer version.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/daemon/reload.h"
#include "config/model.h"
#include "config/vpp_profile.h"
#include "config/yaml_tree.h"
#include "ikev2/event.h"

namespace daemon_app {

using SharedMaterial = std::shared_ptr<const crypto::KeyMaterial>;

struct RunningProfile {
  // As the engine has it; null: made by commands that have not said enough yet.
  ikev2::PeerConfigPtr peer;
  config::YamlNodePtr node;                // its entry as written
  std::string directory;                   // what relative names of files in it are relative to
  std::optional<config::VppProfile> made;  // by commands; else of the file
  std::string missing;                     // the command that is still to come
  std::vector<std::pair<ikev2::CredentialId, SharedMaterial>> credentials;
};

// One change, ready to be carried out: nothing of it can fail any more.
struct ReloadPlan {
  std::vector<ProfileStep> steps;                  // in order of name
  std::map<std::string, RunningProfile> profiles;  // all that will run
  config::YamlNodePtr tree;                        // of the file
};

// Of the IKE thread alone.
class RunningConfig {
 public:
  struct Parts {
    // A profile without what this machine cannot compute.
    std::function<ikev2::PeerConfigPtr(const ikev2::PeerConfig&)> computable;
    std::function<void(ikev2::CredentialId, SharedMaterial)> learn;  // to the key worker
    std::function<void(ikev2::CredentialId)> forget;
  };
  explicit RunningConfig(Parts parts) : parts_(std::move(parts)) {}

  // Takes over what was read at the start; its credentials are learnt.
  void begin(config::Config config);

  const std::map<std::string, RunningProfile>& profiles() const { return profiles_; }
  // A profile that the engine has, or nullptr.
  const ikev2::PeerConfig* find(const std::string& name) const;
  // Why the engine has none of that name, for people.
  std::string why_not(const std::string& name) const;
  const std::string& path() const { return path_; }  // of the file
  const config::VppCommon& common() const { return common_; }

  // VPP's commands: the engine's commands that carry them out. Profiles of the file are not theirs.
  using Commands = base::Result<std::vector<ikev2::Command>>;
  Commands make(const std::string& name);
  Commands unmake(const std::string& name);
  Commands edit(const std::string& name, const std::function<base::Status(config::VppProfile&)>& change);
  Commands edit_common(const std::function<void(config::VppCommon&)>& change);

  // What a file that was read without an error means for what runs. The error lists what cannot change while
  // the daemon runs, a line each: FILE:LINE:COLUMN: error: …
  base::Result<ReloadPlan> plan(config::Config fresh);
  // From now on the plan's profiles run. Their credentials are learnt; the engine is the caller's to tell.
  void adopt(ReloadPlan plan);

  // Everything as profiles.yaml; without secrets, inline ones are left out.
  std::string save(bool secrets) const;

  // Called every ten seconds: forgets secrets that no handshake can need any more.
  void sweep();

 private:
  using Profiles = std::map<std::string, RunningProfile>;
  struct Retired {
    ikev2::CredentialId id;
    int sweeps = 0;
  };

  Profiles take_profiles(config::Config& config);
  base::Result<RunningProfile> build(config::VppProfile made, const config::VppCommon& common);
  base::Result<config::VppProfile> made_profile(const std::string& name) const;
  void put(const std::string& name, RunningProfile profile);
  void retire(const RunningProfile& profile);
  void learn(const RunningProfile& profile);
  ProfileStep step_for(const std::string& name, const Profiles& fresh) const;

  Parts parts_;
  std::string path_;
  config::YamlNodePtr tree_;  // of the file
  config::VppCommon common_;
  Profiles profiles_;
  std::uint64_t last_credential_ = 0;
  std::vector<Retired> retired_;
};

}  // namespace daemon_app
