#include "apps/daemon/running_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "config/write_yaml.h"

namespace daemon_app {
namespace {

// A handshake lasts 30 s at most, and one that has begun needs the secret that it began with.
constexpr int kSweepsKept = 6;
constexpr const char* kCommandPath = "the command";

bool same_key(const crypto::KeyMaterial& a, const crypto::KeyMaterial& b) {
  const auto spki = [](const auto& key) { return key ? key->spki() : base::Bytes(); };
  const auto authorities = [](const std::optional<crypto::Trust>& trust) {
    base::Bytes out;
    if (!trust) return out;
    for (const auto& authority : trust->authorities) base::append(out, authority->contents().der);
    return out;
  };
  return base::constant_time_equal(a.psk, b.psk) && spki(a.key) == spki(b.key) &&
         spki(a.pinned) == spki(b.pinned) && authorities(a.trust) == authorities(b.trust);
}

SharedMaterial material_of(const RunningProfile& profile, ikev2::CredentialId id) {
  for (const auto& [known, material] : profile.credentials) {
    if (known == id) return material;
  }
  return nullptr;
}

bool same_secrets(const RunningProfile& a, const RunningProfile& b) {
  const auto same = [&](ikev2::CredentialId one, ikev2::CredentialId other) {
    const SharedMaterial x = material_of(a, one), y = material_of(b, other);
    return x && y ? same_key(*x, *y) : x == y;
  };
  return same(a.peer->local_auth.credential, b.peer->local_auth.credential) &&
         same(a.peer->remote_auth.credential, b.peer->remote_auth.credential);
}

// Lists of revoked certificates are not compared: a profile with CAs takes the newly read ones in any case.
bool trusts_authorities(const RunningProfile& profile) {
  return std::any_of(profile.credentials.begin(), profile.credentials.end(),
                     [](const auto& credential) { return credential.second->trust.has_value(); });
}

bool same_tree(const config::YamlNode* a, const config::YamlNode* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->kind != b->kind || a->text != b->text || a->items.size() != b->items.size() ||
      a->entries.size() != b->entries.size())
    return false;
  for (std::size_t i = 0; i < a->items.size(); ++i) {
    if (!same_tree(a->items[i].get(), b->items[i].get())) return false;
  }
  return std::all_of(a->entries.begin(), a->entries.end(), [&](const config::YamlEntry& entry) {
    const config::YamlEntry* other = b->find(entry.key);
    return other != nullptr && same_tree(entry.value.get(), other->value.get());
  });
}

const config::YamlNode* below(const config::YamlNodePtr& root, std::string_view key) {
  const config::YamlEntry* entry = root ? root->find(key) : nullptr;
  return entry == nullptr || entry->value->is_null() ? nullptr : entry->value.get();
}

std::string absolute_directory(const std::string& path) {
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(std::filesystem::path(path), ignored);
  return absolute.parent_path().string();
}

// Something that has changed and cannot while the daemon runs, at its place in the new file.
std::string unchangeable(const config::Config& fresh, config::Place at, const std::string& what) {
  const config::Diagnostic line{config::Diagnostic::Severity::error, {fresh.path, at.line, at.column}, what};
  return line.text();
}

// What of the section `daemon` has changed.
void find_daemon_changes(const config::YamlNodePtr& running, const config::Config& fresh,
                         std::vector<std::string>& out) {
  static const config::YamlNode kEmpty;
  const config::YamlNode* before = below(running, "daemon");
  const config::YamlNode* after = below(fresh.tree, "daemon");
  if (before == nullptr) before = &kEmpty;
  if (after == nullptr) after = &kEmpty;
  const auto tell = [&](const std::string& key, config::Place at) {
    out.push_back(
        unchangeable(fresh, at, "daemon." + key + " cannot change while the daemon runs: restart it"));
  };
  for (const config::YamlEntry& entry : after->entries) {
    const config::YamlEntry* old = before->find(entry.key);
    if (old == nullptr || !same_tree(old->value.get(), entry.value.get())) tell(entry.key, entry.place);
  }
  for (const config::YamlEntry& entry : before->entries) {
    if (after->find(entry.key) == nullptr) tell(entry.key, {});
  }
}

// A used key must not begin again at its first number, so SAs that are keyed by hand are never made anew.
void find_manual_changes(const config::YamlNodePtr& running, const config::Config& fresh,
                         std::vector<std::string>& out) {
  const config::YamlNode* after = below(fresh.tree, "manual");
  if (same_tree(below(running, "manual"), after)) return;
  out.push_back(
      unchangeable(fresh, after == nullptr ? config::Place{} : after->place,
                   "manual cannot change by a reload: change it by commands (ikectl ipsec, ikectl spi), "
                   "or restart the daemon"));
}

}  // namespace

