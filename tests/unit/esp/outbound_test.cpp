#include "esp/outbound.h"

#include <catch2/catch_test_macros.hpp>
#include <map>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Counter;
using support::ip;

struct Sender : support::EspEnd {
  support::PlainProvider provider;
  base::PacketPool pool{128};
  base::PacketBatch batch;
  esp::OutboundResult result;

  explicit Sender(const support::PlainSizes& sizes = {}) : provider(sizes) {}
  void give(base::ByteSpan packet) { REQUIRE(batch.push(support::frame_of(pool, packet))); }
  void run() {
    result.clear();
    out.process(batch, result);
    CHECK(batch.empty());
  }
  void send(base::ByteSpan packet) {
    give(packet);
    run();
  }
  // All that left in any direction.
  std::size_t left() const {
    return result.udp.size() + result.raw.size() + result.tun.size() + result.icmp.size();
  }
};

// All packets of all trains, in order.
std::vector<base::Frame> packets(const base::PacketBatch& batch) {
  std::vector<base::Frame> out;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    for (std::uint32_t k = 0; k < batch[i].count; ++k) out.push_back(support::packet_of(batch[i], k));
  }
  return out;
}

// Cuts without looking: the header, then the payload.
class PlainSegmenter final : public base::Segmenter {
 public:
  void write(const base::Frame& frame, std::uint32_t i, std::uint8_t* to) const noexcept override {
    const std::uint32_t header = frame.gso.header;
    std::memcpy(to, frame.data(), header);
    std::memcpy(to + header, frame.data() + header + i * frame.gso.payload, frame.packet_length(i) - header);
  }
};

base::Bytes packet(std::string_view destination = "10.2.0.2", std::size_t payload = 12, bool df = false) {
  return support::udp_packet(ip("10.1.0.1"), ip(destination), 1000, 53, payload, df);
}
base::Bytes packet6(std::size_t payload) {
  return support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), 1000, 53, payload);
}

spd::Policy policy(spd::Action action, std::string_view remote, std::int32_t priority = 100000) {
  spd::Policy p;
  p.action = action;
  p.priority = priority;
  p.selectors.local = {spd::TrafficSelector::parse("0.0.0.0/0").value()};
  p.selectors.remote = {spd::TrafficSelector::parse(remote).value()};
  return p;
}

}  // namespace

TEST_CASE("a protected packet leaves as SPI, number, IV, text, trailer and tag") {
  Sender s;
  const auto sa = s.send_by({}, s.provider);
  s.send(packet());
  REQUIRE(s.result.udp.size() == 1);
  const auto& frame = s.result.udp[0];
  CHECK(frame.local == sa->params.local);
  CHECK(frame.remote == sa->params.remote);
  const base::ByteSpan octets = frame.bytes();
  // 40 octets of packet and 2 of trailer are padded to 44.
  REQUIRE(octets.size() == 8 + 8 + 44 + 16);
  CHECK(base::load_be32(&octets[0]) == 0xc0000101);
  CHECK(base::load_be32(&octets[4]) == 1);
  CHECK(base::load_be64(&octets[8]) == 1);
  const std::uint8_t mask = sa->params.encr_key.span()[0];
  base::Bytes text;
  for (const auto octet : octets.subspan(16, 44)) text.push_back(octet ^ mask);
  CHECK(base::equal(base::ByteSpan(text).first(40), packet()));
  CHECK(base::to_hex(base::ByteSpan(text).last(4)) == "01020204");
  CHECK(s.counters.get(Counter::out_packets) == 1);
  CHECK(s.counters.get(Counter::out_bytes) == 40);
  CHECK(sa->traffic.packets == 1);
  CHECK(sa->traffic.bytes == 40);
}

