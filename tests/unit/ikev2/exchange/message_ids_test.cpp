// Numbers that come to their end: message ids (RFC 7296 2.2), and SPIs that are drawn.

#include <catch2/catch_test_macros.hpp>

#include "ikev2/exchange/send.h"
#include "tests/unit/ikev2/exchange/one_sa.h"

using namespace test;

namespace {

struct Standing : OneSa {
  Standing() { sa.lifecycle = Lifecycle::established; }
  // What is due once our request with that id is answered.
  std::optional<DeadlineKind> after(std::uint32_t id) {
    sa.ours.next_id = base::MessageId(id);
    request_answered(context);
    const auto due = core.deadlines.pop(context.now);
    return due ? std::optional(due->kind) : std::nullopt;
  }
};

}  // namespace

TEST_CASE("an IKE SA whose message ids come near to 2^32 is renewed once, and ends before they are used up") {
  Standing world;
  CHECK_FALSE(world.after(0));
  CHECK_FALSE(world.after(0xfffefffe));
  CHECK(world.after(0xfffeffff) == DeadlineKind::rekey);
  CHECK_FALSE(world.after(0xffff0000));
  CHECK_FALSE(message_ids_end(world.sa));
  CHECK(world.after(0xffffffef) == DeadlineKind::expiry);
  CHECK(message_ids_end(world.sa));
  world.sa.ours.next_id = base::MessageId(5);
  CHECK_FALSE(message_ids_end(world.sa));
  world.sa.theirs.expected = base::MessageId(0xfffffff0);
  CHECK(message_ids_end(world.sa));
}

TEST_CASE("B072: an SPI of an IKE SA that is drawn is never zero and never that of one that stands") {
  OneSa world;
  auto standing = std::make_unique<IkeSa>();
  standing->initiator = true;
  standing->spi_i = base::IkeSpi(0x1122334455667788);
  const std::uint64_t first = world.core.sas.add(std::move(standing)).id;
  base::Bytes zero(8), taken(8);
  base::store_be64(taken.data(), 0x1122334455667788);
  world.rng.put(zero);
  world.rng.put(taken);
  std::reverse(taken.begin(), taken.end());  // whichever way round the generator fills
  world.rng.put(taken);
  for (int i = 0; i < 3; ++i) {
    const base::IkeSpi spi = draw_ike_spi(world.core);
    CHECK(spi.value != 0);
    CHECK(spi.value != 0x1122334455667788);
  }
  // Ids of SAs and children are 64 bits wide, count up, and are not given again.
  world.core.sas.remove(first);
  auto another = std::make_unique<IkeSa>();
  another->initiator = true;
  another->spi_i = base::IkeSpi(9);
  CHECK(world.core.sas.add(std::move(another)).id > first);
}
