// Links, addresses, routes and rules through rtnetlink (libmnl). Everything made here carries our route
// protocol number, so that a later run finds and removes what a crash left.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "tun/options.h"

namespace tun {

struct Route {
  base::Prefix destination;
  std::string device;                     // empty: a throw route, which sends look-ups on to the next table
  std::optional<base::IpAddress> source;  // hint for local senders
  std::uint32_t mtu = 0;                  // 0: the device's
  auto operator<=>(const Route&) const = default;
};

// Part of a rule match; all given parts must hold. When the kernel looks whether a rule is there, it takes an
// absent (or empty) prefix in the question for any prefix, and does not look at `target` and `invert`: where
// several rules share a priority, each must give the same parts, and no prefix of length 0.
struct Rule {
  enum class Action : std::uint8_t { lookup, blackhole, go_to, nop };
  std::uint32_t priority = 0;
  Action action = Action::lookup;
  base::IpFamily family = base::IpFamily::v4;
  std::uint32_t table = 0;   // for lookup
  std::uint32_t target = 0;  // for go_to: a priority
  std::optional<base::Prefix> from, to;
  std::string in_interface;
  std::optional<std::uint32_t> mark;
  bool invert = false;  // the rule holds where the match does not
  std::uint8_t ip_protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;
  auto operator<=>(const Rule&) const = default;
};

struct LocalAddress {
  std::string device;
  base::IpAddress address;
  int prefix_length = 0;
  bool operator==(const LocalAddress&) const = default;
};

class Netlink {
 public:
  static base::Result<std::unique_ptr<Netlink>> open(const RoutingOptions& options);
  ~Netlink();

  base::Status set_link_up(const std::string& device, bool up);
  base::Status set_mtu(const std::string& device, std::uint32_t mtu);
  base::Status set_queue_length(const std::string& device, std::uint32_t packets);
  base::Result<std::vector<LocalAddress>> addresses();
  // The source address that the kernel would use towards `destination`, by a route look-up with our mark.
  base::Result<base::IpAddress> source_for(const base::IpAddress& destination);
  // The MTU of the path's first link towards `destination`, with our mark; as it was within the last second.
  base::Result<std::uint32_t> mtu_towards(const base::IpAddress& destination);

  // Gives the device an address, as of an internal address that a peer assigned; taking away what is not
  // there succeeds, and so does giving what is there.
  base::Status add_address(const std::string& device, const base::IpAddress& address, int prefix_length);
  base::Status remove_address(const std::string& device, const base::IpAddress& address, int prefix_length);
  // How many queues of a TUN device are held open, by any process; nullopt where there is no such device.
  base::Result<std::optional<std::uint32_t>> tun_queues(const std::string& device);

  // In our own table. Adding what is there, and removing what is not, succeed.
  // A route to the same destination is replaced.
  base::Status add_route(const Route& route);
  base::Status remove_route(const Route& route);
  base::Status add_rule(const Rule& rule);
  base::Status remove_rule(const Rule& rule);
  // Removes every rule, and every route of our table, that carries our protocol number: of a crashed
  // predecessor, and on exit.
  base::Status remove_all();
  // How many such rules and routes there are now.
  base::Result<std::size_t> count_ours();

 private:
  struct Impl;
  explicit Netlink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tun