TEST_CASE("padding fills up to the block of the cipher and to four octets at least") {
  for (const std::size_t block : {1u, 4u, 8u, 16u}) {
    Sender s({8, 16, block, false});
    const auto sa = s.send_by({}, s.provider);
    const std::uint8_t mask = sa->params.encr_key.span()[0];
    for (std::size_t payload = 0; payload < 40; ++payload) {
      s.send(packet("10.2.0.2", payload));
      REQUIRE(s.result.udp.size() == 1);
      const auto octets = s.result.udp[0].bytes();
      const std::size_t text = octets.size() - 8 - 8 - 16, alignment = std::max<std::size_t>(block, 4);
      CHECK(text % alignment == 0);
      CHECK(text - (28 + payload + 2) < alignment);
      CHECK((octets[octets.size() - 18] ^ mask) == static_cast<int>(text - 30 - payload));
      CHECK((octets[octets.size() - 17] ^ mask) == 4);
    }
  }
}

TEST_CASE("B143: IVs count for counter modes and are drawn at once for CBC") {
  Sender s({16, 16, 16, true});
  s.send_by({}, s.provider);
  for (int i = 0; i < 8; ++i) s.give(packet());
  s.run();
  const auto sent = packets(s.result.udp);
  REQUIRE(sent.size() == 8);
  CHECK(s.rng.fills == 1);
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CHECK_FALSE(base::equal(sent[i].bytes().subspan(8, 16), sent[j].bytes().subspan(8, 16)));
    }
  }
  Sender counting;
  counting.send_by({}, counting.provider);
  counting.send(packet());
  CHECK(counting.rng.fills == 0);
}

TEST_CASE("raw ESP leaves for protocol 50 without ports") {
  Sender s;
  support::SaShape shape;
  shape.udp_encap = false;
  const auto sa = s.send_by(shape, s.provider);
  s.send(packet());
  REQUIRE(s.result.raw.size() == 1);
  CHECK(s.result.udp.empty());
  CHECK(s.result.raw[0].local == base::Endpoint{sa->params.local.address, 0});
  CHECK(s.result.raw[0].remote == base::Endpoint{sa->params.remote.address, 0});
}

TEST_CASE("policies decide: bypass goes back untouched, discard is silent, reject is answered") {
  Sender s;
  s.send_by({}, s.provider);
  s.add(policy(spd::Action::bypass, "10.2.9.0/24"));
  s.add(policy(spd::Action::discard, "10.2.8.0/24"));
  s.add(policy(spd::Action::reject, "10.2.7.0/24"));
  s.add(policy(spd::Action::trap, "10.2.6.0/24"));
  s.send(packet("10.2.9.1"));
  REQUIRE(s.result.tun.size() == 1);
  CHECK(base::equal(s.result.tun[0].bytes(), packet("10.2.9.1")));
  s.send(packet("10.2.8.1"));
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_discard) == 1);
  s.send(packet("10.2.7.1"));
  CHECK(s.left() == 1);
  REQUIRE(s.result.icmp.size() == 1);
  CHECK(s.result.icmp_why[0] == esp::Refusal::rejected);
  CHECK(base::equal(s.result.icmp[0].bytes(), packet("10.2.7.1")));
  CHECK(s.counters.get(Counter::out_reject) == 1);
  s.send(packet("10.2.6.1"));
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_held) == 1);
  s.send(packet("172.16.0.1"));
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_no_policy) == 1);
  s.send(packet("10.2.0.1"));
  CHECK(s.result.udp.size() == 1);
}

TEST_CASE("packets of one rejected flow are counted all, and answered once") {
  Sender s;
  s.add(policy(spd::Action::reject, "10.2.0.0/16"));
  base::Frame train = support::frame_of(s.pool, packet("10.2.7.1", 2000));
  train.gso = {20, 28, 20, true};
  REQUIRE(train.packets() == 100);
  REQUIRE(s.batch.push(std::move(train)));
  s.run();
  CHECK(s.counters.get(Counter::out_reject) == 100);
  CHECK(s.result.icmp.size() == 1);
}

TEST_CASE("a policy without its SA drops the packet") {
  Sender s;
  s.send_by({}, s.provider);
  s.sad.remove(base::ChildId(1));
  s.send(packet());
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_no_sa) == 1);
}