// The profiles of a configuration that was read, with credentials numbered anew.
RunningConfig::Profiles RunningConfig::take_profiles(config::Config& config) {
  std::map<std::uint64_t, std::pair<ikev2::CredentialId, SharedMaterial>> renamed;
  for (auto& credential : config.credentials) {
    renamed[credential.id.value] = {
        ikev2::CredentialId(++last_credential_),
        std::make_shared<const crypto::KeyMaterial>(std::move(credential.material))};
  }
  config.credentials.clear();
  const config::YamlNode* nodes = below(config.tree, "profiles");
  Profiles out;
  for (const auto& peer : config.peers) {
    RunningProfile profile;
    profile.directory = absolute_directory(config.path);
    ikev2::PeerConfig copy = *peer;
    for (ikev2::AuthConfig* auth : {&copy.local_auth, &copy.remote_auth}) {
      const auto found = renamed.find(auth->credential.value);
      if (found == renamed.end()) continue;
      auth->credential = found->second.first;
      profile.credentials.push_back(found->second);
    }
    if (const config::YamlEntry* entry = nodes == nullptr ? nullptr : nodes->find(copy.name))
      profile.node = entry->value;
    profile.peer = parts_.computable(copy);
    out.insert_or_assign(copy.name, std::move(profile));
  }
  return out;
}

void RunningConfig::learn(const RunningProfile& profile) {
  for (const auto& [id, material] : profile.credentials) parts_.learn(id, material);
}

void RunningConfig::retire(const RunningProfile& profile) {
  for (const auto& [id, material] : profile.credentials) retired_.push_back({id, 0});
}

void RunningConfig::sweep() {
  for (Retired& one : retired_) {
    if (++one.sweeps > kSweepsKept) parts_.forget(one.id);
  }
  std::erase_if(retired_, [](const Retired& one) { return one.sweeps > kSweepsKept; });
}

void RunningConfig::begin(config::Config config) {
  path_ = config.path;
  tree_ = config.tree;
  profiles_ = take_profiles(config);
  for (const auto& [name, profile] : profiles_) learn(profile);
}

const ikev2::PeerConfig* RunningConfig::find(const std::string& name) const {
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : found->second.peer.get();
}

std::string RunningConfig::why_not(const std::string& name) const {
  const auto found = profiles_.find(name);
  if (found == profiles_.end()) return "no profile '" + name + "'";
  return "profile '" + name + "' is not complete: " + found->second.missing + " is missing";
}

// A profile of commands goes the way of a file: written as YAML, read again.
base::Result<RunningProfile> RunningConfig::build(config::VppProfile made, const config::VppCommon& common) {
  std::string text = config::to_yaml(made, common);
  config::LoadResult loaded = config::load_text(text, kCommandPath);
  base::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  for (const auto& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == config::Diagnostic::Severity::error)
      return base::local_error(diagnostic.message);
  }
  Profiles profiles = take_profiles(loaded.config);
  RunningProfile out = std::move(profiles.begin()->second);
  out.missing = config::missing(made, common);
  if (!out.missing.empty()) {
    out.peer = nullptr;
    out.credentials.clear();
  }
  out.made = std::move(made);
  return out;
}

base::Result<config::VppProfile> RunningConfig::made_profile(const std::string& name) const {
  const auto found = profiles_.find(name);
  if (found == profiles_.end()) return base::local_error("no profile '" + name + "'");
  if (!found->second.made) {
    return base::local_error("profile '" + name + "' is of " + path_ +
                             ": change it there, then ikectl reload");
  }
  return *found->second.made;
}

void RunningConfig::put(const std::string& name, RunningProfile profile) {
  learn(profile);
  const auto found = profiles_.find(name);
  if (found != profiles_.end()) retire(found->second);
  profiles_.insert_or_assign(name, std::move(profile));
}

RunningConfig::Commands RunningConfig::make(const std::string& name) {
  RETURN_IF_ERROR(config::check_vpp_name(name));
  if (profiles_.count(name) != 0) return base::local_error("profile '" + name + "' exists already");
  config::VppProfile made;
  made.name = name;
  ASSIGN_OR_RETURN(RunningProfile profile, build(std::move(made), common_));
  put(name, std::move(profile));
  return std::vector<ikev2::Command>{};
}

RunningConfig::Commands RunningConfig::unmake(const std::string& name) {
  ASSIGN_OR_RETURN(const auto made, made_profile(name));
  (void)made;
  const auto found = profiles_.find(name);
  retire(found->second);
  const bool known = found->second.peer != nullptr;
  profiles_.erase(found);
  std::vector<ikev2::Command> out;
  if (known) out.emplace_back(ikev2::RemovePeer{name});
  return out;
}

