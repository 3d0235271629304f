#include "ikev2/exchange/nat_detection.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/fake_provider.h"
#include "tests/support/fixed_rng.h"

using namespace ikev2;

namespace {

class NoSpis : public SpiSource {
 public:
  base::Spi draw() override { return base::Spi(256); }
  void release(base::Spi) override {}
};

// One SA, and what its peer says about the addresses.
struct World {
  test::FakeProvider provider;
  test::FixedRng rng;
  NoSpis spis;
  Core core{EngineConfig{}, provider, rng, spis};
  IkeSa sa;
  Actions out;
  Context context{core, sa, base::Instant{}, out};

  World() {
    auto config = std::make_shared<PeerConfig>();
    sa.peer = config;
    sa.spi_i = base::IkeSpi(1);
    sa.spi_r = base::IkeSpi(2);
    sa.local = {*base::IpAddress::parse("192.0.2.1"), 500};
    sa.remote = {*base::IpAddress::parse("192.0.2.2"), 500};
  }
  // What the peer would send if it saw the same endpoints as we do.
  std::vector<Payload> seen_by_peer() {
    std::swap(sa.local, sa.remote);
    std::vector<Payload> payloads;
    add_nat_detection(context, payloads);
    std::swap(sa.local, sa.remote);
    return payloads;
  }
  void detect(std::vector<Payload> payloads) {
    Message message;
    message.header.spi_i = sa.spi_i;
    message.header.spi_r = sa.spi_r;
    message.payloads = std::move(payloads);
    detect_nat(context, message);
  }
};

NotifyPayload source(base::Bytes data) {
  return {NotifyType::nat_detection_source_ip, ProtocolId::none, {}, std::move(data)};
}

}  // namespace

TEST_CASE("Hashes that fit say that there is no NAT (RFC 7296 2.23)") {
  World world;
  world.detect(world.seen_by_peer());
  CHECK_FALSE(world.sa.local_behind_nat);
  CHECK_FALSE(world.sa.remote_behind_nat);
}

TEST_CASE("A source hash that does not fit says that the peer is behind a NAT, a destination hash that we are") {
  World world;
  auto payloads = world.seen_by_peer();
  world.sa.remote.port = 40000;
  world.detect(payloads);
  CHECK(world.sa.remote_behind_nat);
  CHECK_FALSE(world.sa.local_behind_nat);
  world.sa.remote.port = 500;
  world.sa.local.port = 501;
  world.detect(payloads);
  CHECK_FALSE(world.sa.remote_behind_nat);
  CHECK(world.sa.local_behind_nat);
}

TEST_CASE("B135: NAT detection of another length than 20 octets is ignored, none at all says nothing") {
  World world;
  for (const std::size_t size : {0, 19, 21, 64}) {
    world.detect({source(base::Bytes(size, 1))});
    CHECK_FALSE(world.sa.remote_behind_nat);
  }
  world.detect({});
  CHECK_FALSE(world.sa.remote_behind_nat);
  world.detect({source(base::Bytes(20, 1))});
  CHECK(world.sa.remote_behind_nat);
}

TEST_CASE("B135: of several source hashes any that fits says that there is no NAT") {
  World world;
  auto payloads = world.seen_by_peer();
  payloads.insert(payloads.begin(), source(base::Bytes(20, 1)));
  payloads.insert(payloads.begin(), source(base::Bytes(7, 1)));
  world.detect(payloads);
  CHECK_FALSE(world.sa.remote_behind_nat);
}
