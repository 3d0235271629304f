#include "apps/daemon/profile_view.h"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "config/proposal_text.h"

namespace daemon_app {
namespace {

using config::YamlNode;
using ikev2::TransformType;

const YamlNode* at(const YamlNode* node, std::initializer_list<std::string_view> path) {
  for (const std::string_view key : path) {
    const config::YamlEntry* entry = node == nullptr ? nullptr : node->find(key);
    if (entry == nullptr) return nullptr;
    node = entry->value.get();
  }
  return node;
}

std::string absolute(const std::string& directory, const std::string& name) {
  return (std::filesystem::path(directory) / std::filesystem::path(name)).lexically_normal().string();
}

// The first of one or several files.
std::string file_of(const YamlNode* node, const std::string& directory) {
  if (node == nullptr) return {};
  if (node->is_sequence())
    return node->items.empty() ? std::string() : file_of(node->items[0].get(), directory);
  return absolute(directory, node->text);
}

std::optional<std::string> psk_text(const YamlNode& psk, const std::string& directory, bool secrets) {
  if (const YamlNode* file = at(&psk, {"file"})) return "file:" + file_of(file, directory);
  if (!secrets) return {};
  const YamlNode* hex = at(&psk, {"hex"});
  return hex != nullptr ? "0x" + hex->text : psk.text;
}

std::optional<control::AuthText> auth_text(const YamlNode* auth, const std::string& directory, bool secrets) {
  if (const YamlNode* psk = at(auth, {"psk"}))
    return control::AuthText{"shared-key-mic", psk_text(*psk, directory, secrets)};
  const YamlNode* signature = at(auth, {"signature"});
  if (signature == nullptr) return {};
  for (const char* key : {"cert", "ca", "key"}) {
    const std::string file = file_of(at(signature, {key}), directory);
    if (!file.empty()) return control::AuthText{"rsa-sig", key == std::string("ca") ? "ca:" + file : file};
  }
  return control::AuthText{"rsa-sig", {}};
}

// "aes-cbc-256" as "aes-cbc 256"; "curve25519" as it is.
std::string name_and_bits(const ikev2::Transform& transform) {
  std::string name = ikev2::text(transform);
  if (transform.key_bits == 0) return name;
  const std::string suffix = "-" + std::to_string(transform.key_bits);
  if (name.size() > suffix.size() && name.ends_with(suffix)) name[name.size() - suffix.size()] = ' ';
  return name;
}

std::string joined(const ikev2::Proposal& proposal, TransformType type) {
  std::string out;
  for (const auto& transform : proposal.of(type)) out += (out.empty() ? "" : "|") + name_and_bits(transform);
  return out;
}

std::vector<control::TransformText> transforms(const ikev2::Proposals& proposals) {
  std::vector<control::TransformText> out;
  for (const auto& proposal : proposals) {
    out.push_back({joined(proposal, TransformType::encr), joined(proposal, TransformType::integ),
                   joined(proposal, TransformType::ke)});
  }
  return out;
}

std::vector<std::string> texts(const spd::TrafficSelectors& list) {
  std::vector<std::string> out;
  for (const auto& selector : list) out.push_back(selector.text());
  return out;
}

std::uint64_t seconds(const std::optional<base::Duration>& duration) {
  return duration ? static_cast<std::uint64_t>(base::whole_seconds(*duration)) : 0;
}

control::ChildConfigView child_view(const ikev2::ChildConfig& child, bool default_esp) {
  control::ChildConfigView out;
  out.name = child.name;
  out.local_ts = texts(child.local_ts);
  out.remote_ts = texts(child.remote_ts);
  if (!default_esp) out.esp = transforms(child.proposals);
  out.lifetime_s = seconds(child.lifetime);
  out.jitter_s = seconds(child.jitter);
  out.handover_s = seconds(child.handover);
  out.lifetime_bytes = child.lifetime_bytes;
  return out;
}

void add_responder(const ikev2::RemoteAddress& remote, control::ProfileConfigView& out) {
  if (const auto* address = std::get_if<base::IpAddress>(&remote)) out.responder_address = address->text();
  if (const auto* host = std::get_if<ikev2::HostName>(&remote)) out.responder_host = host->name;
}

// What only commands say.
void add_made(const config::VppProfile& made, control::ProfileConfigView& out) {
  out.tunnel = made.tunnel;
  out.responder_interface = made.responder_interface;
  out.ipsec_udp_port = made.ipsec_udp_port.value_or(0);
}

// Before the engine has it: what commands have said so far.
void add_unfinished(const config::VppProfile& made, control::ProfileConfigView& out) {
  out.local_id = made.local_id;
  out.remote_id = made.remote_id;
  out.udp_encap = made.udp_encap;
  out.natt_disabled = made.natt_disabled;
  const bool is_address = base::IpAddress::parse(made.responder).has_value();
  (is_address ? out.responder_address : out.responder_host) = made.responder;
  control::ChildConfigView child;
  child.name = "net";
  if (!made.local_ts.empty()) child.local_ts.push_back(made.local_ts);
  if (!made.remote_ts.empty()) child.remote_ts.push_back(made.remote_ts);
  std::vector<std::string> ignored;
  if (const auto ike = config::parse_ike_proposal(made.ike_proposal, ignored)) out.ike = transforms({*ike});
  if (const auto esp = config::parse_child_proposal(made.esp_proposal, ignored))
    child.esp = transforms({*esp});
  child.lifetime_s = made.lifetime_s != 0 ? made.lifetime_s : seconds(ikev2::ChildConfig().lifetime);
  child.jitter_s = made.jitter_s;
  child.handover_s = made.handover_s;
  child.lifetime_bytes = made.lifetime_bytes;
  out.children.push_back(std::move(child));
}

}  // namespace

control::ProfileConfigView make_profile_config_view(const std::string& name, const RunningProfile& profile,
                                                    bool secrets) {
  control::ProfileConfigView out;
  out.name = name;
  out.origin = profile.made ? "command" : "file";
  out.missing = profile.missing;
  const bool stand_in = profile.made && profile.made->auth == config::VppAuth::none;
  if (!stand_in) {
    out.local_auth = auth_text(at(profile.node.get(), {"local", "auth"}), profile.directory, secrets);
    out.remote_auth = auth_text(at(profile.node.get(), {"remote", "auth"}), profile.directory, secrets);
  }
  if (profile.made) add_made(*profile.made, out);
  if (!profile.peer) {
    if (profile.made) add_unfinished(*profile.made, out);
    if (out.remote_auth) out.local_auth = out.remote_auth;
    return out;
  }
  const ikev2::PeerConfig& peer = *profile.peer;
  if (peer.local_id) out.local_id = peer.local_id->text();
  if (peer.remote_id && !peer.remote_id->is_any()) out.remote_id = peer.remote_id->text();
  add_responder(peer.remote_address, out);
  out.udp_encap = peer.encap == ikev2::Encap::udp;
  out.natt_disabled = peer.encap == ikev2::Encap::esp;
  const bool own_ike = profile.made ? !profile.made->ike_proposal.empty()
                                    : at(profile.node.get(), {"ike", "proposals"}) != nullptr;
  if (own_ike) out.ike = transforms(peer.proposals);
  for (const auto& child : peer.children) {
    const bool own_esp = profile.made
                             ? !profile.made->esp_proposal.empty()
                             : at(profile.node.get(), {"children", child.name, "proposals"}) != nullptr;
    out.children.push_back(child_view(child, !own_esp));
  }
  return out;
}

}  // namespace daemon_app
