#include "control/listing/ipsec_spd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "control/listing/text.h"

namespace control::listing {

namespace {

bool is_v6(const ManualPolicyView& policy) { return parse_selector(policy.local).type == 8; }

constexpr std::array<std::string_view, 8> kSections = {
    "ip4-outbound",       "ip6-outbound",       "ip4-inbound-protect", "ip6-inbound-protect",
    "ip4-inbound-bypass", "ip6-inbound-bypass", "ip4-inbound-discard", "ip6-inbound-discard"};

constexpr std::size_t kInbound = 2;  // the first of those lists

std::size_t section_number(const ManualPolicyView& policy) {
  return spd_section(policy.direction == "outbound", policy.action, is_v6(policy));
}

std::string_view section_of(const ManualPolicyView& policy) { return kSections[section_number(policy)]; }

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

std::size_t spd_section(bool outbound, const std::string& action, bool v6) {
  const std::size_t family = v6 ? 1 : 0;
  if (outbound) return family;
  return family + (action == "protect" ? 2 : action == "bypass" ? 4 : 6);
}

std::string SpdPrinter::spd(std::uint32_t number) {
  std::string out = end() + fmt::format("spd {}\n", number);
  begun_ = true;
  return out;
}

// A list ends with a blank line, also where it is empty.
std::string SpdPrinter::lists_up_to(std::size_t section) {
  std::string out;
  for (; lists_ <= section && lists_ < kSections.size(); ++lists_)
    out += (lists_ == 0 ? "" : " \n") + fmt::format(" {}:\n", kSections[lists_]);
  return out;
}

std::string SpdPrinter::policy(const ManualPolicyView& policy) {
  return lists_up_to(section_number(policy)) +
         fmt::format("   [{}] priority {} action {} type {} protocol {}{}\n", policy.index, policy.priority,
                     policy.action, section_of(policy), protocol_of(policy), sa_text(policy)) +
         body(policy, "     ");
}

std::string SpdPrinter::end() {
  if (!begun_) return "";
  std::string out = lists_up_to(kSections.size()) + " \n";
  begun_ = false;
  lists_ = 0;
  return out;
}

std::string ipsec_spd(const ManualView& view, std::uint32_t spd) {
  std::vector<const ManualPolicyView*> policies;
  for (const ManualPolicyView& policy : view.policies) {
    if (policy.spd == spd) policies.push_back(&policy);
  }
  std::stable_sort(policies.begin(), policies.end(),
                   [](const auto* a, const auto* b) { return section_number(*a) < section_number(*b); });
  SpdPrinter printer;
  std::string out = printer.spd(spd);
  for (const ManualPolicyView* policy : policies) out += printer.policy(*policy);
  return out + printer.end();
}

// The page has IPv4's inbound policies in front of those of IPv6, whatever they do.
std::string WikiSpdPrinter::spd(std::uint32_t number) {
  std::string out = end() + fmt::format("spd {}\n outbound policies\n", number);
  begun_ = true;
  return out;
}

std::string WikiSpdPrinter::policy(const ManualPolicyView& policy) {
  const std::size_t section = section_number(policy);
  std::string text = wiki_policy(policy);
  if (section < kInbound) return text;
  if (section % 2 == 0) return begin_inbound() + text;
  v6_ += text;
  return "";
}

std::string WikiSpdPrinter::begin_inbound() {
  return std::exchange(inbound_, true) ? "" : " inbound policies\n";
}

std::string WikiSpdPrinter::end() {
  if (!begun_) return "";
  std::string out = begin_inbound() + v6_;
  v6_.clear();
  begun_ = inbound_ = false;
  return out;
}

std::string ipsec_spd_bindings(const ManualView& view) {
  std::string out = "SPD Bindings:\n";
  for (const ManualBindingView& binding : view.bindings)
    out += fmt::format("  {} -> {}\n", binding.spd, printable(binding.interface));
  return out;
}

}  // namespace control::listing
