// The inside of Netlink: one synchronous rtnetlink socket, and a request that is built up and sent.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tun/netlink.h"

namespace tun {

inline std::uint8_t family_number(base::IpFamily family) { return family == base::IpFamily::v4 ? 2 : 10; }

// Room for any request of ours, octets.
constexpr std::size_t kRequestSize = 1024;

// A message under construction. `body` is the family's fixed header behind the netlink header.
class NetlinkRequest {
 public:
  NetlinkRequest(std::uint16_t type, int flags);
  NetlinkRequest(const NetlinkRequest&) = delete;
  NetlinkRequest& operator=(const NetlinkRequest&) = delete;

  template <class Body>
  Body& body() {
    return *static_cast<Body*>(mnl_nlmsg_put_extra_header(header_, sizeof(Body)));
  }
  void u8(int type, std::uint8_t value);
  void u32(int type, std::uint32_t value);
  void text(int type, const std::string& value);
  void address(int type, const base::IpAddress& value);
  void raw(int type, const void* data, std::size_t size);
  nlattr* nest(int type);
  void end_nest(nlattr* start) { mnl_attr_nest_end(header_, start); }
  nlmsghdr* message() { return header_; }

 private:
  alignas(nlmsghdr) std::uint8_t buffer_[kRequestSize] = {};
  nlmsghdr* header_;
};

// The attributes of a received message by number; absent ones are null.
using Attributes = std::vector<const nlattr*>;
Attributes parse_attributes(const nlmsghdr* message, std::size_t body_size, std::size_t highest);
Attributes parse_attributes(base::ByteSpan run, std::size_t highest);
Attributes parse_nested(const nlattr* attribute, std::size_t highest);  // all null where absent
std::uint32_t number(const nlattr* attribute);                          // 0 where absent or not 4 octets
std::string text_of(const nlattr* attribute);
base::IpAddress address_of(const nlattr* attribute);  // unset where absent

struct LinkInfo {
  int index = 0;
  std::uint32_t mtu = 0;
  std::string name;
  std::uint32_t tun_queues = 0;  // 0 as well for what is no TUN device
};

struct Netlink::Impl {
  // What the kernel said: 0 or an errno value, and its text where it gave one.
  struct Answer {
    int error = 0;
    std::string text;
    base::Error as_error(const std::string& what) const;
  };
  using OnMessage = std::function<void(const nlmsghdr*)>;

  ~Impl() {
    if (socket != nullptr) mnl_socket_close(socket);
  }

  base::Status connect();
  // Sends one request and waits for its acknowledgement or, of a dump or a look-up, for all answers.
  Answer transact(NetlinkRequest& request, const OnMessage& on_message = {});
  // A dump; begins again when the kernel's tables changed under it. `restart` runs before each attempt and
  // empties what `on_message` collected. `build` adds the body and the filters.
  Answer dump(const std::function<void(NetlinkRequest&)>& build, std::uint16_t type,
              const OnMessage& on_message, const std::function<void()>& restart);

  base::Result<LinkInfo> link(const std::string& name);
  base::Result<LinkInfo> link(int index);
  // The number of a device, looked up once; forget it where the kernel says that there is none.
  base::Result<int> index_of(const std::string& device);
  void forget_index(const std::string& device) { indexes.erase(device); }
  // The MTU of a link as it was within the last second, octets.
  base::Result<std::uint32_t> recent_mtu(int index);
  base::Status set_link(const std::string& device, const std::string& what,
                        const std::function<void(ifinfomsg&, NetlinkRequest&)>& fill);
  // A route look-up with our mark.
  base::Status look_up(const base::IpAddress& destination, const OnMessage& on_message);

  base::Status change_route(const Route& route, bool add);
  base::Status change_rule(const Rule& rule, bool add);
  base::Status change_address(const std::string& device, const base::IpAddress& address, int prefix_length,
                              bool add);
  // Copies of our rules' and routes' messages, ready to be sent back as deletions.
  base::Result<std::vector<std::vector<std::uint8_t>>> our_rules(base::IpFamily family);
  base::Result<std::vector<Route>> our_routes(base::IpFamily family);
  base::Status remove_all_rules(base::IpFamily family);
  base::Status remove_all_routes(base::IpFamily family);

  mnl_socket* socket = nullptr;
  RoutingOptions options;
  std::uint32_t sequence = 0;
  std::vector<std::uint8_t> buffer;
  std::map<std::string, int> indexes;

 private:
  struct Seen {
    std::uint32_t mtu = 0;
    std::chrono::steady_clock::time_point at;
  };
  enum class End : std::uint8_t { acknowledged, first_message };
  // Reads until the answer is complete. The error is an errno value.
  Answer receive(std::uint32_t expected, const OnMessage& on_message, End end);

  std::map<int, Seen> mtus_;
};

}  // namespace tun
