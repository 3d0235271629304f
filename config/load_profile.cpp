#include <algorithm>

#include "config/loaders.h"
#include "config/proposal_text.h"
#include "config/scalar.h"

namespace config {

namespace {

using ikev2::Encap;
using ikev2::LivenessAction;

// A bare address, or a type and a value. The error names the types.
base::Result<ikev2::Identity> parse_identity(std::string_view text) {
  if (text.find('*') != std::string_view::npos || text == "%any" || text == "any") {
    return base::local_error(quote(text) + " is a pattern: our own identity must be one");
  }
  return ikev2::Identity::parse(text);
}

base::Result<ikev2::IdentityPattern> parse_pattern(std::string_view text) {
  return ikev2::IdentityPattern::parse(text == "any" ? "%any" : text);
}

template <class T, class Parse>
void read_optional(MapReader& map, std::string_view key, std::optional<T>& target, Parse parse) {
  T value;
  if (read(map, key, value, parse)) target = std::move(value);
}

void load_local(MapReader local, ikev2::PeerConfig& out, Credentials& credentials) {
  read_optional(local, "address", out.local_address,
                [](std::string_view text) { return parse_address(text, false); });
  read_optional(local, "id", out.local_id, parse_identity);
  out.local_auth = credentials.read_auth(local, Credentials::Side::local);
  local.finish();
}

void load_remote(MapReader remote, ikev2::PeerConfig& out, Credentials& credentials) {
  read(remote, "address", out.remote_address, parse_remote_address);
  read(remote, "port", out.remote_port, parse_port);
  read_optional(remote, "id", out.remote_id, parse_pattern);
  out.remote_auth = credentials.read_auth(remote, Credentials::Side::remote);
  remote.finish();
}

void load_ike(MapReader ike, ikev2::PeerConfig& out) {
  out.proposals = default_ike_proposals();
  read_proposals(ike, out.proposals, parse_ike_proposal);
  read(ike, "lifetime", out.lifetime, parse_positive_duration);
  read(ike, "reauth", out.reauth, parse_positive_duration);
  read(ike, "childless", out.childless, parse_bool);
  ike.finish();
}

void load_liveness(MapReader liveness, ikev2::PeerConfig& out) {
  const bool kept_up = std::any_of(out.children.begin(), out.children.end(),
                                   [](const auto& child) { return child.start == ikev2::Start::up; });
  if (kept_up) out.liveness_action = LivenessAction::restart;
  read(liveness, "delay", out.liveness_delay, parse_positive_duration);
  read(liveness, "timeout", out.liveness_timeout, parse_positive_duration);
  read(liveness, "action", out.liveness_action, [](std::string_view text) {
    return parse_word<LivenessAction>(text, {{"clear", LivenessAction::clear},
                                             {"restart", LivenessAction::restart},
                                             {"trap", LivenessAction::trap}});
  });
  liveness.finish();
}

base::Result<std::uint32_t> parse_tries(std::string_view text) {
  if (text == "forever") return std::uint32_t{0};
  auto value = parse_number(text, 1, 1'000'000);
  if (value.has_error()) return base::local_error(value.error().reason + ", nor forever");
  return static_cast<std::uint32_t>(*value);
}

// A map, or the number of tries alone.
void load_retry(MapReader& profile, ikev2::RetryConfig& out) {
  const YamlEntry* entry = profile.find_entry("retry");
  if (entry == nullptr) return;
  if (entry->value->is_scalar()) {
    read(profile, "retry", out.tries, parse_tries);
    return;
  }
  MapReader retry(*entry->value, "retry", entry->place, profile.diagnostics());
  read(retry, "initial", out.initial, parse_positive_duration);
  read(retry, "max", out.max, parse_positive_duration);
  read(retry, "tries", out.tries, parse_tries);
  retry.finish();
}

void load_children(MapReader& profile, ikev2::PeerConfig& out) {
  Diagnostics& diagnostics = profile.diagnostics();
  std::uint32_t replay_window = ikev2::ChildConfig().replay_window;
  read_replay_window(profile, replay_window);
  const YamlEntry* entry = profile.find_entry("children");
  if (entry == nullptr) {
    if (profile.sound()) {
      diagnostics.error(profile.place(), fmt::format("profile {} has no children", profile.name()));
    }
    return;
  }
  if (!MapReader(*entry->value, "children", entry->place, diagnostics).sound()) return;
  if (entry->value->entries.empty()) {
    diagnostics.error(entry->place, fmt::format("profile {} has no children", profile.name()));
  }
  for (const YamlEntry& child : entry->value->entries) {
    out.children.push_back(load_child(child, replay_window, diagnostics));
  }
}

}  // namespace

ikev2::PeerConfig load_profile(const YamlEntry& entry, Credentials& credentials, Diagnostics& diagnostics) {
  check_name(entry, "profile", diagnostics);
  ikev2::PeerConfig out;
  out.name = entry.key;
  MapReader profile(*entry.value, entry.key, entry.place, diagnostics);
  if (!profile.sound()) return out;
  load_local(profile.map("local"), out, credentials);
  load_remote(profile.map("remote"), out, credentials);
  load_ike(profile.map("ike"), out);
  read(profile, "encap", out.encap, [](std::string_view text) {
    return parse_word<Encap>(text, {{"auto", Encap::automatic}, {"udp", Encap::udp}, {"esp", Encap::esp}});
  });
  read(profile, "initial_contact", out.initial_contact, parse_bool);
  read(profile, "mobike", out.mobike, parse_bool);
  load_children(profile, out);
  load_liveness(profile.map("liveness"), out);
  load_retry(profile, out.retry);
  profile.finish();
  return out;
}

}  // namespace config
