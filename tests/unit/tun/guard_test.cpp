// The rules at work: what the kernel lets through, and what it drops, on a gateway between two networks.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "fixture.h"
#include "tun/raw_socket.h"
#include "tun/routing_plan.h"
#include "tun/tun_device.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::Endpoint;
using base::IpFamily;
using tun::IpSocket;
using tun::ProtectedPath;
using tun::TunDevice;
using tun::UdpSocket;

namespace {

// Addresses of one family: the gateway's outer side, its inner side, a host behind it, the router or peer out
// there, and a host behind the peer.
struct Plan {
  IpFamily family;
  std::string gateway, outside, inner, host, far_host;
  std::string local, remote;
  int outer_length, inner_length;
};

Plan addresses_of(IpFamily family) {
  if (family == IpFamily::v4) {
    return {family,     "192.0.2.1",   "192.0.2.2",   "10.1.0.1", "10.1.0.2",
            "10.2.0.5", "10.1.0.0/16", "10.2.0.0/16", 24,         16};
  }
  return {family,
          "2001:db8::1",
          "2001:db8::2",
          "2001:db8:1::1",
          "2001:db8:1::2",
          "2001:db8:2::5",
          "2001:db8:1::/48",
          "2001:db8:2::/48",
          64,
          48};
}

std::unique_ptr<UdpSocket> listen(const std::string& where, std::uint16_t port, std::uint32_t mark = 0) {
  tun::UdpOptions options;
  options.bind = {address(where), port};
  options.mark = mark;
  return must(UdpSocket::open(options));
}

// outside — eth0 gateway lan0 — host
class Site {
 public:
  explicit Site(IpFamily family, const std::string& rp_filter = "1", bool with_netfilter = true)
      : at(addresses_of(family)), with_netfilter_(with_netfilter) {
    connect(gateway, "eth0", outside, "eth0");
    connect(gateway, "lan0", lan, "eth0");
    set_up_gateway(rp_filter);
    set_up_neighbours();
  }

  void protect(std::vector<ProtectedPath> paths) {
    const Inside inside(gateway);
    for (ProtectedPath& path : paths) {
      path.outer_local = {address(at.gateway), 4500};
      if (!path.outer_remote.address.is_set()) path.outer_remote = {address(at.outside), 4500};
    }
    if (!table_) table_ = std::make_unique<tun::RoutingTable>(*netlink_, guard_.get());
    must(table_->apply(plan_routing(paths, "ipsec0", {}, 500, 4500)));
  }
  void unprotect() { must(table_->clear()); }
  std::size_t count_ours() { return must(netlink_->count_ours()); }

  // Sends a packet onto the outer link, whatever its source claims.
  void from_outside(const Endpoint& from, const Endpoint& to, const std::string& payload) {
    CHECK(send(*spoofer_, pool, udp_packet(from, to, payload)) == 0);
  }
  void from_tunnel(const Endpoint& from, const Endpoint& to, const std::string& payload) {
    CHECK(send(*device, pool, udp_packet(from, to, payload)) == 0);
  }
  // The next datagram's payload.
  std::string next(UdpSocket& socket) {
    base::PacketBatch batch;
    receive(socket, pool, batch);
    std::string all;
    for (const base::Frame& got : batch) all += text(got) + ";";
    return all;
  }

  const Plan at;
  Namespace gateway, outside, lan;
  base::PacketPool pool{80};
  std::unique_ptr<TunDevice> device;

