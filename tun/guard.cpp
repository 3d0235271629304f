#include "tun/guard.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "tun/netlink_impl.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

using base::IpFamily;

constexpr char kChain[] = "prerouting";
constexpr int kRawPriority = -300;  // before connection tracking
constexpr int kSendBuffer = 64 << 20;
constexpr timeval kPatience{5, 0};
constexpr std::size_t kReceiveBuffer = 65536;

// Adds the expressions of one rule, between begin and end of the list.
class Expressions {
 public:
  explicit Expressions(NetlinkRequest& request) : request_(request) {}

  void meta(std::uint32_t key) {
    begin("meta");
    big(NFTA_META_KEY, key);
    big(NFTA_META_DREG, NFT_REG_1);
    end();
  }
  void payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length) {
    begin("payload");
    big(NFTA_PAYLOAD_DREG, NFT_REG_1);
    big(NFTA_PAYLOAD_BASE, base);
    big(NFTA_PAYLOAD_OFFSET, offset);
    big(NFTA_PAYLOAD_LEN, length);
    end();
  }
  // A field of an IPv6 extension header.
  void extension(std::uint8_t header, std::uint32_t offset, std::uint32_t length) {
    begin("exthdr");
    big(NFTA_EXTHDR_DREG, NFT_REG_1);
    request_.u8(NFTA_EXTHDR_TYPE, header);
    big(NFTA_EXTHDR_OFFSET, offset);
    big(NFTA_EXTHDR_LEN, length);
    end();
  }
  void mask(base::ByteSpan mask) {
    begin("bitwise");
    big(NFTA_BITWISE_SREG, NFT_REG_1);
    big(NFTA_BITWISE_DREG, NFT_REG_1);
    big(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(mask.size()));
    value(NFTA_BITWISE_MASK, mask);
    value(NFTA_BITWISE_XOR, base::Bytes(mask.size(), 0));
    end();
  }
  void compare(std::uint32_t operation, base::ByteSpan with) {
    begin("cmp");
    big(NFTA_CMP_SREG, NFT_REG_1);
    big(NFTA_CMP_OP, operation);
    value(NFTA_CMP_DATA, with);
    end();
  }
  void count() {
    begin("counter");
    end();
  }
  void verdict(std::uint32_t code) {
    begin("immediate");
    big(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    nlattr* data = request_.nest(NFTA_IMMEDIATE_DATA);
    nlattr* verdict = request_.nest(NFTA_DATA_VERDICT);
    big(NFTA_VERDICT_CODE, code);
    request_.end_nest(verdict);
    request_.end_nest(data);
    end();
  }

 private:
  void big(int type, std::uint32_t number) { request_.u32(type, htonl(number)); }
  void value(int type, base::ByteSpan octets) {
    nlattr* nest = request_.nest(type);
    request_.raw(NFTA_DATA_VALUE, octets.data(), octets.size());
    request_.end_nest(nest);
  }
  void begin(const char* name) {
    element_ = request_.nest(NFTA_LIST_ELEM);
    request_.text(NFTA_EXPR_NAME, name);
    data_ = request_.nest(NFTA_EXPR_DATA);
  }
  void end() {
    request_.end_nest(data_);
    request_.end_nest(element_);
  }
  NetlinkRequest& request_;
  nlattr* element_ = nullptr;
  nlattr* data_ = nullptr;
};

