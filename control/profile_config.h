// What a profile is configured with, for `show ikev2 profile`: plain structs and their JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace control {

// How one side proves who it is.
struct AuthText {
  std::string method;               // shared-key-mic, rsa-sig
  std::optional<std::string> data;  // a PSK as text or 0x…, a path; nothing: a secret that was not asked for
  bool operator==(const AuthText&) const = default;
};

// One proposal in VPP's words; alternatives of one kind are joined by '|'.
struct TransformText {
  std::string crypto, integ, dh;  // "aes-cbc 256", "sha1-96", "modp-2048"; empty: none
};

struct ChildConfigView {
  std::string name;
  std::vector<std::string> local_ts, remote_ts;  // as in the status model; empty: the address of that side
  std::vector<TransformText> esp;                // empty: the default
  std::uint64_t lifetime_s = 0, jitter_s = 0, handover_s = 0, lifetime_bytes = 0;  // 0: no limit, the default
};

struct ProfileConfigView {
  std::string name;
  std::string origin;                               // file, command
  std::string missing;                              // the command that is still to come; empty: complete
  std::optional<AuthText> local_auth, remote_auth;  // nothing: not set
  std::string local_id, remote_id;                  // "fqdn:vpp.home"; empty: the address of that side
  std::string tunnel;                               // the interface that it protects, where one is named
  std::string responder_interface, responder_address, responder_host;
  bool udp_encap = false, natt_disabled = false;
  std::uint16_t ipsec_udp_port = 0;  // 0: not set
  std::vector<TransformText> ike;    // empty: the default
  std::vector<ChildConfigView> children;
};

nlohmann::json to_json(const ProfileConfigView& view);
// The reverse; what is missing or of a wrong type keeps its default. Never throws.
std::vector<ProfileConfigView> profile_configs_from_json(const nlohmann::json& list);

}  // namespace control
