// The paths to peers, as the IKE thread knows them: which children use each, how long packets on it may be.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "apps/daemon/path_search.h"
#include "base/log.h"
#include "esp/path_probe.h"
#include "esp/sa.h"
#include "tun/icmp_socket.h"

namespace daemon_app {

class PathWatch {
 public:
  struct Ports {
    // Sends a probe or an answer by that child; `size` as Outbound::send_probe() takes it.
    std::function<void(base::ChildId, const esp::PathProbe&, std::uint32_t size)> send;
    // Packets of that child may now be so long, in octets of the outer packet.
    std::function<void(base::ChildId, std::uint32_t outer_mtu)> set_mtu;
    std::function<base::Instant()> now;
  };
  // `probes`: whether paths are probed. Probes of others are answered always.
  PathWatch(boost::asio::io_context& io, base::LogSink& log, bool probes, Ports ports);
  ~PathWatch();

  // Listens to routers. Without, only probes tell of a path.
  void listen(std::unique_ptr<tun::IcmpSocket> socket);

  // What is known of the path between those addresses; `link_mtu` of its first link is what is taken else.
  std::uint32_t mtu_of(const base::IpAddress& local, const base::IpAddress& remote,
                       std::uint32_t link_mtu) const;
  struct Child {
    base::Endpoint local, remote;
    std::uint32_t link_mtu = 0;
    std::shared_ptr<const esp::OutboundSa> outbound;  // its SPI and traffic alone are read
  };
  void put(base::ChildId id, Child child);
  void remove(base::ChildId id);

  // A probe or an answer has come by a child.
  void take(const esp::ProbeNote& note);
  // What a router says. Nothing where no SA of ours has sent the packet that it quotes.
  void take(const tun::TooBig& said);

 private:
  using Key = std::pair<base::IpAddress, base::IpAddress>;  // local, remote
  struct Path {
    explicit Path(std::uint32_t link_mtu, bool v6) : search(link_mtu, v6) {}
    PathSearch search;
    std::map<base::ChildId, std::uint64_t> children;  // and the packets each had sent at the last pair
  };
  struct Listener {
    Listener(boost::asio::io_context& io, std::unique_ptr<tun::IcmpSocket> s)
        : socket(std::move(s)), wait(io, socket->descriptor()) {}
    ~Listener() { wait.release(); }
    std::unique_ptr<tun::IcmpSocket> socket;
    boost::asio::posix::stream_descriptor wait;
  };

  void watch(Listener& listener);
  void arm();
  void look(const Key& key, Path& path);
  template <class F>
  void change(const Key& key, Path& path, const char* cause, F&& how);

  boost::asio::steady_timer timer_;
  boost::asio::io_context& io_;
  base::LogSink& log_;
  const bool probes_;
  Ports ports_;
  std::map<base::ChildId, Child> children_;
  std::map<Key, Path> paths_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  bool armed_ = false;
};

}  // namespace daemon_app