base::Bytes prefix_mask(const base::Prefix& prefix) {
  base::Bytes mask(prefix.address.size(), 0);
  for (int bit = 0; bit < prefix.length; ++bit) {
    mask[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return mask;
}

std::vector<GuardRule> of_family(const std::vector<GuardRule>& rules, IpFamily family) {
  std::vector<GuardRule> out;
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(out),
               [family](const GuardRule& rule) { return rule.family == family; });
  return out;
}

bool begins_with(const std::vector<GuardRule>& all, const std::vector<GuardRule>& first) {
  return all.size() >= first.size() && std::equal(first.begin(), first.end(), all.begin());
}

constexpr IpFamily kFamilies[] = {IpFamily::v4, IpFamily::v6};

bool is_of_one_family(const GuardRule& rule) {
  const auto fits = [&](const std::optional<base::Prefix>& prefix) {
    return !prefix || prefix->address.family() == rule.family;
  };
  return fits(rule.from) && fits(rule.to);
}

void match_prefix(Expressions& add, const std::optional<base::Prefix>& prefix, std::uint32_t offset) {
  if (!prefix || prefix->length == 0) return;
  add.payload(NFT_PAYLOAD_NETWORK_HEADER, offset, static_cast<std::uint32_t>(prefix->address.size()));
  if (prefix->length < prefix->address.bits()) add.mask(prefix_mask(*prefix));
  add.compare(NFT_CMP_EQ, prefix->address.bytes());
}

// The fragment offset, in the IPv4 header (RFC 791 3.1) or the Fragment header (RFC 8200 4.5), is not 0.
void match_later_fragment(Expressions& add, IpFamily family) {
  const bool v4 = family == IpFamily::v4;
  if (v4) {
    add.payload(NFT_PAYLOAD_NETWORK_HEADER, 6, 2);
  } else {
    add.extension(IPPROTO_FRAGMENT, 2, 2);
  }
  add.mask(v4 ? base::Bytes{0x1f, 0xff} : base::Bytes{0xff, 0xf8});
  add.compare(NFT_CMP_NEQ, base::Bytes{0, 0});
}

void match_neighbour_discovery(Expressions& add) {
  add.meta(NFT_META_L4PROTO);
  add.compare(NFT_CMP_EQ, base::Bytes{base::ip_protocol::kIcmpv6});
  add.payload(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
  add.compare(NFT_CMP_GTE, base::Bytes{133});
  add.compare(NFT_CMP_LTE, base::Bytes{137});
  // Hop limit 255: it comes from this link (RFC 4861 6.1, 7.1, 8.1).
  add.payload(NFT_PAYLOAD_NETWORK_HEADER, 7, 1);
  add.compare(NFT_CMP_EQ, base::Bytes{255});
}

void add_expressions(NetlinkRequest& request, const GuardRule& rule) {
  Expressions add(request);
  const bool v4 = rule.family == IpFamily::v4;
  if (!rule.in_interface.empty()) {
    base::Bytes name(16, 0);
    std::copy_n(rule.in_interface.begin(), std::min<std::size_t>(15, rule.in_interface.size()), name.begin());
    add.meta(NFT_META_IIFNAME);
    add.compare(NFT_CMP_EQ, name);
  }
  match_prefix(add, rule.from, v4 ? 12 : 8);
  match_prefix(add, rule.to, v4 ? 16 : 24);
  if (rule.ip_protocol != 0) {
    add.meta(NFT_META_L4PROTO);
    add.compare(NFT_CMP_EQ, base::Bytes{rule.ip_protocol});
  }
  if (rule.destination_port != 0) {
    add.payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
    base::Bytes port(2);
    base::store_be16(port.data(), rule.destination_port);
    add.compare(NFT_CMP_EQ, port);
  }
  if (rule.later_fragment) match_later_fragment(add, rule.family);
  if (rule.neighbour_discovery) match_neighbour_discovery(add);
  if (rule.drop) add.count();
  add.verdict(rule.drop ? NF_DROP : NF_ACCEPT);
}

}  // namespace

struct ClearTextGuard::Impl {
  ~Impl() {
    if (socket != nullptr) mnl_socket_close(socket);
  }
  base::Status connect();

  // Changes that the kernel makes all at once or not at all.
  void begin();
  void put(NetlinkRequest& request);
  void put_table(int type, int flags, IpFamily family);
  void put_chain(IpFamily family);
  void put_rule(const GuardRule& rule);
  base::Status commit();
  base::Status replace(const std::vector<GuardRule>& rules);
  base::Status add_behind(const std::vector<GuardRule>& rules);

  mnl_socket* socket = nullptr;
  std::string table;
  std::uint32_t sequence = 0;
  base::Bytes batch;
  std::size_t last_change = 0;  // where in `batch`
  // What the kernel has by our knowledge; none before the first change, and after one that failed.
  std::optional<std::vector<GuardRule>> installed;
};

base::Status ClearTextGuard::Impl::connect() {
  socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
  if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
    return base::local_error("clear-text guard: netfilter socket: " + errno_text(errno));
  }
  const int descriptor = mnl_socket_get_fd(socket);
  // A batch goes down in one message. Without the right to force the size the rest fails for the same reason.
  setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer);
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0) {
    return base::local_error("clear-text guard: SO_RCVTIMEO: " + errno_text(errno));
  }
  return {};
}

void ClearTextGuard::Impl::put(NetlinkRequest& request) {
  nlmsghdr* message = request.message();
  message->nlmsg_seq = ++sequence;
  last_change = batch.size();
  base::append(batch, {reinterpret_cast<const std::uint8_t*>(message), MNL_ALIGN(message->nlmsg_len)});
}

void ClearTextGuard::Impl::begin() {
  batch.clear();
  NetlinkRequest request(NFNL_MSG_BATCH_BEGIN, 0);
  request.body<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  put(request);
}

void ClearTextGuard::Impl::put_table(int type, int flags, IpFamily family) {
  NetlinkRequest request(static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type), flags);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_TABLE_NAME, table);
  put(request);
}

void ClearTextGuard::Impl::put_chain(IpFamily family) {
  NetlinkRequest request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  request.body<nfgenmsg>().nfgen_family = family_number(family);
  request.text(NFTA_CHAIN_TABLE, table);
  request.text(NFTA_CHAIN_NAME, kChain);
  nlattr* hook = request.nest(NFTA_CHAIN_HOOK);
  request.u32(NFTA_HOOK_HOOKNUM, htonl(NF_INET_PRE_ROUTING));
  request.u32(NFTA_HOOK_PRIORITY, htonl(static_cast<std::uint32_t>(kRawPriority)));
  request.end_nest(hook);
  request.text(NFTA_CHAIN_TYPE, "filter");
  put(request);
}

