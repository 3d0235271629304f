#include "apps/daemon/capture.h"

#include <catch2/catch_test_macros.hpp>

#include "apps/daemon/pcapng.h"
#include "tests/support/esp_pair.h"

namespace {

using daemon_app::Capture;
using daemon_app::CaptureFilter;
using daemon_app::CaptureOptions;
using daemon_app::CapturePoint;
using daemon_app::OuterForm;
using support::ip;

std::uint32_t le32(base::ByteSpan octets, std::size_t at) {
  return octets[at] | octets[at + 1] << 8 | octets[at + 2] << 16 | std::uint32_t{octets[at + 3]} << 24;
}

// The packets of a file, after a look at the form of all its blocks.
std::vector<base::Bytes> packets_of(base::ByteSpan file, std::vector<std::uint32_t>* kinds = nullptr) {
  std::vector<base::Bytes> out;
  for (std::size_t at = 0; at < file.size();) {
    REQUIRE(at + 12 <= file.size());
    const std::uint32_t kind = le32(file, at), length = le32(file, at + 4);
    REQUIRE(length % 4 == 0);
    REQUIRE(length >= 12);
    REQUIRE(at + length <= file.size());
    CHECK(le32(file, at + length - 4) == length);
    if (kinds != nullptr) kinds->push_back(kind);
    if (kind == 6) out.push_back(base::to_bytes(file.subspan(at + 28, le32(file, at + 20))));
    at += length;
  }
  return out;
}

base::Bytes esp_packet(std::uint32_t spi, std::size_t size = 40) {
  base::Bytes out(size);
  base::store_be32(out.data(), spi);
  return out;
}

struct World {
  boost::asio::io_context io;
  base::PacketPool pool{16};
  base::PacketBatch batch;
  CaptureFilter filter;
  std::vector<std::shared_ptr<CapturePoint>> attached;
  base::Bytes file;
  bool blocked = false;
  Capture::Run run = 0;
  std::vector<std::function<void()>> waiting;
  Capture capture{io,
                  {[this](const CaptureOptions& options) {
                     CaptureFilter made = filter;
                     made.plain = options.plain;
                     made.everything = !options.profile;
                     return made;
                   },
                   [this](const auto& points) { attached = points; },
                   [](const auto& points, const auto& wanted) {
                     for (std::size_t i = 0; i + 1 < points.size(); ++i) points[i]->set_filter(wanted);
                   },
                   1}};

  void start(const CaptureOptions& options) {
    run = capture.start(options, {[this](base::ByteSpan octets) { base::append(file, octets); },
                                  [this](std::function<void()> next) {
                                    if (blocked) {
                                      waiting.push_back(std::move(next));
                                    } else {
                                      next();
                                    }
                                  }});
  }
  void give(base::ByteSpan octets) {
    base::Frame frame = support::frame_of(pool, octets);
    frame.local = {ip("192.0.2.1"), 4500};
    frame.remote = {ip("192.0.2.2"), 4500};
    batch.push(std::move(frame));
  }
  CapturePoint& point() { return *attached.at(0); }
  Capture::Totals finish() {
    std::optional<Capture::Totals> totals;
    capture.finish(run, [&](const Capture::Totals& t) { totals = t; });
    CHECK(attached == std::vector<std::shared_ptr<CapturePoint>>(1));
    while (!totals) REQUIRE(io.run_one_for(std::chrono::seconds(5)) == 1);
    CHECK_FALSE(capture.running());
    return *totals;
  }
};

}  // namespace

TEST_CASE("outer packets get the headers back that the kernel keeps, and IKE its own") {
  World world;
  world.start({});
  world.give(esp_packet(0x1111));
  world.point().record_outer(world.batch, OuterForm::udp_payload, false, base::Instant{});
  world.point().record_outer(world.batch, OuterForm::esp_payload, true,
                             base::Instant{} + std::chrono::seconds(1));
  const base::Bytes message(28, 7);
  world.capture.record_ike({ip("2001:db8::1"), 4500}, {ip("2001:db8::2"), 4500}, true, message, true);
  const auto totals = world.finish();
  CHECK(totals.packets == 3);
  CHECK(totals.lost == 0);
  std::vector<std::uint32_t> kinds;
  const auto packets = packets_of(world.file, &kinds);
  CHECK(kinds == std::vector<std::uint32_t>{0x0a0d0d0a, 1, 6, 6, 6, 5});
  REQUIRE(packets.size() == 3);
  REQUIRE(packets[0].size() == 20 + 8 + 40);
  CHECK(packets[0][9] == 17);
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(packets[0]).subspan(12, 4)) == ip("192.0.2.1"));
  CHECK(base::load_be16(&packets[0][20]) == 4500);
  CHECK(base::load_be32(&packets[0][28]) == 0x1111);
  REQUIRE(packets[1].size() == 20 + 40);
  CHECK(packets[1][9] == 50);
  CHECK(base::IpAddress::from_bytes(base::ByteSpan(packets[1]).subspan(12, 4)) == ip("192.0.2.2"));
  REQUIRE(packets[2].size() == 40 + 8 + 4 + 28);
  CHECK(base::load_be32(&packets[2][48]) == 0);
  CHECK(packets[2].back() == 7);
}

