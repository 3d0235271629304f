#include "esp/inbound.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Arrival;
using esp::Counter;
using support::ip;

base::Bytes packet(std::size_t payload = 12, std::string_view source = "10.1.0.1",
                   std::string_view destination = "10.2.0.2") {
  return support::udp_packet(ip(source), ip(destination), 1000, 53, payload);
}

struct Receiver : support::EspEnd {
  support::PlainProvider provider;
  base::PacketPool pool{128};
  base::PacketBatch batch, delivered, ike;

  explicit Receiver(const support::PlainSizes& sizes = {}) : provider(sizes) {}
  void give(base::Frame&& frame) {
    frame.local = {ip("192.0.2.2"), 4500};
    frame.remote = {ip("192.0.2.1"), 4500};
    REQUIRE(batch.push(std::move(frame)));
  }
  void give(base::ByteSpan octets) { give(support::frame_of(pool, octets)); }
  void run(Arrival arrival = Arrival::udp) {
    delivered.clear();
    ike.clear();
    in.process(arrival, batch, delivered, ike);
    CHECK(batch.empty());
  }
  void take(base::ByteSpan octets, Arrival arrival = Arrival::udp) {
    give(octets);
    run(arrival);
  }
  std::uint64_t count(Counter counter) const { return counters.get(counter); }
};

// An ESP packet made by hand: any text, sealed as the plain cipher does.
base::Bytes esp_packet(const support::SaShape& shape, std::uint32_t sequence, base::ByteSpan text,
                       const support::PlainSizes& sizes = {}) {
  const auto params = support::params_of(shape, false);
  support::PlainCipher cipher(sizes, params.encr_key.span()[0]);
  base::Bytes out(8 + sizes.iv);
  base::store_be32(&out[0], shape.spi);
  base::store_be32(&out[4], sequence);
  base::append(out, text);
  out.resize(out.size() + sizes.icv);
  crypto::CipherItem item;
  item.source = item.destination = &out[8 + sizes.iv];
  item.length = static_cast<std::uint32_t>(text.size());
  item.aad = base::ByteSpan(out).first(8);
  item.iv = base::ByteSpan(out).subspan(8, sizes.iv);
  item.tag = &out[out.size() - sizes.icv];
  cipher.seal({&item, 1});
  return out;
}

// Inner octets with padding as RFC 4303 2.4 has it, and a trailer.
base::Bytes text_of(base::ByteSpan inner, std::uint8_t next_header) {
  base::Bytes text = base::to_bytes(inner);
  std::uint8_t padding = 0;
  while ((text.size() + 2) % 4 != 0) text.push_back(++padding);
  text.push_back(padding);
  text.push_back(next_header);
  return text;
}

base::Bytes good(std::uint32_t sequence, const support::SaShape& shape = {}) {
  return esp_packet(shape, sequence, text_of(packet(), 4));
}

}  // namespace

TEST_CASE("a genuine packet is delivered as it went in, with its outer addresses") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  r.take(good(1));
  REQUIRE(r.delivered.size() == 1);
  CHECK(base::equal(r.delivered[0].bytes(), packet()));
  CHECK(r.delivered[0].local == base::Endpoint{ip("192.0.2.2"), 4500});
  CHECK(r.delivered[0].remote == base::Endpoint{ip("192.0.2.1"), 4500});
  CHECK(r.count(Counter::in_packets) == 1);
  CHECK(r.count(Counter::in_bytes) == 40);
  CHECK(sa->traffic.packets == 1);
  CHECK(sa->traffic.bytes == 40);
  CHECK(sa->window.highest() == 1);
}

TEST_CASE("ESP is taken from UDP and from protocol 50, whatever the SA's own encapsulation") {
  for (const bool udp_encap : {false, true}) {
    Receiver r;
    support::SaShape shape;
    shape.udp_encap = udp_encap;
    REQUIRE(r.receive_by(shape, r.provider));
    r.take(good(1), Arrival::udp);
    CHECK(r.delivered.size() == 1);
    r.take(good(2), Arrival::raw);
    CHECK(r.delivered.size() == 1);
  }
}