TEST_CASE("what is no whole packet, or has no hops left, does not leave") {
  Sender s;
  s.send_by({}, s.provider);
  const auto whole = packet();
  s.send(base::ByteSpan(whole).first(whole.size() - 1));
  CHECK(s.left() == 0);
  s.send(base::Bytes{0});
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_malformed) == 2);
  auto dead = packet();
  dead[8] = 0;
  s.send(dead);
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_hop_limit) == 1);
}

TEST_CASE("hop limits are left alone") {
  Sender s;
  const auto sa = s.send_by({}, s.provider);
  auto one_hop = packet();
  one_hop[8] = 1;
  s.send(one_hop);
  REQUIRE(s.result.udp.size() == 1);
  CHECK((s.result.udp[0].bytes()[16 + 8] ^ sa->params.encr_key.span()[0]) == 1);
}

TEST_CASE("a packet that may not be fragmented and is too big comes back with the MTU to tell") {
  Sender s({8, 16, 1, false});
  s.send_by({}, s.provider);
  s.send(packet("10.2.0.2", 1438 - 28, true));
  CHECK(s.result.udp.size() == 1);
  const auto big = packet("10.2.0.2", 1439 - 28, true);
  s.send(big);
  REQUIRE(s.result.icmp.size() == 1);
  CHECK(s.result.icmp_mtu[0] == 1438);
  CHECK(base::equal(s.result.icmp[0].bytes(), big));
  CHECK(s.counters.get(Counter::out_too_big) == 1);
  s.send(packet6(1438 - 48));
  CHECK(s.result.udp.size() == 1);
  s.send(packet6(1439 - 48));
  REQUIRE(s.result.icmp.size() == 1);
  CHECK(s.result.icmp_mtu[0] == 1438);
}

TEST_CASE("IPv6 packets up to 1280 octets always go") {
  Sender s;
  s.send_by({}, s.provider)->params.outer_mtu = 1280;
  s.send(packet6(1280 - 48));
  CHECK(s.result.udp.size() == 1);
  s.send(packet6(1281 - 48));
  REQUIRE(s.result.icmp.size() == 1);
  CHECK(s.result.icmp_mtu[0] == 1280);
}

TEST_CASE("B143: an SA stops before its numbers cycle") {
  Sender s;
  const auto sa = s.send_by({}, s.provider);
  sa->next_sequence = 0xffffffff;
  s.give(packet());
  s.give(packet());
  s.run();
  REQUIRE(s.result.udp.size() == 1);
  CHECK(base::load_be32(&s.result.udp[0].bytes()[4]) == 0xffffffff);
  CHECK(s.counters.get(Counter::out_sequence) == 1);
  CHECK(sa->traffic.packets == 1);
  CHECK(sa->traffic.other_errors == 1);
}

TEST_CASE("B143: an SA past its hard lifetime sends nothing, within one batch too") {
  Sender s;
  support::SaShape few;
  few.lifetime_packets = 3;
  s.send_by(few, s.provider);
  for (int i = 0; i < 5; ++i) s.give(packet());
  s.run();
  CHECK(packets(s.result.udp).size() == 3);
  CHECK(s.counters.get(Counter::out_expired) == 2);
  Sender t;
  support::SaShape bytes;
  bytes.lifetime_bytes = 60;  // the second packet of 40 reaches it
  t.send_by(bytes, t.provider);
  for (int i = 0; i < 5; ++i) t.give(packet());
  t.run();
  CHECK(packets(t.result.udp).size() == 2);
}

