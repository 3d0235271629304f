#include "tun/netlink.h"

#include <linux/if.h>
#include <linux/if_link.h>

#include <cerrno>
#include <map>

#include "tun/netlink_impl.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

// IFLA_TUN_NUM_QUEUES and IFLA_TUN_NUM_DISABLED_QUEUES inside IFLA_LINKINFO: how many are held open.
std::uint32_t queues_in(const nlattr* link_info) {
  const Attributes info = parse_nested(link_info, IFLA_INFO_DATA);
  if (text_of(info[IFLA_INFO_KIND]) != "tun") return 0;
  const Attributes data = parse_nested(info[IFLA_INFO_DATA], IFLA_TUN_NUM_DISABLED_QUEUES);
  return number(data[IFLA_TUN_NUM_QUEUES]) + number(data[IFLA_TUN_NUM_DISABLED_QUEUES]);
}

LinkInfo link_from(const nlmsghdr* message) {
  const Attributes found = parse_attributes(message, sizeof(ifinfomsg), IFLA_LINKINFO);
  const auto* body = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  return {body->ifi_index, number(found[IFLA_MTU]), text_of(found[IFLA_IFNAME]),
          queues_in(found[IFLA_LINKINFO])};
}

}  // namespace

Netlink::Netlink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Netlink::~Netlink() = default;

base::Result<std::unique_ptr<Netlink>> Netlink::open(const RoutingOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  RETURN_IF_ERROR(impl->connect());
  return std::unique_ptr<Netlink>(new Netlink(std::move(impl)));
}

base::Result<LinkInfo> Netlink::Impl::link(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) return base::local_error("\"" + name + "\" is no device name");
  NetlinkRequest request(RTM_GETLINK, 0);
  request.body<ifinfomsg>();
  request.text(IFLA_IFNAME, name);
  LinkInfo info;
  const Answer answer = transact(request, [&](const nlmsghdr* message) { info = link_from(message); });
  if (answer.error != 0) return answer.as_error("device " + name);
  return info;
}

base::Result<LinkInfo> Netlink::Impl::link(int index) {
  NetlinkRequest request(RTM_GETLINK, 0);
  request.body<ifinfomsg>().ifi_index = index;
  LinkInfo info;
  const Answer answer = transact(request, [&](const nlmsghdr* message) { info = link_from(message); });
  if (answer.error != 0) return answer.as_error("device number " + std::to_string(index));
  return info;
}

base::Result<int> Netlink::Impl::index_of(const std::string& device) {
  const auto found = indexes.find(device);
  if (found != indexes.end()) return found->second;
  ASSIGN_OR_RETURN(const LinkInfo info, link(device));
  indexes[device] = info.index;
  return info.index;
}

base::Result<std::uint32_t> Netlink::Impl::recent_mtu(int index) {
  const auto now = std::chrono::steady_clock::now();
  const auto found = mtus_.find(index);
  if (found != mtus_.end() && now - found->second.at < std::chrono::seconds(1)) return found->second.mtu;
  ASSIGN_OR_RETURN(const LinkInfo info, link(index));
  mtus_[index] = {info.mtu, now};
  return info.mtu;
}

base::Status Netlink::Impl::set_link(const std::string& device, const std::string& what,
                                     const std::function<void(ifinfomsg&, NetlinkRequest&)>& fill) {
  ASSIGN_OR_RETURN(const LinkInfo info, link(device));
  NetlinkRequest request(RTM_NEWLINK, 0);
  auto& body = request.body<ifinfomsg>();
  body.ifi_index = info.index;
  fill(body, request);
  const Answer answer = transact(request);
  if (answer.error != 0) return answer.as_error(device + ": " + what);
  return {};
}

base::Result<std::optional<std::uint32_t>> Netlink::tun_queues(const std::string& device) {
  NetlinkRequest request(RTM_GETLINK, 0);
  request.body<ifinfomsg>();
  request.text(IFLA_IFNAME, device);
  LinkInfo info;
  const auto answer = impl_->transact(request, [&](const nlmsghdr* message) { info = link_from(message); });
  if (answer.error == ENODEV) return std::optional<std::uint32_t>();
  if (answer.error != 0) return answer.as_error("device " + device);
  return std::optional<std::uint32_t>(info.tun_queues);
}

base::Status Netlink::set_link_up(const std::string& device, bool up) {
  return impl_->set_link(device, up ? "setting it up" : "setting it down",
                         [up](ifinfomsg& body, NetlinkRequest&) {
                           body.ifi_change = IFF_UP;
                           body.ifi_flags = up ? IFF_UP : 0;
                         });
}

base::Status Netlink::set_mtu(const std::string& device, std::uint32_t mtu) {
  return impl_->set_link(device, "MTU " + std::to_string(mtu),
                         [mtu](ifinfomsg&, NetlinkRequest& request) { request.u32(IFLA_MTU, mtu); });
}

base::Status Netlink::set_queue_length(const std::string& device, std::uint32_t packets) {
  return impl_->set_link(
      device, "queue length " + std::to_string(packets),
      [packets](ifinfomsg&, NetlinkRequest& request) { request.u32(IFLA_TXQLEN, packets); });
}