 private:
  void set_up_gateway(const std::string& rp_filter) {
    const Inside inside(gateway);
    give_address("eth0", at.gateway, at.outer_length);
    give_address("lan0", at.inner, at.inner_length);
    write_setting("/proc/sys/net/ipv4/ip_forward", "1");
    write_setting("/proc/sys/net/ipv6/conf/all/forwarding", "1");
    device = must(TunDevice::open({}));
    for (const char* name : {"all", "eth0", "lan0", "ipsec0"}) {
      write_setting("/proc/sys/net/ipv4/conf/" + std::string(name) + "/rp_filter", rp_filter);
    }
    netlink_ = must(tun::Netlink::open({}));
    if (with_netfilter_) guard_ = must(tun::ClearTextGuard::open({}));
    must(netlink_->set_link_up("ipsec0", true));
    shell(std::string("ip route add default via ") + at.outside);
  }
  void set_up_neighbours() {
    {
      const Inside inside(outside);
      give_address("eth0", at.outside, at.outer_length);
      shell(std::string("ip route add default via ") + at.gateway);
      spoofer_ = must(IpSocket::open(at.family, 0));
    }
    const Inside inside(lan);
    give_address("eth0", at.host, at.inner_length);
    shell(std::string("ip route add default via ") + at.inner);
  }

  std::unique_ptr<IpSocket> spoofer_;
  std::unique_ptr<tun::Netlink> netlink_;
  bool with_netfilter_;
  std::unique_ptr<tun::ClearTextGuard> guard_;
  std::unique_ptr<tun::RoutingTable> table_;
};

ProtectedPath path(const std::string& local, const std::string& remote) {
  ProtectedPath made;
  made.local = prefix(local);
  made.remote = prefix(remote);
  return made;
}

}  // namespace

TEST_CASE("the guard drops clear packets from behind the peer, and lets decrypted ones pass to a host") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  const std::string rp_filter = GENERATE("0", "1", "2");
  const bool with_netfilter = GENERATE(true, false);
  Site site(family, rp_filter, with_netfilter);
  std::unique_ptr<UdpSocket> host;
  {
    const Inside inside(site.lan);
    host = listen(site.at.host, 9000);
  }
  const Endpoint target{address(site.at.host), 9000};
  const Endpoint far{address(site.at.far_host), 1000}, stranger{address(site.at.outside), 1000};
  if (rp_filter == "0") {
    // Without the guard nothing holds it back: this shows that the next silence is the guard's.
    site.from_outside(far, target, "before");
    CHECK(site.next(*host) == "before;");
  }
  site.protect({path(site.at.local, site.at.remote)});
  site.from_outside(far, target, "clear");
  site.from_outside(stranger, target, "unprotected");
  CHECK(site.next(*host) == "unprotected;");
  site.from_tunnel(far, target, "decrypted");
  CHECK(site.next(*host) == "decrypted;");
  site.unprotect();
  CHECK(site.count_ours() == 0);
}

TEST_CASE("packets for the far network go into the device, from a host and from the gateway") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  Site site(family);
  site.protect({path(site.at.local, site.at.remote)});
  const Endpoint far{address(site.at.far_host), 7777};
  std::unique_ptr<UdpSocket> host, gateway;
  {
    const Inside inside(site.lan);
    host = listen(site.at.host, 9000);
  }
  {
    const Inside inside(site.gateway);
    gateway = listen(site.at.inner, 9001);
  }
  CHECK(send(*host, site.pool, base::as_bytes("from host"), {}, far) == 0);
  CHECK(send(*gateway, site.pool, base::as_bytes("from gateway"), {}, far) == 0);
  std::string seen;
  while (seen.find("from host") == std::string::npos || seen.find("from gateway") == std::string::npos) {
    base::PacketBatch batch;
    receive(*site.device, site.pool, batch);
    for (const base::Frame& got : batch) seen += text(got);
  }
}

TEST_CASE("the guard holds for the gateway's own protected address as well") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  const std::string rp_filter = GENERATE("0", "1");
  Site site(family, rp_filter);
  std::unique_ptr<UdpSocket> own;
  {
    const Inside inside(site.gateway);
    own = listen(site.at.inner, 9000);
  }
  site.protect({path(site.at.local, site.at.remote)});
  const Endpoint target{address(site.at.inner), 9000};
  const Endpoint far{address(site.at.far_host), 1000}, stranger{address(site.at.outside), 1000};
  site.from_outside(far, target, "clear");
  site.from_outside(stranger, target, "unprotected");
  CHECK(site.next(*own) == "unprotected;");
  site.from_tunnel(far, target, "decrypted");
  CHECK(site.next(*own) == "decrypted;");
}