TEST_CASE("IKE messages go their own way and keepalives are counted") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  base::Bytes message(32, 7);
  base::store_be32(message.data(), 0);
  r.give(message);
  r.give(base::Bytes{0xff});
  r.give(base::Bytes{1, 2, 3});
  r.give(good(1));
  r.run();
  REQUIRE(r.ike.size() == 1);
  CHECK(base::equal(r.ike[0].bytes(), message));
  CHECK(r.ike[0].remote == base::Endpoint{ip("192.0.2.1"), 4500});
  CHECK(r.delivered.size() == 1);
  CHECK(r.count(Counter::in_keepalive) == 1);
  CHECK(r.count(Counter::in_runt) == 1);
}

TEST_CASE("protocol 50 has neither IKE nor keepalives") {
  Receiver r;
  r.take(base::Bytes{0xff}, Arrival::raw);
  CHECK(r.count(Counter::in_runt) == 1);
  r.take(base::Bytes(16), Arrival::raw);
  CHECK(r.ike.empty());
  CHECK(r.count(Counter::in_no_sa) == 1);
}

TEST_CASE("B139: a packet without an SA is counted, also when only the destination is another") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  support::SaShape other;
  other.spi = 0x999;
  r.take(good(1, other));
  CHECK(r.count(Counter::in_no_sa) == 1);
  auto frame = support::frame_of(r.pool, good(1));
  frame.local = {ip("192.0.2.77"), 4500};
  REQUIRE(r.batch.push(std::move(frame)));
  r.run();
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_no_sa) == 2);
  std::uint64_t reserved = 0;
  for (const std::uint32_t spi : {0u, 1u, 255u}) {  // as protocol 50: in UDP 0 is the marker of IKE
    other.spi = spi;
    r.take(good(1, other), Arrival::raw);
    CHECK(r.delivered.empty());
    CHECK(r.count(Counter::in_no_sa) == 2 + ++reserved);
  }
}

namespace {

// A receiver whose pool and expected SPIs let packets wait.
struct WaitingReceiver : Receiver {
  esp::ExpectedSpis expected;
  WaitingReceiver() {
    in.set_pool(&pool);
    in.set_expected(&expected);
    expected.add(base::Spi(support::SaShape{}.spi));
  }
  void install(const support::SaShape& shape = {}) {
    delivered.clear();
    REQUIRE(receive_by(shape, provider));
    in.take_early(base::Spi(shape.spi), delivered, ike);
  }
};

}  // namespace

TEST_CASE("packets that come before their SA wait for it, in order, by UDP and by protocol 50") {
  WaitingReceiver r;
  r.take(good(1));
  r.take(good(2), Arrival::raw);
  r.take(good(3), Arrival::raw);
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_early) == 3);
  r.install();
  REQUIRE(r.delivered.size() == 3);
  CHECK(base::equal(r.delivered[2].bytes(), packet()));
  CHECK(r.delivered[0].remote == base::Endpoint{ip("192.0.2.1"), 4500});
  CHECK(r.count(Counter::in_packets) == 3);
  CHECK(r.count(Counter::in_no_sa) == 0);
  r.take(good(3));
  CHECK(r.count(Counter::in_replay) == 1);
}

TEST_CASE("a packet with an SPI that nobody was offered does not wait") {
  WaitingReceiver r;
  support::SaShape other;
  other.spi = 0x999;
  r.take(good(1, other));
  CHECK(r.count(Counter::in_no_sa) == 1);
  r.expected.remove(base::Spi(support::SaShape{}.spi));
  r.take(good(1));
  CHECK(r.count(Counter::in_no_sa) == 2);
  CHECK(r.count(Counter::in_early) == 0);
  r.install();
  CHECK(r.delivered.empty());
}

TEST_CASE("what waits for an SA that does not come is dropped after some looks, and counted") {
  WaitingReceiver r;
  r.take(good(1));
  for (int look = 1; look < esp::EarlyPackets::kPatience; ++look) r.in.age_early();
  r.take(good(2));
  CHECK(r.count(Counter::in_no_sa) == 0);
  r.in.age_early();
  CHECK(r.count(Counter::in_no_sa) == 1);
  r.install();
  REQUIRE(r.delivered.size() == 1);
  r.in.age_early();
  CHECK(r.count(Counter::in_no_sa) == 1);
}

TEST_CASE("what waits for another destination than the SA's is dropped once") {
  WaitingReceiver r;
  auto frame = support::frame_of(r.pool, good(1));
  frame.local = {ip("192.0.2.77"), 4500};
  REQUIRE(r.batch.push(std::move(frame)));
  r.run();
  CHECK(r.count(Counter::in_early) == 1);
  r.install();
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_no_sa) == 1);
}

