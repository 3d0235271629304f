// Routes of our table.

#include <algorithm>
#include <cerrno>

#include "tun/netlink_impl.h"

namespace tun {

namespace {

std::string describe(const Route& route) {
  return "route " + route.destination.text() + (route.device.empty() ? " throw" : " dev " + route.device);
}

void put_table(rtmsg& body, NetlinkRequest& request, std::uint32_t table) {
  body.rtm_table = table < 256 ? static_cast<std::uint8_t>(table) : std::uint8_t{RT_TABLE_UNSPEC};
  request.u32(RTA_TABLE, table);
}

Route route_from(const nlmsghdr* message) {
  const auto* body = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  const Attributes found = parse_attributes(message, sizeof(rtmsg), RTA_MAX);
  Route route;
  const base::IpFamily family =
      body->rtm_family == family_number(base::IpFamily::v4) ? base::IpFamily::v4 : base::IpFamily::v6;
  const base::IpAddress destination = address_of(found[RTA_DST]);
  route.destination = {destination.is_set() ? destination : base::IpAddress::any(family), body->rtm_dst_len};
  // Which device does not matter to a removal; that there is one does.
  if (body->rtm_type != RTN_THROW) route.device = "*";
  return route;
}

}  // namespace

base::Status Netlink::Impl::change_route(const Route& route, bool add) {
  NetlinkRequest request(add ? RTM_NEWROUTE : RTM_DELROUTE, add ? NLM_F_CREATE | NLM_F_REPLACE : 0);
  auto& body = request.body<rtmsg>();
  const bool is_throw = route.device.empty();
  body.rtm_family = family_number(route.destination.address.family());
  body.rtm_dst_len = static_cast<std::uint8_t>(route.destination.length);
  body.rtm_protocol = options.protocol;
  body.rtm_type = is_throw ? RTN_THROW : RTN_UNICAST;
  body.rtm_scope = RT_SCOPE_NOWHERE;  // of a removal: any
  if (add) body.rtm_scope = is_throw ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  put_table(body, request, options.table);
  if (route.destination.length > 0) request.address(RTA_DST, route.destination.address);
  if (add && !is_throw) {
    ASSIGN_OR_RETURN(const int index, index_of(route.device));
    request.u32(RTA_OIF, static_cast<std::uint32_t>(index));
    if (route.source) request.address(RTA_PREFSRC, *route.source);
    if (route.mtu != 0) {
      nlattr* metrics = request.nest(RTA_METRICS);
      request.u32(RTAX_MTU, route.mtu);
      request.end_nest(metrics);
    }
  }
  const Answer answer = transact(request);
  if (add && answer.error == ENODEV && indexes.count(route.device) != 0) {
    forget_index(route.device);  // the device was made anew
    return change_route(route, add);
  }
  const bool nothing_to_do = add ? answer.error == EEXIST : answer.error == ESRCH || answer.error == ENOENT;
  if (answer.error == 0 || nothing_to_do) return {};
  return answer.as_error(describe(route));
}

base::Result<std::vector<Route>> Netlink::Impl::our_routes(base::IpFamily family) {
  std::vector<Route> out;
  const auto build = [&](NetlinkRequest& request) {
    auto& body = request.body<rtmsg>();
    body.rtm_family = family_number(family);
    body.rtm_protocol = options.protocol;
    put_table(body, request, options.table);
  };
  const auto collect = [&](const nlmsghdr* message) {
    const auto* body = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
    const Attributes found = parse_attributes(message, sizeof(rtmsg), RTA_MAX);
    if (body->rtm_protocol != options.protocol || number(found[RTA_TABLE]) != options.table) return;
    out.push_back(route_from(message));
  };
  const Answer answer = dump(build, RTM_GETROUTE, collect, [&] { out.clear(); });
  // ENOENT: the table has never had a route.
  if (answer.error == ENOENT) return std::vector<Route>();
  if (answer.error != 0) return answer.as_error("listing routes");
  return out;
}

base::Status Netlink::Impl::remove_all_routes(base::IpFamily family) {
  ASSIGN_OR_RETURN(const std::vector<Route> routes, our_routes(family));
  for (const Route& route : routes) RETURN_IF_ERROR(change_route(route, false));
  return {};
}

}  // namespace tun
