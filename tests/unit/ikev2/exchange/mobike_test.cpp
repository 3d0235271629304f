#include "ikev2/exchange/mobike.h"

#include <catch2/catch_test_macros.hpp>

#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/send.h"
#include "tests/unit/ikev2/exchange/one_sa.h"

using namespace ikev2;

namespace {

const base::Endpoint kElsewhere{*base::IpAddress::parse("198.51.100.9"), 4500};

// A responder's SA whose peer speaks MOBIKE; the latest request came from elsewhere.
struct World : test::OneSa {
  World() {
    sa.lifecycle = Lifecycle::established;
    sa.mobility.supported = true;
    sa.theirs.path = {sa.local, kElsewhere, true};
  }
  std::vector<Payload> answer_to(std::vector<Payload> request) {
    std::vector<Payload> answer;
    answer_mobility(context, message_of(std::move(request)), answer);
    return answer;
  }
  const NotifyPayload* only_notify(const std::vector<Payload>& payloads) const {
    return payloads.size() == 1 ? std::get_if<NotifyPayload>(&payloads[0]) : nullptr;
  }
};

std::vector<Payload> update() { return {make_notify(NotifyType::update_sa_addresses)}; }
std::vector<Payload> cookie2(std::size_t size) {
  return {make_notify(NotifyType::cookie2, base::Bytes(size, 7))};
}

}  // namespace

TEST_CASE("UPDATE_SA_ADDRESSES moves the IKE SA to where it came from, and asks for a check (RFC 4555 3.5)") {
  World world;
  CHECK(world.answer_to(update()).empty());
  CHECK(world.sa.remote == kElsewhere);
  CHECK(world.sa.mobility.check_pending);
}

TEST_CASE("B137: UPDATE_SA_ADDRESSES of the original responder is refused with UNACCEPTABLE_ADDRESSES") {
  World world;
  world.sa.mobility.we_choose = true;
  const auto before = world.sa.remote;
  const auto answer = world.answer_to(update());
  REQUIRE(world.only_notify(answer) != nullptr);
  CHECK(world.only_notify(answer)->type == NotifyType::unacceptable_addresses);
  CHECK(world.sa.remote == before);
  CHECK(world.core.counters.get(IkeCounter::move_refused) == 1);
}

TEST_CASE("B137: without MOBIKE UPDATE_SA_ADDRESSES is ignored") {
  World world;
  world.sa.mobility.supported = false;
  const auto before = world.sa.remote;
  CHECK(world.answer_to(update()).empty());
  CHECK(world.sa.remote == before);
}

TEST_CASE("B137: COOKIE2 of 8 to 64 octets is repeated, of any other length ignored (RFC 4555 4.2.5)") {
  World world;
  for (const std::size_t size : {0, 7, 65, 1000}) CHECK(world.answer_to(cookie2(size)).empty());
  for (const std::size_t size : {8, 64}) {
    const auto answer = world.answer_to(cookie2(size));
    REQUIRE(world.only_notify(answer) != nullptr);
    CHECK(world.only_notify(answer)->data == base::Bytes(size, 7));
  }
}

TEST_CASE("B137: an answer with another COOKIE2, or none, closes the SA (RFC 4555 3.7)") {
  for (const bool other : {true, false}) {
    World world;
    CheckingPath state{base::Bytes(16, 1)};
    auto message = world.message_of(other ? cookie2(16) : std::vector<Payload>{});
    const auto next = on_path_answer(state, message, world.context);
    REQUIRE(next.has_value());
    CHECK(std::holds_alternative<Closed>(next->value));
  }
  World world;
  CheckingPath state{base::Bytes(16, 7)};
  auto message = world.message_of(cookie2(16));
  CHECK(std::holds_alternative<Idle>(on_path_answer(state, message, world.context)->value));
}

TEST_CASE("NO_NATS_ALLOWED that fits the packet passes, any other is refused (RFC 4555 3.9)") {
  World world;
  base::Bytes fits = kElsewhere.address.bytes();
  base::append(fits, world.sa.local.address.bytes());
  for (const int octet : {4500 >> 8, 4500 & 255, 500 >> 8, 500 & 255})
    fits.push_back(static_cast<std::uint8_t>(octet));
  const auto with = [&](base::Bytes data) {
    return prohibited_nat(world.context, world.message_of({make_notify(NotifyType::no_nats_allowed, data)}));
  };
  CHECK_FALSE(with(fits).has_value());
  CHECK_FALSE(prohibited_nat(world.context, world.message_of({})).has_value());
  fits.back() ^= 1;
  CHECK(with(fits)->type == NotifyType::unexpected_nat_detected);
  CHECK(with({}).has_value());
}

TEST_CASE("additional addresses replace the set before; wrong lengths are ignored (RFC 4555 3.6)") {
  World world;
  const auto four = [](base::Bytes data) {
    return make_notify(NotifyType::additional_ip4_address, std::move(data));
  };
  (void)world.answer_to({four({192, 0, 2, 8}), four({192, 0, 2, 9}), four({1, 2, 3})});
  CHECK(world.sa.mobility.peer_addresses.size() == 2);
  (void)world.answer_to({four({192, 0, 2, 7})});
  CHECK(world.sa.mobility.peer_addresses.size() == 1);
  (void)world.answer_to({});
  CHECK(world.sa.mobility.peer_addresses.size() == 1);
  (void)world.answer_to({make_notify(NotifyType::no_additional_addresses)});
  CHECK(world.sa.mobility.peer_addresses.empty());
}

TEST_CASE("our additional addresses leave out the one in use and what the tunnel protects") {
  World world;
  world.core.addresses = {world.sa.local.address, *base::IpAddress::parse("10.1.0.1"), kElsewhere.address};
  ChildConfig child;
  child.local_ts = {*spd::TrafficSelector::parse("10.1.0.0/16")};
  world.config->children = {child};
  std::vector<Payload> payloads;
  add_mobility(world.context, payloads);
  REQUIRE(payloads.size() == 2);
  CHECK(std::get<NotifyPayload>(payloads[0]).type == NotifyType::mobike_supported);
  CHECK(std::get<NotifyPayload>(payloads[1]).data == kElsewhere.address.bytes());
}
