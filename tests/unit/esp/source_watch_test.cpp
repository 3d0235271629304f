#include "esp/source_watch.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Arrival;
using support::ip;

// A sender behind a NAT, and a receiver that looks where its packets come from.
struct World {
  support::PlainProvider provider{support::PlainSizes{}};
  base::PacketPool pool{128};
  support::EspEnd sender, receiver;
  std::shared_ptr<esp::InboundSa> sa;

  World() {
    sender.out.set_pool(&pool);
    sender.send_by({}, provider);
    sa = receiver.receive_by({}, provider);
  }

  base::Bytes packet() {
    base::PacketBatch batch;
    batch.push(support::frame_of(pool, support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 20)));
    esp::OutboundResult result;
    sender.out.process(batch, result);
    base::Bytes wire = base::to_bytes(result.udp[0].segment(0));
    result.clear();
    return wire;
  }
  void take(const base::Bytes& wire, const base::Endpoint& from, Arrival arrival = Arrival::udp) {
    base::PacketBatch batch, delivered, ike;
    base::Frame frame = support::frame_of(pool, wire);
    frame.local = {ip("192.0.2.2"), 4500};
    frame.remote = from;
    batch.push(std::move(frame));
    receiver.in.process(arrival, batch, delivered, ike);
    delivered.clear();
  }
  std::vector<base::Endpoint> moved() {
    std::vector<base::Endpoint> found;
    esp::collect_moved(receiver.sad,
                       [&](base::ChildId, const base::Endpoint& from) { found.push_back(from); });
    return found;
  }
};

const base::Endpoint kKnown{ip("192.0.2.1"), 4500}, kElsewhere{ip("203.0.113.9"), 40007};

}  // namespace

TEST_CASE("the newest authentic packet from another endpoint in UDP is reported once (RFC 7296 2.23)") {
  World world;
  world.take(world.packet(), kKnown);
  CHECK(world.moved().empty());
  world.take(world.packet(), kElsewhere);
  CHECK(world.moved() == std::vector{kElsewhere});
  CHECK(world.moved().empty());
  world.take(world.packet(), {ip("192.0.2.1"), 4501});  // another port alone is another endpoint
  CHECK(world.moved().size() == 1);
}

TEST_CASE("B136: a forged packet, a repeated one and an older one from elsewhere are not followed") {
  World world;
  const base::Bytes first = world.packet(), second = world.packet();
  base::Bytes forged = world.packet();
  forged.back() ^= 1;
  world.take(second, kKnown);
  world.take(second, kElsewhere);
  world.take(first, kElsewhere);
  world.take(forged, kElsewhere);
  CHECK(world.sa->traffic.packets == 2);
  CHECK(world.moved().empty());
}

TEST_CASE("a packet from the known endpoint takes back what a delayed report would say") {
  World world;
  world.take(world.packet(), kElsewhere);
  world.take(world.packet(), kKnown);
  CHECK(world.moved().empty());
}

TEST_CASE("protocol 50 has no ports and is not followed") {
  World world;
  world.take(world.packet(), {ip("203.0.113.9"), 0}, Arrival::raw);
  CHECK(world.sa->traffic.packets == 1);
  CHECK(world.moved().empty());
}
