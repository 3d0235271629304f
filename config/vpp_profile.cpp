#include "config/vpp_profile.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/algorithm_names.h"
#include "config/proposal_text.h"
#include "config/scalar.h"
#include "config/write_yaml.h"
#include "ikev2/identity.h"
#include "spd/selector.h"

namespace config {

namespace {

constexpr std::size_t kLongestName = 64;  // characters, as for profiles of the file

// What VPP's responder takes beside our defaults where no command names algorithms. SHA-1 in HMAC is old, but
// no weaker than what RFC 8247 2.3 still allows.
constexpr std::string_view kIkeOfVpp = "aes-cbc-256/aes-cbc-192/aes-cbc-128/hmac-sha1/sha1-96/modp-2048";
constexpr std::string_view kEspOfVpp = "aes-cbc-256/aes-cbc-192/aes-cbc-128/sha1-96/esn/no-esn";

// "aes-cbc" and 256 as one name; a cipher with one key length needs no number.
base::Result<std::string> cipher_name(const std::string& crypto, std::uint32_t bits) {
  const std::string with_bits = fmt::format("{}-{}", crypto, bits);
  if (bits != 0 && find_algorithm(with_bits)) return with_bits;
  const auto alone = find_algorithm(crypto);
  const bool is_cipher = alone && alone->transform.type == ikev2::TransformType::encr;
  if (is_cipher && (bits == 0 || alone->transform.key_bits == 0)) return crypto;
  if (!missing_key_length(crypto).empty()) {
    return base::local_error(fmt::format("{} {} is no cipher: {}", crypto, bits, missing_key_length(crypto)));
  }
  return base::local_error(fmt::format("{} is no cipher{}", quote(crypto), algorithm_hint(crypto)));
}

void add(std::string& out, std::string_view part) {
  if (!part.empty()) out += fmt::format("/{}", part);
}

std::string quoted_list(const ikev2::Proposals& defaults, std::string_view more) {
  std::string out;
  for (const auto& proposal : defaults) out += yaml_scalar(proposal.text()) + ", ";
  return "[" + out + yaml_scalar(more) + "]";
}

std::string proposals_of(const std::string& chosen, const ikev2::Proposals& defaults, std::string_view more) {
  return chosen.empty() ? quoted_list(defaults, more) : "[" + yaml_scalar(chosen) + "]";
}

std::string line(int indent, std::string_view key, const std::string& value) {
  return value.empty() ? std::string() : fmt::format("{:{}}{}: {}\n", "", indent, key, value);
}
std::string scalar_line(int indent, std::string_view key, const std::string& value) {
  return value.empty() ? std::string() : line(indent, key, yaml_scalar(value));
}

std::string auth_text(const VppProfile& profile, const VppCommon& common, bool local) {
  const std::string secret(profile.secret ? base::as_text(profile.secret->span()) : "stand-in");
  switch (profile.auth) {
    case VppAuth::hex:
      return fmt::format("{{psk: {{hex: {}}}}}", yaml_scalar(secret));
    case VppAuth::certificate:
      if (!local) return fmt::format("{{signature: {{cert: {}}}}}", yaml_scalar(profile.certificate));
      if (!common.local_key.empty())
        return fmt::format("{{signature: {{key: {}}}}}", yaml_scalar(common.local_key));
      return "{psk: stand-in}";
    case VppAuth::none:
    case VppAuth::text:
      break;
  }
  return fmt::format("{{psk: {}}}", yaml_scalar(secret));
}

std::string seconds(std::uint64_t value) { return value == 0 ? std::string() : fmt::format("{}s", value); }

std::string child_text(const VppProfile& profile) {
  std::string out = "    children:\n      net:\n";
  out += scalar_line(8, "local_ts", profile.local_ts) + scalar_line(8, "remote_ts", profile.remote_ts);
  out += line(8, "proposals", proposals_of(profile.esp_proposal, default_child_proposals(), kEspOfVpp));
  out += line(8, "lifetime", seconds(profile.lifetime_s)) + line(8, "jitter", seconds(profile.jitter_s));
  out += line(8, "handover", seconds(profile.handover_s));
  return out + line(8, "lifetime_bytes",
                    profile.lifetime_bytes == 0 ? std::string() : std::to_string(profile.lifetime_bytes));
}

std::string liveness_text(const VppCommon& common) {
  if (!common.liveness_delay || !common.liveness_timeout) return {};
  return fmt::format("    liveness: {{delay: {}s, timeout: {}s}}\n",
                     base::whole_seconds(*common.liveness_delay),
                     base::whole_seconds(*common.liveness_timeout));
}

}  // namespace

base::Status check_vpp_name(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (good) return {};
  return base::local_error(quote(name) + " is no name for a profile: letters, digits and '_', at most 64");
}

base::Status set_psk(VppProfile& profile, std::string_view secret, bool hex) {
  if (hex && secret.substr(0, 2) == "0x") secret.remove_prefix(2);
  if (secret.empty()) return base::local_error("the secret is empty");
  base::Bytes octets;
  const bool good = !hex || base::from_hex(secret, octets);
  base::wipe(octets);
  if (!good) return base::local_error("hex: expected pairs of hexadecimal digits");
  profile.auth = hex ? VppAuth::hex : VppAuth::text;
  profile.secret = std::make_shared<const base::SecretBytes>(base::as_bytes(secret));
  profile.certificate.clear();
  return {};
}

base::Status set_certificate(VppProfile& profile, std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return base::local_error("cert-file: the daemon needs the whole path, from / on");
  }
  profile.auth = VppAuth::certificate;
  profile.certificate = std::string(path);
  profile.secret.reset();
  return {};
}

