// Takes changes of this host's addresses and routes to the engine.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "tun/netlink.h"
#include "tun/netlink_watch.h"

namespace daemon_app {

// Of the IKE thread alone.
class NetworkWatch {
 public:
  // Changes come in swarms (an address, its routes, the default route): one look this long after the first.
  static constexpr std::chrono::milliseconds kSettle{100};
  using OnChange = std::function<void(std::vector<base::IpAddress>)>;

  NetworkWatch(boost::asio::io_context& io, std::unique_ptr<tun::NetlinkWatch> watch, tun::Netlink& netlink,
               std::string own_device, std::vector<base::IpAddress> listening, base::LogSink& log,
               OnChange on_change);
  ~NetworkWatch();

  // Reports the addresses as they are, and from then on whenever they or routes change.
  void start();

 private:
  void wait();
  void look();

  std::unique_ptr<tun::NetlinkWatch> watch_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  bool waiting_ = false;
  tun::Netlink& netlink_;
  const std::string own_device_;
  const std::vector<base::IpAddress> listening_;
  base::LogSink& log_;
  OnChange on_change_;
};

// Those of the addresses that a peer may reach us at: not loopback, not link-local, not on our own device,
// and one that we listen on.
std::vector<base::IpAddress> reachable_addresses(const std::vector<tun::LocalAddress>& all,
                                                 const std::string& own_device,
                                                 const std::vector<base::IpAddress>& listening);

}  // namespace daemon_app
