#include "tun/guard_batch.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>

#include "tun/guard_expressions.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

using base::IpFamily;

constexpr char kHookChain[] = "prerouting";
constexpr int kRawPriority = -300;  // before connection tracking
constexpr std::size_t kReceiveBuffer = 65536;

// How nft calls the parts of a key when it lists a set: ipv4_addr or ipv6_addr, twice, then inet_proto, and
// inet_service twice.
constexpr std::uint32_t kIpv4Type = 7, kIpv6Type = 8, kProtocolType = 12, kPortType = 13, kTypeBits = 6;
constexpr std::uint32_t kRegister = 4;  // octets; each part of a key fills whole registers

std::uint16_t message_type(int type) { return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type); }

base::Error failure(int error) {
  std::string reason = "clear-text guard: " + errno_text(error);
  if (error == EPERM) reason += " (needs CAP_NET_ADMIN)";
  if (error == EOPNOTSUPP || error == EINVAL) reason += " (is nf_tables missing? modprobe nf_tables)";
  return base::local_error(std::move(reason));
}

base::Bytes key_of(const GuardPair& pair) {
  base::Bytes key = pair.from.address.bytes();
  base::append(key, pair.to.address.bytes());
  if (pair.ip_protocol != 0) base::append(key, base::Bytes{pair.ip_protocol, 0, 0, 0});
  for (const PortBlock& ports : {pair.from_ports, pair.to_ports}) {
    base::Bytes part(kRegister, 0);
    base::store_be16(part.data(), ports.first);
    if (pair.has_ports()) base::append(key, part);
  }
  return key;
}

}  // namespace

std::string GuardSet::name() const {
  std::string name = pass ? "pass" : "drop";
  if (level) name = pass ? "bypass" : "hold";
  if (level && *level != kFirstLevel) name += "_" + std::to_string(*level);
  name += "_" + std::to_string(from_length) + "_" + std::to_string(to_length);
  if (has_protocol) name += "_protocol";
  if (has_ports) {
    name += "_ports_" + std::to_string(from_port_length) + "_" + std::to_string(to_port_length);
  }
  return in_interface.empty() ? name : name + "_" + in_interface;
}

GuardSet set_of(const GuardPair& pair) {
  GuardSet set{pair.from.address.family(), pair.pass, pair.from.length, pair.to.length};
  set.level = pair.level;
  set.has_protocol = pair.ip_protocol != 0;
  set.has_ports = pair.has_ports();
  set.from_port_length = pair.from_ports.length;
  set.to_port_length = pair.to_ports.length;
  set.in_interface = pair.in_interface;
  return set;
}

GuardBatch::GuardBatch(mnl_socket* socket, const std::string& table, std::uint32_t& sequence)
    : socket_(socket), table_(table), sequence_(sequence) {
  NetlinkRequest request(NFNL_MSG_BATCH_BEGIN, 0);
  request.body<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  put(request);
}

void GuardBatch::put(NetlinkRequest& request) {
  nlmsghdr* message = request.message();
  message->nlmsg_seq = ++sequence_;
  last_change_ = octets_.size();
  base::append(octets_, {reinterpret_cast<const std::uint8_t*>(message), MNL_ALIGN(message->nlmsg_len)});
}

void GuardBatch::make_table(IpFamily family) {
  NetlinkRequest request(message_type(NFT_MSG_NEWTABLE), NLM_F_CREATE);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_TABLE_NAME, table_);
  put(request);
}

void GuardBatch::remove_table(IpFamily family) {
  NetlinkRequest request(message_type(NFT_MSG_DELTABLE), 0);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_TABLE_NAME, table_);
  put(request);
}

// The drops are in a chain of their own, so that what holds leads past the bypasses that are still to come.
void GuardBatch::make_chains(IpFamily family) {
  put_chain(family, kDropChain, false);
  put_chain(family, kProtectedChain, false);
  put_chain(family, kHookChain, true);
  put_rule(family, kDropChain, add_drop_expressions);
}

void GuardBatch::put_chain(IpFamily family, const char* name, bool in_hook) {
  NetlinkRequest request(message_type(NFT_MSG_NEWCHAIN), NLM_F_CREATE);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_CHAIN_TABLE, table_);
  request.text(NFTA_CHAIN_NAME, name);
  if (in_hook) {
    nlattr* hook = request.nest(NFTA_CHAIN_HOOK);
    request.u32(NFTA_HOOK_HOOKNUM, htonl(NF_INET_PRE_ROUTING));
    request.u32(NFTA_HOOK_PRIORITY, htonl(static_cast<std::uint32_t>(kRawPriority)));
    request.end_nest(hook);
    request.text(NFTA_CHAIN_TYPE, "filter");
  }
  put(request);
}