base::Result<std::vector<LocalAddress>> Netlink::addresses() {
  std::vector<std::pair<int, LocalAddress>> found;
  const auto collect = [&](const nlmsghdr* message) {
    const auto* body = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
    const Attributes parts = parse_attributes(message, sizeof(ifaddrmsg), IFA_MAX);
    // Of a point-to-point link IFA_ADDRESS is the far end's.
    const nlattr* local = parts[IFA_LOCAL] != nullptr ? parts[IFA_LOCAL] : parts[IFA_ADDRESS];
    const base::IpAddress address = address_of(local);
    if (address.is_set())
      found.push_back({static_cast<int>(body->ifa_index), {{}, address, body->ifa_prefixlen}});
  };
  const auto answer = impl_->dump([](NetlinkRequest& request) { request.body<ifaddrmsg>(); }, RTM_GETADDR,
                                  collect, [&] { found.clear(); });
  if (answer.error != 0) return answer.as_error("listing addresses");
  std::map<int, std::string> names;
  std::vector<LocalAddress> out;
  for (auto& [index, address] : found) {
    if (!names.contains(index)) {
      auto info = impl_->link(index);
      names[index] = info.has_value() ? info->name : "";
    }
    address.device = names[index];
    if (!address.device.empty()) out.push_back(std::move(address));
  }
  return out;
}

base::Status Netlink::Impl::change_address(const std::string& device, const base::IpAddress& address,
                                           int prefix_length, bool add) {
  ASSIGN_OR_RETURN(const LinkInfo info, link(device));
  NetlinkRequest request(add ? RTM_NEWADDR : RTM_DELADDR, add ? NLM_F_CREATE | NLM_F_EXCL : 0);
  auto& body = request.body<ifaddrmsg>();
  body.ifa_family = family_number(address.family());
  body.ifa_prefixlen = static_cast<std::uint8_t>(prefix_length);
  // No duplicate address detection (RFC 4862 5.4): nobody else can have it, and it shall serve at once.
  body.ifa_flags = address.is_v6() ? IFA_F_NODAD : 0;
  body.ifa_index = static_cast<std::uint32_t>(info.index);
  request.address(IFA_LOCAL, address);
  request.address(IFA_ADDRESS, address);
  const Answer answer = transact(request);
  if (answer.error == 0 || answer.error == (add ? EEXIST : EADDRNOTAVAIL)) return {};
  return answer.as_error(device + ": address " + address.text());
}

base::Status Netlink::add_address(const std::string& device, const base::IpAddress& address,
                                  int prefix_length) {
  return impl_->change_address(device, address, prefix_length, true);
}

base::Status Netlink::remove_address(const std::string& device, const base::IpAddress& address,
                                     int prefix_length) {
  return impl_->change_address(device, address, prefix_length, false);
}

base::Status Netlink::Impl::look_up(const base::IpAddress& destination, const OnMessage& on_message) {
  if (!destination.is_set()) return base::local_error("a route look-up needs an address");
  NetlinkRequest request(RTM_GETROUTE, 0);
  auto& body = request.body<rtmsg>();
  body.rtm_family = family_number(destination.family());
  body.rtm_dst_len = static_cast<std::uint8_t>(destination.bits());
  request.address(RTA_DST, destination);
  request.u32(RTA_MARK, options.mark);
  const Answer answer = transact(request, on_message);
  if (answer.error != 0) return answer.as_error("route to " + destination.text());
  return {};
}

base::Result<base::IpAddress> Netlink::source_for(const base::IpAddress& destination) {
  base::IpAddress source;
  RETURN_IF_ERROR(impl_->look_up(destination, [&](const nlmsghdr* message) {
    source = address_of(parse_attributes(message, sizeof(rtmsg), RTA_MAX)[RTA_PREFSRC]);
  }));
  if (!source.is_set()) return base::local_error("route to " + destination.text() + ": no source address");
  return source;
}

base::Result<std::uint32_t> Netlink::mtu_towards(const base::IpAddress& destination) {
  std::uint32_t mtu = 0;
  int device = 0;
  RETURN_IF_ERROR(impl_->look_up(destination, [&](const nlmsghdr* message) {
    const Attributes found = parse_attributes(message, sizeof(rtmsg), RTA_MAX);
    device = static_cast<int>(number(found[RTA_OIF]));
    mtu = number(parse_nested(found[RTA_METRICS], RTAX_MTU)[RTAX_MTU]);
  }));
  if (mtu != 0) return mtu;
  return impl_->recent_mtu(device);
}

base::Status Netlink::add_route(const Route& route) { return impl_->change_route(route, true); }
base::Status Netlink::remove_route(const Route& route) { return impl_->change_route(route, false); }
base::Status Netlink::add_rule(const Rule& rule) { return impl_->change_rule(rule, true); }
base::Status Netlink::remove_rule(const Rule& rule) { return impl_->change_rule(rule, false); }

base::Status Netlink::remove_all() {
  // Routes first: without them nothing leads into the device, and the guard holds until the end.
  for (const auto family : {base::IpFamily::v4, base::IpFamily::v6}) {
    RETURN_IF_ERROR(impl_->remove_all_routes(family));
  }
  for (const auto family : {base::IpFamily::v4, base::IpFamily::v6}) {
    RETURN_IF_ERROR(impl_->remove_all_rules(family));
  }
  return {};
}

base::Result<std::size_t> Netlink::count_ours() {
  std::size_t count = 0;
  for (const auto family : {base::IpFamily::v4, base::IpFamily::v6}) {
    ASSIGN_OR_RETURN(const auto routes, impl_->our_routes(family));
    ASSIGN_OR_RETURN(const auto rules, impl_->our_rules(family));
    count += routes.size() + rules.size();
  }
  return count;
}

}  // namespace tun