TEST_CASE("no more packets wait than there is room for; the rest is dropped and counted") {
  WaitingReceiver r;
  for (std::uint32_t i = 1; i <= 200; ++i) r.take(good(i));
  CHECK(r.count(Counter::in_early) == 128);
  CHECK(r.count(Counter::in_no_sa) == 72);
  std::size_t delivered = 0;
  r.in.set_full_handler([&](base::PacketBatch& batch) {
    delivered += batch.size();
    batch.clear();
  });
  r.install();
  CHECK(delivered + r.delivered.size() == 128);
}

TEST_CASE("of dropped packets the first one is noted, with what RFC 4303 4 asks of an audit log") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  CHECK_FALSE(r.in.drop_notes().first());
  r.take(base::Bytes(5, 1), Arrival::raw);
  CHECK_FALSE(r.in.drop_notes().first());  // a runt tells nothing
  support::SaShape other;
  other.spi = 0x999;
  r.take(good(1, other));
  r.take(good(1));
  r.take(good(1));
  const auto stranger = r.in.drop_notes().first();
  REQUIRE(stranger);
  CHECK(stranger->reason == Counter::in_no_sa);
  CHECK(stranger->spi == base::Spi(0x999));
  CHECK(stranger->local == base::Endpoint{ip("192.0.2.2"), 4500});
  CHECK(stranger->remote == base::Endpoint{ip("192.0.2.1"), 4500});
  r.in.drop_notes().clear();
  r.take(good(1));
  REQUIRE(r.in.drop_notes().first());
  CHECK(r.in.drop_notes().first()->reason == Counter::in_replay);
  CHECK(r.in.drop_notes().first()->spi == base::Spi(support::SaShape{}.spi));
}

TEST_CASE("B139: a packet shorter than its own header, IV, trailer and tag is a runt, at every length") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  const auto whole = good(1);
  for (std::size_t n = 8; n < 8 + 8 + 2 + 16; ++n) r.take(base::ByteSpan(whole).first(n));
  CHECK(r.count(Counter::in_runt) == 26);
  // 40 octets of packet and trailer, one octet less than a multiple of the block.
  r.take(base::ByteSpan(whole).first(whole.size() - 1));
  CHECK(r.count(Counter::in_runt) == 27);
  CHECK(r.delivered.empty());
}

TEST_CASE("B140: a packet changed anywhere fails the integrity check and does not move the window") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  const auto whole = good(5);
  for (std::size_t at = 4; at < whole.size(); ++at) {
    auto bad = whole;
    bad[at] ^= 0x40;
    r.take(bad);
    CHECK(r.delivered.empty());
  }
  CHECK(r.count(Counter::in_integrity) == whole.size() - 4);
  CHECK(sa->traffic.integrity_errors == whole.size() - 4);
  CHECK(sa->window.highest() == 0);
  CHECK_FALSE(sa->seen);
  r.take(whole);
  CHECK(r.delivered.size() == 1);
}

TEST_CASE("B142: a packet is delivered once, within one batch and across batches") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  r.give(good(3));
  r.give(good(3));
  r.give(good(2));
  r.run();
  CHECK(r.delivered.size() == 2);
  CHECK(r.count(Counter::in_replay) == 1);
  r.take(good(2));
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_replay) == 2);
  CHECK(sa->traffic.replays == 2);
}

TEST_CASE("B141: padding must be 1, 2, 3, … and must fit") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  auto text = text_of(packet(12), 4);
  REQUIRE(text.size() == 44);
  text[40] = 9;
  r.take(esp_packet({}, 1, text));
  CHECK(r.count(Counter::in_padding) == 1);
  text = text_of(packet(12), 4);
  text[42] = 43;  // more than there is
  r.take(esp_packet({}, 2, text));
  CHECK(r.count(Counter::in_padding) == 2);
  CHECK(r.delivered.empty());
  CHECK(sa->traffic.padding_errors == 2);
  // The most that a packet may carry.
  base::Bytes longest = packet(1);
  for (int i = 1; i <= 253; ++i) longest.push_back(static_cast<std::uint8_t>(i));
  longest.push_back(253);
  longest.push_back(4);
  REQUIRE(longest.size() % 4 == 0);
  r.take(esp_packet({}, 3, longest));
  CHECK(r.delivered.size() == 1);
}

