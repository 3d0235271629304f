#include "control/listing/ipsec_spd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "control/listing/text.h"

namespace control::listing {

namespace {

bool is_v6(const ManualPolicyView& policy) { return parse_selector(policy.local).type == 8; }

// VPP's eight lists; reject, which VPP has not, stands with discard.
std::string section_of(const ManualPolicyView& policy) {
  const std::string family = is_v6(policy) ? "ip6-" : "ip4-";
  if (policy.direction == "outbound") return family + "outbound";
  if (policy.action == "protect" || policy.action == "bypass") return family + "inbound-" + policy.action;
  return family + "inbound-discard";
}

constexpr std::array<std::string_view, 8> kSections = {
    "ip4-outbound",       "ip6-outbound",       "ip4-inbound-protect", "ip6-inbound-protect",
    "ip4-inbound-bypass", "ip6-inbound-bypass", "ip4-inbound-discard", "ip6-inbound-discard"};

std::string sa_text(const ManualPolicyView& policy) {
  if (policy.action != "protect") return {};
  return " sa " + (policy.sa_id ? std::to_string(*policy.sa_id) : policy.said);
}

std::string range_line(const std::string& margin, const char* side, const std::string& selector) {
  const SelectorText ts = parse_selector(selector);
  return fmt::format("{}{} addr range {} - {} port range {} - {}\n", margin, side, ts.first, ts.last,
                     ts.first_port, ts.last_port);
}

std::string body(const ManualPolicyView& policy, const std::string& margin) {
  return range_line(margin, "local", policy.local) + range_line(margin, "remote", policy.remote) +
         fmt::format("{}packets {} bytes {}\n", margin, policy.packets, policy.bytes);
}

// VPP has one protocol to a policy; here each side may name it.
std::string protocol_of(const ManualPolicyView& policy) {
  const unsigned local = parse_selector(policy.local).protocol;
  return vpp_protocol_name(local != 0 ? local : parse_selector(policy.remote).protocol);
}

std::string wiki_policy(const ManualPolicyView& policy) {
  return fmt::format("  priority {} action {} protocol {}{}\n", policy.priority, policy.action,
                     protocol_of(policy), sa_text(policy)) +
         body(policy, "   ");
}

}  // namespace

std::string vpp_protocol_name(unsigned protocol) {
  struct Row {
    unsigned number;
    const char* name;
  };
  constexpr std::array kRows = {
      Row{0, "any"},    Row{1, "ICMP"},      Row{2, "IGMP"},     Row{4, "IP_IN_IP"},   Row{6, "TCP"},
      Row{17, "UDP"},   Row{41, "IPV6"},     Row{47, "GRE"},     Row{50, "IPSEC_ESP"}, Row{51, "IPSEC_AH"},
      Row{58, "ICMP6"}, Row{89, "OSPF"},     Row{108, "IPCOMP"}, Row{112, "VRRP"},     Row{115, "L2TP"},
      Row{132, "SCTP"}, Row{136, "UDP_LITE"}};
  const auto found =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.number == protocol; });
  return found == kRows.end() ? fmt::format("unknown {}", protocol) : found->name;
}

std::string ipsec_spd(const ManualView& view, std::uint32_t spd) {
  std::string out = fmt::format("spd {}\n", spd);
  for (const std::string_view section : kSections) {
    out += fmt::format(" {}:\n", section);
    for (const ManualPolicyView& policy : view.policies) {
      if (policy.spd != spd || section_of(policy) != section) continue;
      out += fmt::format("   [{}] priority {} action {} type {} protocol {}{}\n", policy.index,
                         policy.priority, policy.action, section, protocol_of(policy), sa_text(policy));
      out += body(policy, "     ");
    }
    out += " \n";
  }
  return out;
}

std::string ipsec_spd_wiki(const ManualView& view, std::uint32_t spd) {
  const auto lists = [&](std::initializer_list<std::string_view> sections) {
    std::string out;
    for (const std::string_view section : sections) {
      for (const ManualPolicyView& policy : view.policies) {
        if (policy.spd == spd && section_of(policy) == section) out += wiki_policy(policy);
      }
    }
    return out;
  };
  return fmt::format("spd {}\n outbound policies\n", spd) + lists({"ip4-outbound", "ip6-outbound"}) +
         " inbound policies\n" +
         lists({"ip4-inbound-protect", "ip4-inbound-bypass", "ip4-inbound-discard", "ip6-inbound-protect",
                "ip6-inbound-bypass", "ip6-inbound-discard"});
}

std::string ipsec_spd_bindings(const ManualView& view) {
  std::string out = "SPD Bindings:\n";
  for (const ManualBindingView& binding : view.bindings)
    out += fmt::format("  {} -> {}\n", binding.spd, printable(binding.interface));
  return out;
}

}  // namespace control::listing