// SAs that stand keep the version that they were made with, as in VPP.
RunningConfig::Commands RunningConfig::edit(const std::string& name,
                                            const std::function<base::Status(config::VppProfile&)>& change) {
  ASSIGN_OR_RETURN(config::VppProfile made, made_profile(name));
  RETURN_IF_ERROR(change(made));
  ASSIGN_OR_RETURN(RunningProfile fresh, build(std::move(made), common_));
  std::vector<ikev2::Command> out;
  if (fresh.peer) out.emplace_back(ikev2::ReplacePeer{fresh.peer, false});
  put(name, std::move(fresh));
  return out;
}

RunningConfig::Commands RunningConfig::edit_common(const std::function<void(config::VppCommon&)>& change) {
  config::VppCommon common = common_;
  change(common);
  Profiles fresh;
  for (const auto& [name, profile] : profiles_) {
    if (!profile.made) continue;
    ASSIGN_OR_RETURN(RunningProfile built, build(*profile.made, common));
    fresh.emplace(name, std::move(built));
  }
  std::vector<ikev2::Command> out;
  for (auto& [name, profile] : fresh) {
    if (profile.peer) out.emplace_back(ikev2::ReplacePeer{profile.peer, false});
    put(name, std::move(profile));
  }
  common_ = std::move(common);
  return out;
}

ProfileStep RunningConfig::step_for(const std::string& name, const Profiles& fresh) const {
  const auto old = profiles_.find(name);
  const auto next = fresh.find(name);
  if (next == fresh.end()) return {name, ReloadAction::remove, {}, {}};
  if (old == profiles_.end() || !old->second.peer) {
    return {name, next->second.peer ? ReloadAction::add : ReloadAction::keep, {}, {}};
  }
  if (old->second.peer == next->second.peer) return {name, ReloadAction::keep, {}, {}};
  return compare_profiles(*old->second.peer, *next->second.peer, same_secrets(old->second, next->second));
}

base::Result<ReloadPlan> RunningConfig::plan(config::Config fresh) {
  std::vector<std::string> lines;
  find_daemon_changes(tree_, fresh, lines);
  find_manual_changes(tree_, fresh, lines);
  if (!lines.empty()) return base::local_error(fmt::format("{}", fmt::join(lines, "\n")));
  ReloadPlan out;
  out.tree = fresh.tree;
  out.profiles = take_profiles(fresh);
  // Profiles of commands stay, unless the file names them now.
  for (const auto& [name, profile] : profiles_) {
    if (profile.made) out.profiles.emplace(name, profile);
  }
  std::map<std::string, ProfileStep> steps;
  for (const auto& [name, profile] : profiles_) steps.try_emplace(name, step_for(name, out.profiles));
  for (const auto& [name, profile] : out.profiles) steps.try_emplace(name, step_for(name, out.profiles));
  for (auto& [name, step] : steps) out.steps.push_back(std::move(step));
  return out;
}

void RunningConfig::adopt(ReloadPlan plan) {
  for (auto& step : plan.steps) {
    const auto old = profiles_.find(step.profile);
    const auto next = plan.profiles.find(step.profile);
    if (next == plan.profiles.end()) {
      retire(old->second);
    } else if (old == profiles_.end()) {
      learn(next->second);
    } else if (old->second.peer != next->second.peer) {
      // Unchanged ones keep what they have, so that nothing is told to the engine for nothing.
      const bool same = !step.changes() && !trusts_authorities(next->second);
      if (same) {
        next->second.peer = old->second.peer;
        next->second.credentials = old->second.credentials;
      } else {
        learn(next->second);
        retire(old->second);
      }
    }
  }
  profiles_ = std::move(plan.profiles);
  tree_ = std::move(plan.tree);
}

std::string RunningConfig::save(bool secrets) const {
  std::string out = "# What ikev2d runs, saved by ikectl config save.\n";
  if (!secrets) {
    out += fmt::format("# Secrets are left out, and {} in their place is refused; --secrets writes them.\n",
                       config::kLeftOut);
  }
  if (tree_) {
    for (const config::YamlEntry& entry : tree_->entries) {
      if (entry.key != "profiles")
        out += config::write_yaml_entry(entry.key, *entry.value, 0, {secrets, absolute_directory(path_)});
    }
  }
  if (!profiles_.empty()) out += "profiles:\n";
  for (const auto& [name, profile] : profiles_) {
    if (!profile.missing.empty()) {
      out += fmt::format("  # {} is left out, it is not complete: {} is missing\n", name, profile.missing);
    } else if (profile.node) {
      out += config::write_yaml_entry(name, *profile.node, 2, {secrets, profile.directory});
    }
  }
  return out;
}

}  // namespace daemon_app