TEST_CASE("inner packets are taken as they are, and outer ones then not, nor the reverse") {
  for (const bool plain : {false, true}) {
    World world;
    CaptureOptions options;
    options.plain = plain;
    world.start(options);
    const base::Bytes packet = support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 30);
    world.give(packet);
    world.point().record_inner(world.batch, false, base::Instant{});
    world.point().record_outer(world.batch, OuterForm::packet, false, base::Instant{});
    world.finish();
    CHECK(packets_of(world.file) == std::vector<base::Bytes>{packet});
  }
}

TEST_CASE("of one profile only what its SAs, selectors and peers name is taken, and what they become") {
  World world;
  world.filter.spis_in = {base::Spi(0x1111)};
  world.filter.spis_out = {base::Spi(0x2222)};
  CaptureOptions options;
  options.profile = "pr1";
  world.start(options);
  for (const std::uint32_t spi : {0x1111u, 0x2222u, 0x3333u}) world.give(esp_packet(spi));
  world.point().record_outer(world.batch, OuterForm::esp_payload, true, base::Instant{});
  world.point().record_outer(world.batch, OuterForm::udp_payload, false, base::Instant{});
  world.capture.record_ike({ip("192.0.2.1"), 500}, {ip("192.0.2.2"), 500}, false, base::Bytes(28), true);
  world.filter.peers = {ip("192.0.2.2")};
  world.filter.spis_in = {base::Spi(0x3333)};
  world.capture.refresh();
  REQUIRE(world.io.run_one_for(std::chrono::seconds(5)) == 1);
  CHECK(packets_of(world.file).size() == 2);
  world.point().record_outer(world.batch, OuterForm::esp_payload, true, base::Instant{});
  world.capture.record_ike({ip("192.0.2.1"), 500}, {ip("192.0.2.2"), 500}, false, base::Bytes(28), true);
  CHECK(world.finish().packets == 4);
}

TEST_CASE("inner packets of one profile are known by its selectors, from our side in both directions") {
  World world;
  world.filter.selectors = {{{spd::TrafficSelector::parse("10.1.0.0/16").value()},
                             {spd::TrafficSelector::parse("10.2.0.0/16").value()}}};
  CaptureOptions options;
  options.profile = "pr1";
  options.plain = true;
  world.start(options);
  world.give(support::udp_packet(ip("10.1.0.1"), ip("10.2.0.2"), 1, 2, 30));
  world.give(support::udp_packet(ip("10.2.0.2"), ip("10.1.0.1"), 1, 2, 30));
  world.give(support::udp_packet(ip("10.1.0.1"), ip("10.3.0.2"), 1, 2, 30));
  world.give(base::Bytes(3));
  world.point().record_inner(world.batch, false, base::Instant{});
  world.point().record_inner(world.batch, true, base::Instant{});
  CHECK(world.finish().packets == 2);
}

TEST_CASE("a slow reader costs packets, which are counted, and never holds up who records") {
  World world;
  world.blocked = true;
  world.start({});
  world.give(esp_packet(0x1111, 60000));
  constexpr std::uint64_t kGiven = 300;
  for (std::uint64_t i = 0; i < kGiven; ++i)
    world.point().record_outer(world.batch, OuterForm::esp_payload, false, base::Instant{});
  CHECK(world.point().lost() > 0);
  REQUIRE(world.io.run_one_for(std::chrono::seconds(5)) == 1);
  REQUIRE(world.waiting.size() == 1);
  const std::size_t written = world.file.size();
  CHECK(written < (1u << 20));
  CHECK(world.io.run_for(std::chrono::milliseconds(60)) == 0);
  CHECK(world.file.size() == written);
  world.io.restart();
  world.blocked = false;
  world.waiting.front()();
  const auto totals = world.finish();
  CHECK(totals.packets + totals.lost == kGiven);
  CHECK(packets_of(world.file).size() == totals.packets);
}

TEST_CASE("a capture whose reader has gone ends at once, and another may begin") {
  World world;
  world.start({});
  const Capture::Run first = world.run;
  world.capture.abort(first);
  CHECK_FALSE(world.capture.running());
  CHECK(world.attached.at(0) == nullptr);
  world.capture.refresh();
  world.start({});
  world.capture.abort(first);
  world.capture.finish(first, nullptr);
  CHECK(world.capture.running());
  CHECK(world.finish().packets == 0);
}

TEST_CASE("of several lanes each records what comes in for its own SPIs, once") {
  World world;
  world.start({});
  world.point().set_lane(1, 3);
  for (std::uint32_t spi = 0x100; spi < 0x108; ++spi) world.give(esp_packet(spi));
  world.point().record_outer(world.batch, OuterForm::udp_payload, true, base::Instant{});
  CHECK(world.finish().packets == 2);
}

TEST_CASE("markers and keepalives that data threads see are left to whoever takes them") {
  World world;
  world.start({});
  world.give(base::Bytes(40));    // an IKE message behind its marker
  world.give(base::Bytes{0xff});  // a keepalive
  world.point().record_outer(world.batch, OuterForm::udp_payload, true, base::Instant{});
  CHECK(world.finish().packets == 0);
}
