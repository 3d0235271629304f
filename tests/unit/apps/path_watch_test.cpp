#include "apps/daemon/path_watch.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using daemon_app::PathWatch;
using std::chrono::seconds;

struct NoLog final : base::LogSink {
  void write(const base::LogEvent& event) override { events.push_back(event.event); }
  std::vector<std::string> events;
};

struct Sent {
  base::ChildId child;
  esp::PathProbe probe;
  std::uint32_t size;
};

struct World {
  boost::asio::io_context io;
  NoLog log;
  support::PlainProvider provider;
  std::vector<Sent> sent;
  std::vector<std::pair<base::ChildId, std::uint32_t>> told;
  base::Instant now{seconds(100)};
  PathWatch watch{
      io,
      log,
      true,
      {[this](base::ChildId id, const esp::PathProbe& probe, std::uint32_t size) {
         sent.push_back({id, probe, size});
       },
       [this](base::ChildId id, std::uint32_t mtu) { told.emplace_back(id, mtu); }, [this] { return now; }}};

  std::shared_ptr<esp::OutboundSa> put(std::uint64_t id, std::uint32_t spi, bool udp = true) {
    support::SaShape shape;
    shape.child = id;
    shape.spi = spi;
    shape.udp_encap = udp;
    auto sa = esp::OutboundSa::make(support::params_of(shape, false), provider).value();
    watch.put(base::ChildId(id), {sa->params.local, sa->params.remote, 1500, sa});
    return sa;
  }
  // Until the watch has looked once.
  void look() {
    const std::size_t before = io.run_one_for(seconds(3));
    REQUIRE(before == 1);
  }
  std::uint32_t mtu() const { return watch.mtu_of(support::ip("192.0.2.1"), support::ip("192.0.2.2"), 1500); }
};

// As the sender of 192.0.2.1 sees it come back.
tun::TooBig too_big(std::uint8_t protocol, std::uint32_t spi) {
  tun::TooBig said;
  said.mtu = 1300;
  said.length = 1400;
  said.source = support::ip("192.0.2.1");
  said.destination = support::ip("192.0.2.2");
  said.protocol = protocol;
  if (protocol == base::ip_protocol::kUdp) {
    base::store_be16(&said.payload[0], 4500);
    base::store_be16(&said.payload[2], 4500);
    base::store_be32(&said.payload[8], spi);
    said.payload_size = 16;
  } else {
    base::store_be32(&said.payload[protocol == base::ip_protocol::kAh ? 4 : 0], spi);
    said.payload_size = 8;
  }
  return said;
}

}  // namespace

TEST_CASE("only a path that carries packets is probed, by the child that sends most of them") {
  World world;
  const auto first = world.put(1, 0x1111);
  const auto second = world.put(2, 0x2222);
  world.look();
  CHECK(world.sent.empty());
  first->traffic.add(1, 100);
  second->traffic.add(5, 100);
  world.look();
  REQUIRE(world.sent.size() == 2);
  CHECK(world.sent[0].child == base::ChildId(2));
  CHECK(world.sent[0].size == 1500);
  CHECK(world.sent[1].size == 0);
  CHECK(world.sent[1].probe.id == world.sent[0].probe.id + 1);
}

TEST_CASE("questions are answered by the child that they came by, whether we probe or not") {
  World world;
  world.put(1, 0x1111);
  world.watch.take(esp::ProbeNote{base::ChildId(1), {esp::ProbeKind::question, 77, 1384}});
  world.watch.take(esp::ProbeNote{base::ChildId(9), {esp::ProbeKind::question, 78, 0}});
  REQUIRE(world.sent.size() == 1);
  CHECK(world.sent[0].probe == esp::PathProbe{esp::ProbeKind::answer, 77, 1384});
  CHECK(world.sent[0].size == 0);
}

TEST_CASE("what a router says of a packet of ours reaches every child of the path, and those to come") {
  for (const auto protocol : {base::ip_protocol::kEsp, base::ip_protocol::kUdp, base::ip_protocol::kAh}) {
    World world;
    world.put(1, 0x1111);
    world.put(2, 0x2222);
    world.watch.take(too_big(protocol, 0x2222));
    CHECK(world.mtu() == 1300);
    CHECK(world.told == std::vector<std::pair<base::ChildId, std::uint32_t>>{{base::ChildId(1), 1300},
                                                                             {base::ChildId(2), 1300}});
    CHECK(world.log.events == std::vector<std::string>{"path-mtu"});
  }
}

TEST_CASE("of UDP, of which no more than its header may be quoted, the ports are enough") {
  World world;
  world.put(1, 0x1111);
  tun::TooBig said = too_big(base::ip_protocol::kUdp, 0);
  said.payload_size = 8;
  world.watch.take(said);
  CHECK(world.mtu() == 1300);
}

TEST_CASE("B132: what is said of a packet that no SA of ours has sent is ignored") {
  World world;
  world.put(1, 0x1111);
  for (const auto protocol : {base::ip_protocol::kEsp, base::ip_protocol::kUdp, base::ip_protocol::kTcp})
    world.watch.take(too_big(protocol, 0x3333));
  tun::TooBig other = too_big(base::ip_protocol::kEsp, 0x1111);
  other.destination = support::ip("192.0.2.3");
  world.watch.take(other);
  tun::TooBig port = too_big(base::ip_protocol::kUdp, 0x1111);
  base::store_be16(&port.payload[2], 500);
  world.watch.take(port);
  CHECK(world.mtu() == 1500);
  CHECK(world.told.empty());
}

TEST_CASE("a path is forgotten with its last child, and one that moves takes another") {
  World world;
  const auto sa = world.put(1, 0x1111);
  world.watch.take(too_big(base::ip_protocol::kEsp, 0x1111));
  REQUIRE(world.mtu() == 1300);
  world.watch.put(base::ChildId(1), {sa->params.local, {support::ip("192.0.2.9"), 4500}, 1500, sa});
  CHECK(world.mtu() == 1500);
  CHECK(world.watch.mtu_of(support::ip("192.0.2.1"), support::ip("192.0.2.9"), 1400) == 1400);
  world.watch.remove(base::ChildId(1));
  world.watch.remove(base::ChildId(1));
  world.watch.take(esp::ProbeNote{base::ChildId(1), {esp::ProbeKind::answer, 2, 0}});
  CHECK(world.sent.empty());
}