TEST_CASE("B141: dummy packets vanish silently and move the window") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  r.take(esp_packet({}, 9, text_of(base::Bytes(100, 0xaa), 59)));
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_dummy) == 1);
  CHECK(sa->window.highest() == 9);
  CHECK(sa->traffic.other_errors == 0);
}

TEST_CASE("B141: a tunnel carries IPv4 and IPv6 and nothing else") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  r.take(esp_packet({}, 1, text_of(packet(), 17)));
  CHECK(r.count(Counter::in_next_header) == 1);
  r.take(esp_packet({}, 2, text_of(packet(), 41)));  // IPv4 said to be IPv6
  CHECK(r.count(Counter::in_inner_size) == 1);
  const auto six = support::udp_packet(ip("2001:db8:1::1"), ip("2001:db8:2::2"), 1, 2, 5);
  r.take(esp_packet({}, 3, text_of(six, 4)));
  CHECK(r.count(Counter::in_inner_size) == 2);
  r.take(esp_packet({}, 4, text_of(six, 41)));
  REQUIRE(r.delivered.size() == 1);
  CHECK(base::equal(r.delivered[0].bytes(), six));
}

TEST_CASE("B141: what is behind the inner packet is cut off and a truncated one is dropped") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  auto padded = packet();
  padded.resize(400);  // TFC padding
  r.take(esp_packet({}, 1, text_of(padded, 4)));
  REQUIRE(r.delivered.size() == 1);
  CHECK(base::equal(r.delivered[0].bytes(), packet()));
  r.take(esp_packet({}, 2, text_of(base::ByteSpan(padded).first(39), 4)));
  CHECK(r.delivered.empty());
  r.take(esp_packet({}, 3, text_of({}, 4)));
  CHECK(r.count(Counter::in_inner_size) == 2);
}

TEST_CASE("an inner packet outside the selectors is dropped") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  r.take(esp_packet({}, 1, text_of(packet(12, "10.9.0.1"), 4)));
  r.take(esp_packet({}, 2, text_of(packet(12, "10.1.0.1", "10.3.0.1"), 4)));
  r.take(esp_packet({}, 3, text_of(packet(12, "10.2.0.2", "10.1.0.1"), 4)));  // the wrong way round
  CHECK(r.delivered.empty());
  CHECK(r.count(Counter::in_selector) == 3);
  CHECK(sa->traffic.selector_errors == 3);
  CHECK(sa->traffic.packets == 0);
}

TEST_CASE("what a policy discards is dropped also where an SA has brought it, by the order of policies") {
  Receiver r;
  const auto sa = r.receive_by({}, r.provider);
  const std::int32_t of_sa = spd::priority_of(sa->params.selectors);
  const auto rule = [](spd::Action action, std::string_view remote, std::int32_t priority) {
    spd::Policy made;
    made.direction = spd::Direction::inbound;
    made.action = action;
    made.priority = priority;
    made.selectors.local = {spd::TrafficSelector::parse("10.2.0.0/16").value()};
    made.selectors.remote = {spd::TrafficSelector::parse(remote).value()};
    return made;
  };
  std::uint32_t number = 0;
  const auto delivers = [&](const std::vector<spd::Policy>& policies) {
    const auto snapshot = std::make_shared<const spd::Snapshot>(policies);
    r.in.set_policies(snapshot->discards_inbound() ? snapshot : nullptr);
    r.take(good(++number));
    return r.delivered.size() == 1;
  };
  CHECK(delivers({}));
  CHECK_FALSE(delivers({rule(spd::Action::discard, "10.1.0.0/16", of_sa)}));
  CHECK_FALSE(delivers({rule(spd::Action::reject, "10.1.0.1", of_sa + 1)}));
  CHECK(r.count(Counter::in_discard) == 2);
  CHECK(delivers({rule(spd::Action::discard, "10.1.0.0/16", of_sa - 1)}));
  CHECK(delivers({rule(spd::Action::discard, "10.1.9.0/24", of_sa + 1)}));
  for (const spd::Action before : {spd::Action::bypass, spd::Action::protect}) {
    CHECK(delivers(
        {rule(before, "10.1.0.0/16", of_sa + 2), rule(spd::Action::discard, "10.1.0.0/16", of_sa + 1)}));
    CHECK_FALSE(delivers(
        {rule(before, "10.1.0.0/16", of_sa + 1), rule(spd::Action::discard, "10.1.0.0/16", of_sa + 2)}));
  }
  CHECK(delivers({}));
  CHECK(r.count(Counter::in_discard) == 4);
  CHECK(r.count(Counter::in_packets) == number - 4);
}

