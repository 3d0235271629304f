// A profile as VPP's commands make it, word by word, and as the entry of profiles.yaml that it stands for. So
// a profile made by commands is read, checked, saved and used like any other.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace config {

enum class VppAuth : std::uint8_t { none, text, hex, certificate };

struct VppProfile {
  std::string name;
  VppAuth auth = VppAuth::none;
  std::shared_ptr<const base::SecretBytes> secret;  // as typed: a text, or pairs of hexadecimal digits
  std::string certificate;                          // path of the peer's, PEM
  // In the words of profiles.yaml; empty: not set.
  std::string local_id, remote_id, local_ts, remote_ts, ike_proposal, esp_proposal;
  std::string responder_interface, responder;  // an address or a host name
  std::string tunnel;                          // the interface that it protects
  bool udp_encap = false, natt_disabled = false;
  std::optional<std::uint16_t> ipsec_udp_port;
  std::uint64_t lifetime_s = 0, jitter_s = 0, handover_s = 0, lifetime_bytes = 0;  // 0: the default, no limit
};

// What all profiles that commands make have in common.
struct VppCommon {
  std::string local_key;  // path of our private key; empty: none
  std::optional<base::Duration> liveness_delay, liveness_timeout;
};

// VPP's rule for names: letters, digits and '_'.
base::Status check_vpp_name(std::string_view name);

// Each sets what one command says, or leaves the profile as it is and says why.
base::Status set_psk(VppProfile& profile, std::string_view secret, bool hex);
base::Status set_certificate(VppProfile& profile, std::string_view path);
base::Status set_id(VppProfile& profile, bool local, std::string_view type, std::string_view data);
struct VppSelector {
  std::string first, last;  // addresses
  std::uint32_t first_port = 0, last_port = 65535, protocol = 0;
};
base::Status set_selector(VppProfile& profile, bool local, const VppSelector& selector);
// Names of algorithms are VPP's or ours; empty: not said.
struct VppTransforms {
  std::string crypto, integ, dh, prf;
  std::uint32_t bits = 0;  // of the encryption key; 0: not said
};
base::Status set_ike_transforms(VppProfile& profile, const VppTransforms& transforms);
base::Status set_esp_transforms(VppProfile& profile, const VppTransforms& transforms);

// What is missing before it can be used, with the command that says it; empty: nothing.
std::string missing(const VppProfile& profile, const VppCommon& common);
// A whole file with this one profile. What is missing in `auth` is filled by a stand-in, so that the rest can
// be checked. Holds the secret: to be wiped.
std::string to_yaml(const VppProfile& profile, const VppCommon& common);

}  // namespace config