TEST_CASE("several SAs in one batch each count for themselves and keep the order") {
  Sender s;
  std::vector<std::shared_ptr<esp::OutboundSa>> sas;
  static constexpr std::array<std::string_view, 3> kNets = {"10.2.0.0/24", "10.2.1.0/24", "10.2.2.0/24"};
  for (std::uint32_t i = 0; i < 3; ++i) {
    support::SaShape shape;
    shape.child = i + 1;
    shape.spi = 0x1000 + i;
    shape.remote_net = kNets[i];
    shape.udp_encap = i != 2;
    sas.push_back(s.send_by(shape, s.provider));
  }
  for (std::size_t i = 0; i < 60; ++i) s.give(packet("10.2." + std::to_string(i % 3) + ".1", i));
  s.run();
  const auto sent = packets(s.result.udp);
  REQUIRE(sent.size() == 40);
  REQUIRE(packets(s.result.raw).size() == 20);
  std::array<std::uint32_t, 2> last{};
  for (const auto& frame : sent) {
    const auto octets = frame.bytes();
    const std::uint32_t sa = base::load_be32(&octets[0]) - 0x1000;
    REQUIRE(sa < 2);
    CHECK(base::load_be32(&octets[4]) == ++last[sa]);
  }
  CHECK(last == std::array<std::uint32_t, 2>{20, 20});
  for (const auto& sa : sas) CHECK(sa->traffic.packets == 20);
}

TEST_CASE("a train is split into packets when there is a pool, and dropped when there is none") {
  Sender s;
  s.send_by({}, s.provider);
  s.out.set_pool(nullptr);
  const std::vector<base::Bytes> segments = {packet("10.2.0.2", 100), packet("10.2.0.3", 100),
                                             packet("10.2.0.4", 7)};
  REQUIRE(s.batch.push(support::train_of(s.pool, segments)));
  s.run();
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_no_buffer) == 3);
  s.out.set_pool(&s.pool);
  REQUIRE(s.batch.push(support::train_of(s.pool, segments)));
  s.run();
  const auto sent = packets(s.result.udp);
  REQUIRE(sent.size() == 3);
  CHECK(s.counters.get(Counter::out_packets) == 3);
  CHECK(sent[0].length == 16 + 132 + 16);
  CHECK(sent[2].length == 16 + 40 + 16);
}

TEST_CASE("packets of one SA leave in trains: equally long ones, and a shorter one behind") {
  Sender s;
  s.send_by({}, s.provider);
  for (const std::size_t payload : {100u, 100u, 60u, 100u, 200u, 200u}) s.give(packet("10.2.0.2", payload));
  s.run();
  REQUIRE(s.result.udp.size() == 3);
  const auto size = [](std::size_t payload) { return 8 + 8 + (28 + payload + 2 + 3) / 4 * 4 + 16; };
  CHECK(s.result.udp[0].count == 3);
  CHECK(s.result.udp[0].stride == size(100));
  CHECK(s.result.udp[0].length == 2 * size(100) + size(60));
  CHECK(s.result.udp[1].count == 1);  // a longer one cannot follow
  CHECK(s.result.udp[2].count == 2);
  CHECK(s.result.udp[2].stride == size(200));
  CHECK(s.counters.get(Counter::out_packets) == 6);
}

namespace {

support::SaShape to_net(std::uint64_t child, std::string_view remote_net) {
  support::SaShape shape;
  shape.child = child;
  shape.spi = 0xc0000100 + static_cast<std::uint32_t>(child);
  shape.remote_net = remote_net;
  return shape;
}

std::uint32_t spi_at(const base::Frame& train, std::uint32_t i) {
  return base::load_be32(train.segment(i).data());
}

}  // namespace

TEST_CASE("packets of several SAs share a train where they go from and to the same addresses") {
  Sender s;
  s.send_by(to_net(1, "10.2.0.0/16"), s.provider);
  s.send_by(to_net(2, "10.3.0.0/16"), s.provider);
  for (const char* to : {"10.2.0.1", "10.3.0.1", "10.2.0.2", "10.3.0.2"}) s.give(packet(to));
  s.run();
  REQUIRE(s.result.udp.size() == 1);
  REQUIRE(s.result.udp[0].count == 4);
  std::map<std::uint32_t, int> of_spi;
  for (std::uint32_t i = 0; i < 4; ++i) ++of_spi[spi_at(s.result.udp[0], i)];
  CHECK(of_spi == std::map<std::uint32_t, int>{{0xc0000101, 2}, {0xc0000102, 2}});

  Sender other;
  other.send_by(to_net(1, "10.2.0.0/16"), other.provider);
  const auto far = other.send_by(to_net(2, "10.3.0.0/16"), other.provider);
  far->params.remote.port = 4511;  // behind a NAT
  for (const char* to : {"10.2.0.1", "10.3.0.1"}) other.give(packet(to));
  other.run();
  REQUIRE(other.result.udp.size() == 2);
  CHECK(other.result.udp[0].remote.port != other.result.udp[1].remote.port);
}