base::Status set_id(VppProfile& profile, bool local, std::string_view type, std::string_view data) {
  if (type == "der-asn1-gn") {
    return base::local_error(
        "der-asn1-gn is not supported: name the peer by fqdn, rfc822, ip4-addr, ip6-addr or der-asn1-dn");
  }
  const std::string text = fmt::format("{}:{}", type, data);
  if (local) {
    ASSIGN_OR_RETURN(const auto identity, ikev2::Identity::parse(text));
    (void)identity;
  } else {
    ASSIGN_OR_RETURN(const auto pattern, ikev2::IdentityPattern::parse(text));
    (void)pattern;
  }
  (local ? profile.local_id : profile.remote_id) = text;
  return {};
}

base::Status set_selector(VppProfile& profile, bool local, const VppSelector& selector) {
  spd::TrafficSelector out;
  ASSIGN_OR_RETURN(out.range.first, parse_address(selector.first, true));
  ASSIGN_OR_RETURN(out.range.last, parse_address(selector.last, true));
  if (out.range.first.family() != out.range.last.family()) {
    return base::local_error("ip-range: both ends must be IPv4, or both IPv6");
  }
  if (out.range.last < out.range.first) {
    return base::local_error(fmt::format("ip-range: {} is behind {}", selector.first, selector.last));
  }
  if (selector.first_port > selector.last_port || selector.last_port > 65535) {
    return base::local_error(
        fmt::format("port-range: {} - {} is none", selector.first_port, selector.last_port));
  }
  if (selector.protocol > 255) {
    return base::local_error(fmt::format("protocol: {} is more than 255", selector.protocol));
  }
  out.protocol = static_cast<std::uint8_t>(selector.protocol);
  out.first_port = static_cast<std::uint16_t>(selector.first_port);
  out.last_port = static_cast<std::uint16_t>(selector.last_port);
  if (!out.all_ports() && !spd::has_port_numbers(out.protocol)) {
    return base::local_error(
        fmt::format("port-range: protocol {} has no ports: say 6 (TCP), 17 (UDP) or another that has",
                    selector.protocol));
  }
  (local ? profile.local_ts : profile.remote_ts) = out.text();
  return {};
}

base::Status set_ike_transforms(VppProfile& profile, const VppTransforms& transforms) {
  ASSIGN_OR_RETURN(std::string text, cipher_name(transforms.crypto, transforms.bits));
  add(text, transforms.prf);
  add(text, transforms.integ);
  add(text, transforms.dh);
  std::vector<std::string> warnings;
  ASSIGN_OR_RETURN(const auto proposal, parse_ike_proposal(text, warnings));
  (void)proposal;
  profile.ike_proposal = text;
  return {};
}

base::Status set_esp_transforms(VppProfile& profile, const VppTransforms& transforms) {
  ASSIGN_OR_RETURN(std::string text, cipher_name(transforms.crypto, transforms.bits));
  add(text, transforms.integ);
  add(text, transforms.dh);
  std::vector<std::string> warnings;
  ASSIGN_OR_RETURN(const auto proposal, parse_child_proposal(text, warnings));
  (void)proposal;
  profile.esp_proposal = text;
  return {};
}

std::string missing(const VppProfile& profile, const VppCommon& common) {
  if (profile.auth == VppAuth::none) {
    return fmt::format("ikev2 profile set {} auth shared-key-mic|rsa-sig …", profile.name);
  }
  if (profile.auth == VppAuth::certificate && common.local_key.empty()) return "set ikev2 local key PATH";
  return {};
}

std::string to_yaml(const VppProfile& profile, const VppCommon& common) {
  std::string out = fmt::format("profiles:\n  {}:\n    local:\n", yaml_scalar(profile.name));
  out += scalar_line(6, "id", profile.local_id) + line(6, "auth", auth_text(profile, common, true));
  out += "    remote:\n" + scalar_line(6, "address", profile.responder);
  out += scalar_line(6, "id", profile.remote_id) + line(6, "auth", auth_text(profile, common, false));
  out += "    ike:\n" +
         line(6, "proposals", proposals_of(profile.ike_proposal, default_ike_proposals(), kIkeOfVpp));
  if (profile.udp_encap) out += "    encap: udp\n";
  if (profile.natt_disabled) out += "    encap: esp\n";
  return out + liveness_text(common) + child_text(profile);
}

}  // namespace config
