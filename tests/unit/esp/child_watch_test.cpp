#include "esp/child_watch.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using namespace std::chrono_literals;
using support::ip;

// Two children that send to themselves, in both directions over one SAD.
struct Watched : support::EspEnd {
  support::PlainProvider provider;
  base::PacketPool pool{128};
  esp::ChildWatch watch{sad};
  base::Instant now{1000s};
  std::vector<std::string> told;

  std::shared_ptr<esp::OutboundSa> sender;
  std::shared_ptr<esp::InboundSa> receiver;
  std::shared_ptr<esp::ChildLife> life = std::make_shared<esp::ChildLife>();

  explicit Watched(const support::SaShape& shape, base::Duration inactivity = 0s)
      : sender(send_by(shape, provider)), receiver(receive_by(shape, provider)) {
    life->inactivity = inactivity.count();
    sender->life = receiver->life = life;
  }
  // What is reported now, in order.
  std::vector<std::string> look() {
    told.clear();
    const auto text = [](const char* what, base::ChildId child) {
      return what + std::to_string(child.value);
    };
    watch.look(now, {[&](base::ChildId child) { told.push_back(text("seen ", child)); },
                     [&](base::ChildId child) { told.push_back(text("inactive ", child)); },
                     [&](base::ChildId child, bool hard) {
                       told.push_back(text(hard ? "hard " : "soft ", child));
                     }});
    return told;
  }
  base::PacketBatch send(int packets) {
    base::PacketBatch batch, wire;
    esp::OutboundResult result;
    for (int i = 0; i < packets; ++i) {
      batch.push(support::frame_of(pool, support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 72)));
    }
    out.process(batch, result);
    support::carry(result.udp, wire);
    return wire;
  }
  std::size_t receive(base::PacketBatch& wire) {
    base::PacketBatch delivered, ike;
    in.process(esp::Arrival::udp, wire, delivered, ike);
    return delivered.size();
  }
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a child is reported as seen once after an authenticated packet, not after a forged one") {
  Watched w({});
  CHECK(w.look().empty());
  auto forged = w.send(1);
  forged[0].bytes().back() ^= 1;
  CHECK(w.receive(forged) == 0);
  CHECK(w.look().empty());
  auto genuine = w.send(1);
  CHECK(w.receive(genuine) == 1);
  CHECK(w.look() == Told{"seen 1"});
  CHECK(w.look().empty());
}

TEST_CASE("the soft limit in packets is told once, then the hard one, by whichever half reaches them first") {
  support::SaShape shape;
  shape.soft_packets = 10;
  shape.lifetime_packets = 12;
  Watched w(shape);
  auto wire = w.send(9);
  CHECK_FALSE(w.out.take_alarm());
  CHECK(w.look().empty());
  CHECK(w.receive(wire) == 9);
  wire = w.send(1);
  CHECK(w.out.take_alarm());
  CHECK_FALSE(w.out.take_alarm());
  CHECK(w.look() == Told{"seen 1", "soft 1"});
  CHECK(w.receive(wire) == 1);
  CHECK(w.in.take_alarm());
  CHECK(w.look() == Told{"seen 1"});  // soft was told already
  wire = w.send(5);
  CHECK(wire.size() == 2);
  CHECK(w.counters.get(esp::Counter::out_expired) == 3);
  CHECK(w.look() == Told{"hard 1"});
  CHECK(w.receive(wire) == 2);
  CHECK(w.look() == Told{"seen 1"});
  CHECK(w.send(1).empty());
  CHECK(w.look().empty());
}

TEST_CASE("octets count for limits as packets do, and a leap past both limits tells the hard one alone") {
  support::SaShape shape;
  shape.soft_bytes = 500;
  shape.lifetime_bytes = 900;
  Watched w(shape);
  w.send(4);
  CHECK(w.look().empty());
  w.send(1);
  CHECK(w.look() == Told{"soft 1"});
  Watched leap(shape);
  leap.send(20);
  CHECK(leap.look() == Told{"hard 1"});
  CHECK(leap.sender->traffic.packets == 9);
}

TEST_CASE("before the sequence numbers are used up a new SA is asked for, and none is sent twice") {
  Watched w({});
  w.sender->next_sequence = 0xefffffff;
  w.send(1);
  CHECK(w.look().empty());
  w.send(1);
  CHECK(w.look() == Told{"soft 1"});
  w.sender->next_sequence = 0xffffffff;
  CHECK(w.send(3).size() == 1);
  CHECK(w.counters.get(esp::Counter::out_sequence) == 2);
  CHECK(w.look() == Told{"hard 1"});
  CHECK(w.send(1).empty());

  support::SaShape shape;
  shape.esn = true;
  Watched extended(shape);
  extended.sender->next_sequence = 0xffffffff;
  CHECK(extended.send(3).size() == 3);
  CHECK(extended.look().empty());
}

TEST_CASE("a peer that runs out of sequence numbers makes us ask for a new SA as well") {
  Watched w({});
  w.sender->next_sequence = 0xf0000000;
  auto wire = w.send(1);
  w.sender->life = nullptr;  // the other end's business
  REQUIRE(w.receiver->window.update(0xefffff00));
  CHECK(w.receive(wire) == 1);
  CHECK(w.in.take_alarm());
  CHECK(w.look() == Told{"seen 1", "soft 1"});
}

TEST_CASE("inactivity is told once for each silence, and counts from the last packet in either direction") {
  Watched w({}, 30s);
  CHECK(w.look().empty());
  w.now += 29s;
  auto wire = w.send(1);
  CHECK(w.look().empty());
  CHECK(w.life->last_out.load() == w.now.time_since_epoch().count());
  w.now += 29s;
  CHECK(w.receive(wire) == 1);
  CHECK(w.look() == Told{"seen 1"});
  CHECK(w.life->last_in.load() == w.now.time_since_epoch().count());
  w.now += 29s;
  CHECK(w.look().empty());
  w.now += 1s;
  CHECK(w.look() == Told{"inactive 1"});
  w.now += 60s;
  CHECK(w.look().empty());
  w.send(1);
  CHECK(w.look().empty());
  w.now += 30s;
  CHECK(w.look() == Told{"inactive 1"});
}

TEST_CASE(
    "a child that never carries a packet is inactive from its first look on, and without the wish never") {
  Watched w({}, 5s);
  CHECK(w.look().empty());
  w.now += 5s;
  CHECK(w.look() == Told{"inactive 1"});
  Watched never({});
  CHECK(never.look().empty());
  never.now += 1000h;
  CHECK(never.look().empty());
}