TEST_CASE("what cannot be sealed does not leave, nor does what shares a train with it; all are counted") {
  Sender s;
  const support::PlainProvider broken({.seals = false});
  // SAs come in the order of their addresses in memory: either may be the first.
  const auto a = s.send_by(to_net(1, "10.2.0.0/16"), s.provider);
  const auto b = s.send_by(to_net(2, "10.3.0.0/16"), s.provider);
  (a < b ? b : a)->cipher = std::move(broken.cipher({}, base::Bytes{1}, {})).value();
  for (const char* to : {"10.2.0.1", "10.3.0.1", "10.2.0.2", "10.3.0.2"}) s.give(packet(to));
  s.run();
  CHECK(s.result.udp.empty());
  CHECK(s.counters.get(Counter::out_crypto) == 4);
  (a < b ? b : a)->cipher = std::move(s.provider.cipher({}, base::Bytes{1}, {})).value();
  s.send(packet("10.2.0.1"));
  CHECK(s.result.udp.size() == 1);
}

TEST_CASE("a train has no more packets and no more octets than the kernel takes") {
  Sender s;
  s.send_by({}, s.provider);
  s.out.set_pool(&s.pool);
  for (int i = 0; i < 2; ++i) REQUIRE(s.batch.push(support::train_of(s.pool, std::vector(40, packet()))));
  s.run();
  REQUIRE(s.result.udp.size() == 2);
  CHECK(s.result.udp[0].count == 64);
  CHECK(s.result.udp[1].count == 16);
  Sender t;
  t.send_by({}, t.provider);
  for (int i = 0; i < 50; ++i) t.give(packet("10.2.0.2", 1380));
  t.run();
  REQUIRE(t.result.udp.size() == 2);
  CHECK(t.result.udp[0].length <= 65507);
  CHECK(t.result.udp[0].length + t.result.udp[0].stride > 65507);
  CHECK(t.result.udp[0].count + t.result.udp[1].count == 50);
}

TEST_CASE(
    "a frame that is to be segmented becomes packets, each with a sequence number, by one look at policies") {
  Sender s;
  const PlainSegmenter segmenter;
  const auto sa = s.send_by({}, s.provider);
  auto whole = packet("10.2.0.2", 1000);
  auto frame = support::frame_of(s.pool, whole);
  frame.gso = {300, 28, 20, true};
  CHECK(frame.packets() == 4);
  CHECK(frame.packet_length(0) == 328);
  CHECK(frame.packet_length(3) == 128);
  REQUIRE(s.batch.push(std::move(frame)));
  s.run();  // no one there who segments
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_no_buffer) == 4);
  s.out.set_segmenter(&segmenter);
  frame = support::frame_of(s.pool, whole);
  frame.gso = {300, 28, 20, true};
  REQUIRE(s.batch.push(std::move(frame)));
  s.run();
  const auto sent = packets(s.result.udp);
  REQUIRE(sent.size() == 4);
  const std::uint8_t mask = sa->params.encr_key.span()[0];
  base::Bytes payload;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto octets = sent[i].bytes();
    CHECK(base::load_be32(&octets[4]) == i + 1);
    const std::size_t length = i < 3 ? 328 : 128;
    for (std::size_t k = 28; k < length; ++k) payload.push_back(octets[16 + k] ^ mask);
  }
  CHECK(base::equal(payload, base::ByteSpan(whole).subspan(28)));
  CHECK(sa->traffic.packets == 4);
  CHECK(sa->traffic.bytes == 3 * 328 + 128);
}

