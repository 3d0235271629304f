// Changes of the netfilter guard's tables, gathered and then made by the kernel all at once or not at all.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "tun/guard.h"
#include "tun/netlink_impl.h"

namespace tun {

// All pairs of one set: the same verdict, the same lengths, the same parts beside the addresses.
struct GuardSet {
  base::IpFamily family = base::IpFamily::v4;
  bool pass = false;
  int from_length = 0, to_length = 0;  // bits
  std::optional<std::int64_t> level{};
  bool has_protocol = false, has_ports = false;
  int from_port_length = 0, to_port_length = 0;  // bits, with has_ports
  std::string in_interface{};                    // empty: any
  auto operator<=>(const GuardSet&) const = default;
  std::string name() const;  // drop_16_24, bypass_16_24_protocol_ports_0_16_eth0, hold_100_16_24, …
};
GuardSet set_of(const GuardPair& pair);

class GuardBatch {
 public:
  // `sequence` is the last number used on that socket, and is counted on.
  GuardBatch(mnl_socket* socket, const std::string& table, std::uint32_t& sequence);

  // To make what is there changes nothing.
  void make_table(base::IpFamily family);
  void remove_table(base::IpFamily family);  // which must be there
  // The chain in the prerouting hook, the one that looks up what drops, and the one that counts and drops.
  void make_chains(base::IpFamily family);
  void empty_chains(base::IpFamily family);  // the first two
  void add_rule(const GuardRule& rule);
  // Drops, lets pass, or holds, what is in the set: the first in the second chain, the others in the first.
  void add_look_up(const GuardSet& set);
  // What has come to the end of the first chain goes on in the second.
  void join_chains(base::IpFamily family);
  void make_set(const GuardSet& set);
  void remove_set(const GuardSet& set);
  void add_pair(const GuardPair& pair) { put_pair(pair, true); }
  void remove_pair(const GuardPair& pair) { put_pair(pair, false); }

  bool is_empty() const { return last_change_ == 0; }
  // Errors name the kernel's reason, and then nothing has changed.
  base::Status commit();

 private:
  void put(NetlinkRequest& request);
  void put_chain(base::IpFamily family, const char* name, bool in_hook);
  void put_pair(const GuardPair& pair, bool add);
  // A rule at the end of a chain; `fill` adds its expressions.
  void put_rule(base::IpFamily family, const char* chain, const std::function<void(NetlinkRequest&)>& fill);
  base::Status await(std::uint32_t first, std::uint32_t last);

  mnl_socket* socket_;
  const std::string& table_;
  std::uint32_t& sequence_;
  std::uint32_t sets_ = 0;  // made in this batch
  base::Bytes octets_;
  std::size_t last_change_ = 0;  // where in `octets_`; 0: none
};

}  // namespace tun
