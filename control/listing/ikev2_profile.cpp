#include "control/listing/ikev2_profile.h"

#include <fmt/format.h>

#include "control/listing/text.h"

namespace control::listing {

namespace {

std::string auth_line(const char* prefix, const std::optional<AuthText>& auth) {
  if (!auth) return {};
  return fmt::format("  {}auth-method {} auth data {}\n", prefix, auth->method,
                     auth->data ? printable(*auth->data) : std::string(kRedacted));
}

// VPP knows one secret for both sides, and of certificates the peer's.
std::string auth_lines(const ProfileConfigView& profile) {
  const auto &local = profile.local_auth, &remote = profile.remote_auth;
  if (local && remote && local->method == "rsa-sig" && remote->method == local->method)
    return auth_line("", remote);
  return auth_line("", local) + (remote == local ? std::string() : auth_line("remote ", remote));
}

std::string id_line(const char* side, const std::string& identity) {
  if (identity.empty()) return {};
  const IdentityText id = split_identity(identity);
  return fmt::format("  {} id-type {} data {}\n", side, id.type, id.data);
}

// VPP has one selector a side; each further one has a line of its own.
std::string selector_lines(const char* side, const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& text : list) {
    const SelectorText ts = parse_selector(text);
    out += fmt::format("  {} traffic-selector addr {} - {} port {} - {} protocol {}\n", side, ts.first,
                       ts.last, ts.first_port, ts.last_port, ts.protocol);
  }
  return out;
}

std::string transform_lines(const char* kind, const std::vector<TransformText>& list) {
  std::string out;
  for (const TransformText& one : list) {
    out += fmt::format("  {}-crypto-alg {}", kind, one.crypto);
    if (!one.integ.empty()) out += fmt::format(" {}-integ-alg {}", kind, one.integ);
    if (!one.dh.empty()) out += fmt::format(" {}-dh {}", kind, one.dh);
    out += "\n";
  }
  return out;
}

// The end of the line is the host name, and its space stays where there is none.
std::string responder_line(const ProfileConfigView& profile) {
  if (profile.responder_address.empty() && profile.responder_host.empty()) return {};
  return fmt::format("  responder {} {} {}\n",
                     profile.responder_interface.empty() ? "any" : profile.responder_interface,
                     profile.responder_address, printable(profile.responder_host));
}

std::string lifetime_line(const ChildConfigView& child) {
  return fmt::format("  lifetime {} jitter {} handover {} maxdata {}\n", child.lifetime_s, child.jitter_s,
                     child.handover_s, child.lifetime_bytes);
}

// Lines of VPP's that belong to the profile as a whole, between those of its selectors and its algorithms.
std::string current_lines(const ProfileConfigView& profile) {
  std::string out;
  if (!profile.tunnel.empty()) out += fmt::format("  protected tunnel {}\n", printable(profile.tunnel));
  out += responder_line(profile);
  if (profile.udp_encap) out += "  udp-encap\n";
  if (profile.natt_disabled) out += "  NAT-T disabled\n";
  if (profile.ipsec_udp_port != 0) out += fmt::format("  ipsec-over-udp port {}\n", profile.ipsec_udp_port);
  return out + transform_lines("ike", profile.ike);
}

std::string child_tail(const ChildConfigView& child) {
  return transform_lines("esp", child.esp) + lifetime_line(child);
}

std::string one_profile(const ProfileConfigView& profile, VppForm form) {
  const bool current = form == VppForm::current;
  std::string out = fmt::format("profile {}\n", printable(profile.name));
  out += auth_lines(profile);
  out += id_line("local", profile.local_id) + id_line("remote", profile.remote_id);
  for (std::size_t i = 0; i < profile.children.size(); ++i) {
    const ChildConfigView& child = profile.children[i];
    // VPP has one child to a profile; further ones follow, each under its name.
    if (i > 0) out += fmt::format("  child {}\n", printable(child.name));
    out += selector_lines("local", child.local_ts) + selector_lines("remote", child.remote_ts);
    if (current && i == 0) out += current_lines(profile);
    if (current) out += child_tail(child);
  }
  return out;
}

}  // namespace

std::string ikev2_profile(const std::vector<ProfileConfigView>& profiles, VppForm form) {
  std::string out;
  for (const ProfileConfigView& profile : profiles) out += one_profile(profile, form);
  return out;
}

}  // namespace control::listing