TEST_CASE("an SA past its hard lifetime delivers nothing, within one batch too") {
  Receiver r;
  support::SaShape shape;
  shape.lifetime_packets = 2;
  REQUIRE(r.receive_by(shape, r.provider));
  for (std::uint32_t n = 1; n <= 4; ++n) r.give(good(n));
  r.run();
  CHECK(r.delivered.size() == 2);
  CHECK(r.count(Counter::in_expired) == 2);
  r.take(good(9));
  CHECK(r.count(Counter::in_expired) == 3);
}

TEST_CASE("a train is taken apart segment by segment") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  support::SaShape second;
  second.spi = 0x2222;
  second.child = 2;
  REQUIRE(r.receive_by(second, r.provider));
  base::Bytes message(good(1).size(), 7);
  base::store_be32(message.data(), 0);
  auto bad = good(2);
  bad.back() ^= 1;
  r.give(support::train_of(r.pool, {good(1), message, good(1, second), bad, good(3), base::Bytes{0xff}}));
  r.run();
  REQUIRE(r.delivered.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(base::equal(r.delivered[i].bytes(), packet()));
  REQUIRE(r.ike.size() == 1);
  CHECK(base::equal(r.ike[0].bytes(), message));
  CHECK(r.count(Counter::in_integrity) == 1);
  CHECK(r.count(Counter::in_keepalive) == 1);
}

TEST_CASE("packets of several SAs are delivered in the order they came") {
  Receiver r;
  for (std::uint32_t i = 0; i < 4; ++i) {
    support::SaShape shape;
    shape.spi = 0x3000 + i;
    shape.child = i + 1;
    REQUIRE(r.receive_by(shape, r.provider));
  }
  for (std::uint32_t i = 0; i < 64; ++i) {
    support::SaShape shape;
    shape.spi = 0x3000 + (i * 7) % 4;
    r.give(esp_packet(shape, i + 1, text_of(packet(i), 4)));
  }
  r.run();
  REQUIRE(r.delivered.size() == 64);
  for (std::uint32_t i = 0; i < 64; ++i) CHECK(r.delivered[i].length == 28 + i);
}

TEST_CASE("segments without room are dropped and counted") {
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  std::vector<base::Bytes> segments;
  for (std::uint32_t n = 1; n <= 70; ++n) segments.push_back(good(n));
  r.give(support::train_of(r.pool, segments));
  r.run();
  CHECK(r.delivered.size() == 64);
  CHECK(r.count(Counter::in_packets) == 64);
  CHECK(r.count(Counter::in_no_room) == 6);
}

TEST_CASE("all buffers are back in the pool after the batches are cleared") {
  base::PacketPool pool(2);
  Receiver r;
  REQUIRE(r.receive_by({}, r.provider));
  for (std::uint32_t n = 1; n <= 20; n += 2) {
    r.give(support::train_of(pool, {good(n), good(n + 1)}));
    r.run();
    CHECK(r.delivered.size() == 2);
  }
}

TEST_CASE("packets of another lane's SAs are handed over, whole and one by one, and nothing else is") {
  Receiver r;
  support::SaShape shape;  // whose SPI decides
  shape.spi = 0x1004;
  REQUIRE(r.receive_by(shape, r.provider));
  std::vector<std::pair<std::uint32_t, base::Bytes>> handed;
  r.in.set_lane(0, 4, [&](std::uint32_t lane, Arrival arrival, base::Frame& packet) {
    CHECK(arrival == Arrival::raw);
    CHECK(packet.remote.port == 4500);
    handed.emplace_back(lane, base::to_bytes(packet.bytes()));
    return lane != 3;
  });
  support::SaShape other = shape, full = shape;
  other.spi = 0x1006;
  full.spi = 0x1007;
  const base::Bytes mine = good(1, shape);
  const base::Bytes theirs = good(1, other);
  const base::Bytes refused = good(1, full);
  r.give(support::train_of(r.pool, {mine, theirs, refused}));
  r.run();
  CHECK(r.delivered.size() == 1);
  REQUIRE(handed.size() == 2);
  CHECK(handed[0] == std::pair(2u, theirs));
  CHECK(handed[1] == std::pair(3u, refused));
  CHECK(r.count(Counter::in_no_room) == 1);
  CHECK(r.count(Counter::in_no_sa) == 0);
}
