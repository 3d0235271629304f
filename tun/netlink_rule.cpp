// Policy routing rules.

#include <linux/fib_rules.h>

#include <cerrno>
#include <cstring>

#include "tun/netlink_impl.h"

namespace tun {

namespace {

std::uint8_t action_number(Rule::Action action) {
  switch (action) {
    case Rule::Action::lookup:
      return FR_ACT_TO_TBL;
    case Rule::Action::blackhole:
      return FR_ACT_BLACKHOLE;
    case Rule::Action::go_to:
      return FR_ACT_GOTO;
    case Rule::Action::nop:
      return FR_ACT_NOP;
  }
  return FR_ACT_UNSPEC;
}

void put_prefix(NetlinkRequest& request, int type, const std::optional<base::Prefix>& prefix,
                std::uint8_t& length) {
  // A prefix of no length matches everything, which the kernel says by the absence of the attribute.
  if (!prefix || prefix->length == 0) return;
  length = static_cast<std::uint8_t>(prefix->length);
  request.address(type, prefix->address);
}

void put_port(NetlinkRequest& request, int type, std::uint16_t port) {
  if (port == 0) return;
  const fib_rule_port_range range{port, port};
  request.raw(type, &range, sizeof range);
}

void put_match(NetlinkRequest& request, fib_rule_hdr& body, const Rule& rule) {
  put_prefix(request, FRA_SRC, rule.from, body.src_len);
  put_prefix(request, FRA_DST, rule.to, body.dst_len);
  if (!rule.in_interface.empty()) request.text(FRA_IIFNAME, rule.in_interface);
  if (rule.mark) {
    request.u32(FRA_FWMARK, *rule.mark);
    request.u32(FRA_FWMASK, 0xffffffff);
  }
  if (rule.invert) body.flags |= FIB_RULE_INVERT;
  if (rule.ip_protocol != 0) request.u8(FRA_IP_PROTO, rule.ip_protocol);
  put_port(request, FRA_SPORT_RANGE, rule.source_port);
  put_port(request, FRA_DPORT_RANGE, rule.destination_port);
}

bool already_so(int error, bool add) {
  return error == 0 || (add ? error == EEXIST : error == ENOENT || error == ESRCH);
}

}  // namespace

base::Status Netlink::Impl::change_rule(const Rule& rule, bool add) {
  NetlinkRequest request(add ? RTM_NEWRULE : RTM_DELRULE, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
  auto& body = request.body<fib_rule_hdr>();
  body.family = family_number(rule.family);
  body.action = action_number(rule.action);
  request.u32(FRA_PRIORITY, rule.priority);
  request.u8(FRA_PROTOCOL, options.protocol);
  if (rule.action == Rule::Action::lookup) {
    body.table = rule.table < 256 ? static_cast<std::uint8_t>(rule.table) : std::uint8_t{RT_TABLE_UNSPEC};
    request.u32(FRA_TABLE, rule.table);
  }
  if (rule.action == Rule::Action::go_to) request.u32(FRA_GOTO, rule.target);
  put_match(request, body, rule);
  const Answer answer = transact(request);
  if (already_so(answer.error, add)) return {};
  return answer.as_error("rule of priority " + std::to_string(rule.priority));
}

base::Result<std::vector<std::vector<std::uint8_t>>> Netlink::Impl::our_rules(base::IpFamily family) {
  std::vector<std::vector<std::uint8_t>> out;
  const auto build = [&](NetlinkRequest& request) {
    request.body<fib_rule_hdr>().family = family_number(family);
  };
  const auto collect = [&](const nlmsghdr* message) {
    const Attributes found = parse_attributes(message, sizeof(fib_rule_hdr), FRA_MAX);
    const nlattr* protocol = found[FRA_PROTOCOL];
    if (protocol == nullptr || mnl_attr_get_payload_len(protocol) != 1) return;
    if (mnl_attr_get_u8(protocol) != options.protocol) return;
    const auto* first = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(message));
    out.emplace_back(first, first + mnl_nlmsg_get_payload_len(message));
  };
  const Answer answer = dump(build, RTM_GETRULE, collect, [&] { out.clear(); });
  if (answer.error == EAFNOSUPPORT || answer.error == EOPNOTSUPP) return decltype(out)();  // no IPv6 here
  if (answer.error != 0) return answer.as_error("listing rules");
  return out;
}

base::Status Netlink::Impl::remove_all_rules(base::IpFamily family) {
  ASSIGN_OR_RETURN(const auto rules, our_rules(family));
  for (const std::vector<std::uint8_t>& rule : rules) {
    // What was listed names the rule exactly, and goes back as it came but for the state flags.
    NetlinkRequest request(RTM_DELRULE, 0);
    auto& body = request.body<fib_rule_hdr>();
    std::memcpy(&body, rule.data(), sizeof body);
    body.flags &= FIB_RULE_INVERT;
    const Attributes found = parse_attributes(base::ByteSpan(rule).subspan(sizeof body), FRA_MAX);
    for (std::size_t type = 0; type < found.size(); ++type) {
      if (found[type] == nullptr) continue;
      request.raw(static_cast<int>(type), mnl_attr_get_payload(found[type]),
                  mnl_attr_get_payload_len(found[type]));
    }
    const Answer answer = transact(request);
    if (!already_so(answer.error, false)) return answer.as_error("removing a rule");
  }
  return {};
}

}  // namespace tun
