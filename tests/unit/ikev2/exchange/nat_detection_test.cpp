#include "ikev2/exchange/nat_detection.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/unit/ikev2/exchange/one_sa.h"

using namespace ikev2;

namespace {

struct World : test::OneSa {
  void detect(std::vector<Payload> payloads) { detect_nat(context, message_of(std::move(payloads))); }
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

TEST_CASE(
    "A source hash that does not fit says that the peer is behind a NAT, a destination hash that we are") {
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