TEST_CASE("a full queue is emptied in between where someone does it, and else the rest is dropped") {
  // Each longer than the one before, so that no two share a train but where the row begins anew: 63 trains.
  const auto fill = [](Sender& s) {
    s.send_by({}, s.provider);
    s.out.set_segmenter(nullptr);
    std::vector<base::Bytes> growing;
    for (std::size_t i = 0; i < 40; ++i) growing.push_back(packet("10.2.0.2", 40 + i * 4));
    for (int round = 0; round < 2; ++round) {
      for (std::size_t i = 0; i < 32; ++i) s.give(growing[i]);
    }
  };
  Sender s;
  std::size_t emptied = 0;
  s.out.set_full_handler([&](esp::OutboundResult& result) {
    emptied += result.udp.size();
    result.udp.clear();
  });
  fill(s);
  esp::OutboundResult result;
  for (int i = 0; i < 3; ++i) REQUIRE(result.udp.push(support::frame_of(s.pool, packet())));
  s.out.process(s.batch, result);
  CHECK(emptied + result.udp.size() == 3 + 63);
  CHECK(s.counters.get(Counter::out_no_buffer) == 0);
  Sender t;
  fill(t);
  esp::OutboundResult narrow;
  for (int i = 0; i < 3; ++i) REQUIRE(narrow.udp.push(support::frame_of(t.pool, packet())));
  t.out.process(t.batch, narrow);
  CHECK(narrow.udp.size() == 64);
  CHECK(t.counters.get(Counter::out_no_buffer) == 2);
}

TEST_CASE("a frame without room behind it is dropped") {
  Sender s;
  s.send_by({}, s.provider);
  auto frame = support::frame_of(s.pool, packet());
  const std::uint32_t at = base::kBufferCapacity - frame.length - 4;
  std::memmove(frame.buffer.data() + at, frame.data(), frame.length);
  frame.set_single(at, frame.length);
  REQUIRE(s.batch.push(std::move(frame)));
  s.run();
  CHECK(s.left() == 0);
  CHECK(s.counters.get(Counter::out_no_buffer) == 1);
}

TEST_CASE("packets for another lane's SAs and traps are handed over, those that bypass are not") {
  Sender s;
  support::SaShape mine;
  mine.child = 2;
  s.send_by(mine, s.provider);
  const auto add = [&](std::uint64_t id, spd::Action action, std::string_view remote) {
    spd::Policy policy;
    policy.id = id;
    policy.priority = 1000000;
    policy.action = action;
    policy.bundle = base::ChildId(id);
    policy.selectors = {{spd::TrafficSelector::parse("10.1.0.0/16").value()},
                        {spd::TrafficSelector::parse(remote).value()}};
    s.add(policy);
  };
  add(3, spd::Action::protect, "10.2.3.0/24");
  add(5, spd::Action::trap, "10.2.5.0/24");
  add(7, spd::Action::bypass, "10.2.7.0/24");
  std::vector<std::pair<std::uint32_t, base::Bytes>> handed;
  bool room = true;
  s.out.set_lane(0, 2, [&](std::uint32_t lane, base::Frame& frame) {
    if (room) handed.emplace_back(lane, base::to_bytes(frame.bytes()));
    return room;
  });
  for (const char* to : {"10.2.0.2", "10.2.3.1", "10.2.5.1", "10.2.7.1"}) s.give(packet(to));
  s.run();
  REQUIRE(handed.size() == 2);
  CHECK(handed[0] == std::pair(1u, packet("10.2.3.1")));
  CHECK(handed[1] == std::pair(1u, packet("10.2.5.1")));
  CHECK(s.result.udp.size() == 1);
  CHECK(s.result.tun.size() == 1);
  CHECK(s.result.acquired == 0);
  room = false;
  s.send(packet("10.2.3.1"));
  CHECK(s.counters.get(Counter::out_no_buffer) == 1);
  CHECK(s.left() == 0);
}
