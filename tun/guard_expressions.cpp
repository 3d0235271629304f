#include "tun/guard_expressions.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/socket.h>

#include <algorithm>

namespace tun {

namespace {

using base::IpFamily;

// Adds the expressions of one rule, between begin and end of the list.
class Expressions {
 public:
  explicit Expressions(NetlinkRequest& request) : request_(request) {}

  void meta(std::uint32_t key, std::uint32_t to = NFT_REG_1) {
    begin("meta");
    big(NFTA_META_KEY, key);
    big(NFTA_META_DREG, to);
    end();
  }
  void payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length, std::uint32_t to = NFT_REG_1) {
    begin("payload");
    big(NFTA_PAYLOAD_DREG, to);
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
  void mask(base::ByteSpan mask, std::uint32_t in = NFT_REG_1) {
    begin("bitwise");
    big(NFTA_BITWISE_SREG, in);
    big(NFTA_BITWISE_DREG, in);
    big(NFTA_BITWISE_LEN, static_cast<std::uint32_t>(mask.size()));
    add_value(request_, NFTA_BITWISE_MASK, mask);
    add_value(request_, NFTA_BITWISE_XOR, base::Bytes(mask.size(), 0));
    end();
  }
  void compare(std::uint32_t operation, base::ByteSpan with) {
    begin("cmp");
    big(NFTA_CMP_SREG, NFT_REG_1);
    big(NFTA_CMP_OP, operation);
    add_value(request_, NFTA_CMP_DATA, with);
    end();
  }
  void count() {
    begin("counter");
    end();
  }
  // True where the registers from the first on are in the set.
  void look_up(const std::string& set) {
    begin("lookup");
    request_.text(NFTA_LOOKUP_SET, set);
    big(NFTA_LOOKUP_SREG, NFT_REG_1);
    end();
  }
  // `chain`: where to, of a goto.
  void verdict(std::uint32_t code, const char* chain = nullptr) {
    begin("immediate");
    big(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    nlattr* data = request_.nest(NFTA_IMMEDIATE_DATA);
    nlattr* verdict = request_.nest(NFTA_DATA_VERDICT);
    big(NFTA_VERDICT_CODE, code);
    if (chain != nullptr) request_.text(NFTA_VERDICT_CHAIN, chain);
    request_.end_nest(verdict);
    request_.end_nest(data);
    end();
  }

 private:
  void big(int type, std::uint32_t number) { request_.u32(type, htonl(number)); }
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

base::Bytes prefix_mask(IpFamily family, int length) {
  base::Bytes mask(base::IpAddress::any(family).size(), 0);
  for (int bit = 0; bit < length; ++bit) {
    mask[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return mask;
}

void match_interface(Expressions& add, const std::string& interface) {
  if (interface.empty()) return;
  base::Bytes name(16, 0);
  std::copy_n(interface.begin(), std::min<std::size_t>(15, interface.size()), name.begin());
  add.meta(NFT_META_IIFNAME);
  add.compare(NFT_CMP_EQ, name);
}

void match_prefix(Expressions& add, const std::optional<base::Prefix>& prefix, std::uint32_t offset) {
  if (!prefix || prefix->length == 0) return;
  add.payload(NFT_PAYLOAD_NETWORK_HEADER, offset, static_cast<std::uint32_t>(prefix->address.size()));
  if (prefix->length < prefix->address.bits()) {
    add.mask(prefix_mask(prefix->address.family(), prefix->length));
  }
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

// Ports at that offset of the transport header, those bits of them, in the first octets of a register. Where
// a packet has none, as in a later fragment, the rule does not match.
void load_ports(Expressions& add, std::uint32_t offset, int length, std::uint32_t to) {
  add.payload(NFT_PAYLOAD_TRANSPORT_HEADER, offset, 2, to);
  base::Bytes mask(4, 0);
  base::store_be16(mask.data(), static_cast<std::uint16_t>(0xffff0000u >> length));
  add.mask(mask, to);
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

}  // namespace

void add_value(NetlinkRequest& request, int type, base::ByteSpan octets) {
  nlattr* nest = request.nest(type);
  request.raw(NFTA_DATA_VALUE, octets.data(), octets.size());
  request.end_nest(nest);
}

void add_expressions(NetlinkRequest& request, const GuardRule& rule) {
  Expressions add(request);
  const bool v4 = rule.family == IpFamily::v4;
  match_interface(add, rule.in_interface);
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
  add.verdict(NF_ACCEPT);
}

// Source and destination, masked, then protocol and ports where the set has them, in registers that stand one
// behind the other: the key of a concatenation.
void add_look_up_expressions(NetlinkRequest& request, const GuardSet& set) {
  Expressions add(request);
  match_interface(add, set.in_interface);
  const bool v4 = set.family == IpFamily::v4;
  const std::uint32_t size = v4 ? 4 : 16;
  const std::uint32_t first = v4 ? NFT_REG32_00 : NFT_REG_1, second = v4 ? NFT_REG32_01 : NFT_REG_2;
  const std::uint32_t source = v4 ? 12 : 8;
  add.payload(NFT_PAYLOAD_NETWORK_HEADER, source, size, first);
  add.mask(prefix_mask(set.family, set.from_length), first);
  add.payload(NFT_PAYLOAD_NETWORK_HEADER, source + size, size, second);
  add.mask(prefix_mask(set.family, set.to_length), second);
  const std::uint32_t next = v4 ? NFT_REG32_02 : NFT_REG32_08;
  if (set.has_protocol) add.meta(NFT_META_L4PROTO, next);
  if (set.has_ports) {
    load_ports(add, 0, set.from_port_length, next + 1);
    load_ports(add, 2, set.to_port_length, next + 2);
  }
  add.look_up(set.name());
  if (set.pass) {
    add.verdict(NF_ACCEPT);
  } else {
    add.verdict(static_cast<std::uint32_t>(NFT_GOTO), set.level ? kProtectedChain : kDropChain);
  }
}

void add_protected_expressions(NetlinkRequest& request) {
  Expressions(request).verdict(static_cast<std::uint32_t>(NFT_GOTO), kProtectedChain);
}

void add_drop_expressions(NetlinkRequest& request) {
  Expressions add(request);
  add.count();
  add.verdict(NF_DROP);
}

}  // namespace tun