void GuardBatch::put_rule(IpFamily family, const char* chain,
                          const std::function<void(NetlinkRequest&)>& fill) {
  NetlinkRequest request(message_type(NFT_MSG_NEWRULE), NLM_F_CREATE | NLM_F_APPEND);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_RULE_TABLE, table_);
  request.text(NFTA_RULE_CHAIN, chain);
  nlattr* list = request.nest(NFTA_RULE_EXPRESSIONS);
  fill(request);
  request.end_nest(list);
  put(request);
}

void GuardBatch::empty_chains(IpFamily family) {
  for (const char* chain : {kHookChain, kProtectedChain}) {
    NetlinkRequest request(message_type(NFT_MSG_DELRULE), 0);
    request.body<nfgenmsg>().nfgen_family = family_number(family);
    request.text(NFTA_RULE_TABLE, table_);
    request.text(NFTA_RULE_CHAIN, chain);
    put(request);
  }
}

void GuardBatch::add_rule(const GuardRule& rule) {
  put_rule(rule.family, kHookChain, [&](NetlinkRequest& request) { add_expressions(request, rule); });
}

void GuardBatch::add_look_up(const GuardSet& set) {
  const bool drops = !set.pass && !set.level;
  put_rule(set.family, drops ? kProtectedChain : kHookChain,
           [&](NetlinkRequest& request) { add_look_up_expressions(request, set); });
}

void GuardBatch::join_chains(IpFamily family) { put_rule(family, kHookChain, add_protected_expressions); }

void GuardBatch::make_set(const GuardSet& set) {
  const bool v4 = set.family == IpFamily::v4;
  std::uint32_t type = (v4 ? kIpv4Type : kIpv6Type) << kTypeBits | (v4 ? kIpv4Type : kIpv6Type);
  std::uint32_t size = v4 ? 8 : 32;
  if (set.has_protocol) {
    type = type << kTypeBits | kProtocolType;
    size += kRegister;
  }
  if (set.has_ports) {
    type = (type << kTypeBits | kPortType) << kTypeBits | kPortType;
    size += 2 * kRegister;
  }
  NetlinkRequest request(message_type(NFT_MSG_NEWSET), NLM_F_CREATE);
  request.body<nfgenmsg>().nfgen_family = family_number(set.family);
  request.text(NFTA_SET_TABLE, table_);
  request.text(NFTA_SET_NAME, set.name());
  request.u32(NFTA_SET_FLAGS, 0);
  request.u32(NFTA_SET_KEY_TYPE, htonl(type));
  request.u32(NFTA_SET_KEY_LEN, htonl(size));
  request.u32(NFTA_SET_ID, htonl(++sets_));
  put(request);
}

void GuardBatch::remove_set(const GuardSet& set) {
  NetlinkRequest request(message_type(NFT_MSG_DELSET), 0);
  request.body<nfgenmsg>().nfgen_family = family_number(set.family);
  request.text(NFTA_SET_TABLE, table_);
  request.text(NFTA_SET_NAME, set.name());
  put(request);
}

void GuardBatch::put_pair(const GuardPair& pair, bool add) {
  NetlinkRequest request(message_type(add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM), add ? NLM_F_CREATE : 0);
  const GuardSet set = set_of(pair);
  request.body<nfgenmsg>().nfgen_family = family_number(set.family);
  request.text(NFTA_SET_ELEM_LIST_TABLE, table_);
  request.text(NFTA_SET_ELEM_LIST_SET, set.name());
  nlattr* list = request.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
  nlattr* element = request.nest(NFTA_LIST_ELEM);
  add_value(request, NFTA_SET_ELEM_KEY, key_of(pair));
  request.end_nest(element);
  request.end_nest(list);
  put(request);
}

base::Status GuardBatch::commit() {
  // One acknowledgement, of the last change; errors come unasked.
  reinterpret_cast<nlmsghdr*>(octets_.data() + last_change_)->nlmsg_flags |= NLM_F_ACK;
  const std::uint32_t last = sequence_;
  NetlinkRequest end(NFNL_MSG_BATCH_END, 0);
  end.body<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  put(end);
  const std::uint32_t first = reinterpret_cast<const nlmsghdr*>(octets_.data())->nlmsg_seq;
  if (mnl_socket_sendto(socket_, octets_.data(), octets_.size()) < 0) return failure(errno);
  return await(first, last);
}

base::Status GuardBatch::await(std::uint32_t first, std::uint32_t last) {
  alignas(nlmsghdr) std::uint8_t answer[kReceiveBuffer];
  while (true) {
    const ssize_t got = mnl_socket_recvfrom(socket_, answer, sizeof answer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(errno == EAGAIN ? ETIMEDOUT : errno);
    int left = static_cast<int>(got);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(answer); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq < first) continue;
      const int error = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
      if (error != 0) return failure(error);
      if (message->nlmsg_seq == last) return {};
    }
  }
}

}  // namespace tun