void ClearTextGuard::Impl::put_rule(const GuardRule& rule) {
  NetlinkRequest request(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
  request.body<nfgenmsg>().nfgen_family = family_number(rule.family);
  request.text(NFTA_RULE_TABLE, table);
  request.text(NFTA_RULE_CHAIN, kChain);
  nlattr* list = request.nest(NFTA_RULE_EXPRESSIONS);
  add_expressions(request, rule);
  request.end_nest(list);
  put(request);
}

base::Status ClearTextGuard::Impl::commit() {
  // One acknowledgement, of the last change; errors come unasked.
  reinterpret_cast<nlmsghdr*>(batch.data() + last_change)->nlmsg_flags |= NLM_F_ACK;
  const std::uint32_t expected = sequence;
  NetlinkRequest end(NFNL_MSG_BATCH_END, 0);
  end.body<nfgenmsg>().res_id = htons(NFNL_SUBSYS_NFTABLES);
  put(end);
  const std::uint32_t first = reinterpret_cast<const nlmsghdr*>(batch.data())->nlmsg_seq;
  const auto failure = [](int error) {
    std::string reason = "clear-text guard: " + errno_text(error);
    if (error == EPERM) reason += " (needs CAP_NET_ADMIN)";
    if (error == EOPNOTSUPP || error == EINVAL) reason += " (is nf_tables missing? modprobe nf_tables)";
    return base::local_error(std::move(reason));
  };
  if (mnl_socket_sendto(socket, batch.data(), batch.size()) < 0) return failure(errno);
  alignas(nlmsghdr) std::uint8_t answer[kReceiveBuffer];
  while (true) {
    const ssize_t got = mnl_socket_recvfrom(socket, answer, sizeof answer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(errno == EAGAIN ? ETIMEDOUT : errno);
    int left = static_cast<int>(got);
    for (auto* message = reinterpret_cast<const nlmsghdr*>(answer); mnl_nlmsg_ok(message, left);
         message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq < first) continue;
      const int error = -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
      if (error != 0) return failure(error);
      if (message->nlmsg_seq == expected) return {};
    }
  }
}

ClearTextGuard::ClearTextGuard(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClearTextGuard::~ClearTextGuard() = default;

base::Result<std::unique_ptr<ClearTextGuard>> ClearTextGuard::open(const RoutingOptions& options) {
  auto impl = std::make_unique<Impl>();
  // By the number that also marks our routes and rules, so that several daemons keep theirs apart.
  impl->table = "ikev2d_" + std::to_string(options.protocol);
  RETURN_IF_ERROR(impl->connect());
  return std::unique_ptr<ClearTextGuard>(new ClearTextGuard(std::move(impl)));
}

base::Status ClearTextGuard::Impl::replace(const std::vector<GuardRule>& rules) {
  begin();
  for (const IpFamily family : kFamilies) {
    // To make a table that is there changes nothing, and so it can be deleted whether it was there or not.
    put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, family);
    put_table(NFT_MSG_DELTABLE, 0, family);
    const auto mine = of_family(rules, family);
    if (mine.empty()) continue;
    put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, family);
    put_chain(family);
    for (const GuardRule& rule : mine) put_rule(rule);
  }
  return commit();
}

// The rules that are new in `rules`, which begin with what is installed. With a thousand tunnels each further
// one would else cost a thousand rules.
base::Status ClearTextGuard::Impl::add_behind(const std::vector<GuardRule>& rules) {
  begin();
  const std::size_t before = batch.size();
  for (const IpFamily family : kFamilies) {
    const std::size_t known = of_family(*installed, family).size();
    const auto mine = of_family(rules, family);
    if (known == 0 && !mine.empty()) {
      put_table(NFT_MSG_NEWTABLE, NLM_F_CREATE, family);
      put_chain(family);
    }
    for (std::size_t i = known; i < mine.size(); ++i) put_rule(mine[i]);
  }
  return batch.size() == before ? base::Status() : commit();
}

base::Status ClearTextGuard::apply(const std::vector<GuardRule>& rules) {
  if (!std::all_of(rules.begin(), rules.end(), is_of_one_family)) {
    return base::local_error("clear-text guard: a rule mixes IPv4 and IPv6");
  }
  const auto only_adds = [&](IpFamily family) {
    return begins_with(of_family(rules, family), of_family(*impl_->installed, family));
  };
  const bool added = impl_->installed.has_value() &&
                     std::all_of(std::begin(kFamilies), std::end(kFamilies), only_adds) &&
                     impl_->add_behind(rules).has_value();
  // Also where the tables are not as we left them.
  if (!added) {
    impl_->installed.reset();
    RETURN_IF_ERROR(impl_->replace(rules));
  }
  impl_->installed = rules;
  return {};
}

}  // namespace tun
