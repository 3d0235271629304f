// The rules at work: what the kernel lets through, and what it drops, on a gateway between two networks.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "fixture.h"
#include "tun/raw_socket.h"
#include "tun/routing_table.h"
#include "tun/tun_device.h"
#include "tun/udp_socket.h"

using namespace fixture;
using base::Endpoint;
using base::IpFamily;
using Catch::Matchers::ContainsSubstring;
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
      path.outer_local = address(at.gateway);
      paths_.add(path);
    }
    if (!table_) {
      table_ = std::make_unique<tun::RoutingTable>(*netlink_, guard_.get(), tun::RoutingOptions{});
    }
    must(table_->apply(paths_));
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
  // All that has gone into the device when `last` has.
  std::string tunnelled(const std::string& last) {
    std::string seen;
    while (seen.find(last) == std::string::npos) {
      base::PacketBatch batch;
      receive(*device, pool, batch);
      for (const base::Frame& got : batch) seen += text(got);
    }
    return seen;
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
    shell("ip link set eth0 address 02:00:00:00:00:01");
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
      // With strict reverse-path filtering the kernel does not answer the ARP requests of a neighbour who
      // lies inside a remote prefix (see protected_paths.h); a peer behind a router, as most, has no need of
      // it.
      shell("ip neigh replace " + at.gateway + " lladdr 02:00:00:00:00:01 dev eth0 nud permanent");
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
  tun::ProtectedPaths paths_{"ipsec0", {}, 500, 4500};
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
  CHECK_THAT(site.tunnelled("from gateway"), ContainsSubstring("from host"));
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

TEST_CASE("a peer inside the remote selector still reaches us with IKE and ESP, and we reach it") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  const bool whole_world = GENERATE(true, false);
  const std::string rp_filter = GENERATE("0", "1", "2");
  Site site(family, rp_filter);
  const bool v4 = family == IpFamily::v4;
  const std::string one = v4 ? "/32" : "/128";
  site.protect({whole_world ? path(site.at.local, v4 ? "0.0.0.0/0" : "::/0")
                            : path(site.at.gateway + one, site.at.outside + one)});
  std::unique_ptr<UdpSocket> our_ike, our_natt, their_ike, their_natt;
  std::unique_ptr<tun::RawSocket> our_esp, their_esp;
  const std::uint32_t mark = tun::RoutingOptions{}.mark;
  {
    const Inside inside(site.gateway);
    our_ike = listen(site.at.gateway, 500, mark);
    our_natt = listen(site.at.gateway, 4500, mark);
    our_esp = must(tun::RawSocket::open(family, base::ip_protocol::kEsp, mark));
  }
  {
    const Inside inside(site.outside);
    their_ike = listen(site.at.outside, 500);
    their_natt = listen(site.at.outside, 61234);  // as behind a NAT
    their_esp = must(tun::RawSocket::open(family, base::ip_protocol::kEsp, 0));
  }
  const Endpoint us{address(site.at.gateway), 0}, them{address(site.at.outside), 0};
  for (auto [ours, theirs] : {std::pair{&*our_ike, &*their_ike}, {&*our_natt, &*their_natt}}) {
    CHECK(send(*theirs, site.pool, base::as_bytes("request"), {}, ours->bound()) == 0);
    CHECK(site.next(*ours) == "request;");
    CHECK(send(*ours, site.pool, base::as_bytes("response"), us, theirs->bound()) == 0);
    CHECK(site.next(*theirs) == "response;");
  }
  CHECK(send(*their_esp, site.pool, base::as_bytes("SPI."), {}, us) == 0);
  base::PacketBatch batch;
  receive(*our_esp, site.pool, batch);
  CHECK(batch.size() == 1);
  batch.clear();
  CHECK(send(*our_esp, site.pool, base::as_bytes("SPI."), us, them) == 0);
  receive(*their_esp, site.pool, batch);
  CHECK(batch.size() == 1);
}

TEST_CASE("between hosts that are their own selectors, everything but IKE and ESP goes through the device") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  const std::string rp_filter = GENERATE("0", "1", "2");
  Site site(family, rp_filter);
  const std::string one = family == IpFamily::v4 ? "/32" : "/128";
  site.protect({path(site.at.gateway + one, site.at.outside + one)});
  std::unique_ptr<UdpSocket> ours, natt;
  {
    const Inside inside(site.gateway);
    ours = listen(site.at.gateway, 9000);
    natt = listen(site.at.gateway, 4500);
  }
  const Endpoint here{address(site.at.gateway), 9000}, there{address(site.at.outside), 9001};
  site.from_outside(there, here, "clear");
  site.from_outside(there, natt->bound(), "to the daemon");
  CHECK(site.next(*natt) == "to the daemon;");
  site.from_tunnel(there, here, "decrypted");
  CHECK(site.next(*ours) == "decrypted;");
  CHECK(send(*ours, site.pool, base::as_bytes("answer"), {}, there) == 0);
  CHECK_THAT(site.tunnelled("answer"), ContainsSubstring("answer"));
}

TEST_CASE("fragments of a peer's UDP packets pass the guard") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  Site site(family, "0");
  const std::string one = family == IpFamily::v4 ? "/32" : "/128";
  site.protect({path(site.at.gateway + one, site.at.outside + one)});
  std::unique_ptr<UdpSocket> ours, theirs;
  {
    const Inside inside(site.gateway);
    ours = listen(site.at.gateway, 4500);
  }
  {
    const Inside inside(site.outside);
    theirs = listen(site.at.outside, 4500);
  }
  const std::string large(5000, 'F');
  CHECK(send(*theirs, site.pool, base::as_bytes(large), {}, ours->bound()) == 0);
  CHECK(site.next(*ours) == large + ";");
}

TEST_CASE("with everything remote, the local networks still reach one another and the gateway") {
  const auto family = GENERATE(IpFamily::v4, IpFamily::v6);
  Site site(family);
  site.protect({path(site.at.local, family == IpFamily::v4 ? "0.0.0.0/0" : "::/0")});
  std::unique_ptr<UdpSocket> host, gateway;
  {
    const Inside inside(site.lan);
    host = listen(site.at.host, 9000);
  }
  {
    const Inside inside(site.gateway);
    gateway = listen(site.at.inner, 9001);
  }
  CHECK(send(*host, site.pool, base::as_bytes("question"), {}, gateway->bound()) == 0);
  CHECK(site.next(*gateway) == "question;");
  CHECK(send(*gateway, site.pool, base::as_bytes("answer"), {}, host->bound()) == 0);
  CHECK(site.next(*host) == "answer;");
  // And the world comes through the tunnel only.
  const Endpoint world{address(site.at.far_host), 80};
  site.from_outside(world, host->bound(), "clear");
  site.from_tunnel(world, host->bound(), "decrypted");
  CHECK(site.next(*host) == "decrypted;");
}
