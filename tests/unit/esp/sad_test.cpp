#include "esp/sad.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

constexpr auto kEsp = crypto::IpsecProtocol::esp;
const base::IpAddress kUs = support::ip("192.0.2.2"), kUs6 = support::ip("2001:db8:f::2");

std::shared_ptr<esp::InboundSa> inbound(std::uint32_t spi, std::uint64_t child = 1, bool v6 = false) {
  support::SaShape shape;
  shape.spi = spi;
  shape.child = child;
  shape.outer_v6 = v6;
  return esp::InboundSa::make(support::params_of(shape, true), support::PlainProvider{}).value();
}

std::shared_ptr<const esp::Bundle> bundle(std::uint64_t id) {
  return std::make_shared<const esp::Bundle>(esp::Bundle{base::ChildId(id), {}});
}

}  // namespace

TEST_CASE("an inbound SA is found by protocol, destination and SPI together") {
  esp::Sad sad;
  CHECK(sad.find(kEsp, kUs, base::Spi(0x1000)) == nullptr);
  const auto four = inbound(0x1000), six = inbound(0x1000, 2, true);
  CHECK(sad.add(four));
  CHECK(sad.add(six));
  CHECK(sad.find(kEsp, kUs, base::Spi(0x1000)) == four.get());
  CHECK(sad.find(kEsp, kUs6, base::Spi(0x1000)) == six.get());
  CHECK(sad.find(kEsp, kUs, base::Spi(0x1001)) == nullptr);
  CHECK(sad.find(crypto::IpsecProtocol::ah, kUs, base::Spi(0x1000)) == nullptr);
  CHECK(sad.find(kEsp, support::ip("192.0.2.3"), base::Spi(0x1000)) == nullptr);
}

TEST_CASE("an SA that is there already is not replaced") {
  esp::Sad sad;
  const auto first = inbound(0x1000, 1);
  CHECK(sad.add(first));
  CHECK_FALSE(sad.add(inbound(0x1000, 2)));
  CHECK(sad.find(kEsp, kUs, base::Spi(0x1000)) == first.get());
  CHECK(sad.inbound().size() == 1);
}

TEST_CASE("many SAs of one shard are all found, also after half of them are gone") {
  esp::Sad sad;
  constexpr std::uint32_t kCount = 2'000;
  for (std::uint32_t i = 0; i < kCount; ++i) REQUIRE(sad.add(inbound(0x10000 + i * 4, i)));
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const auto* sa = sad.find(kEsp, kUs, base::Spi(0x10000 + i * 4));
    REQUIRE(sa != nullptr);
    REQUIRE(sa->params.child.value == i);
  }
  for (std::uint32_t i = 0; i < kCount; i += 2) sad.remove(base::ChildId(i));
  for (std::uint32_t i = 0; i < kCount; ++i) {
    REQUIRE((sad.find(kEsp, kUs, base::Spi(0x10000 + i * 4)) != nullptr) == (i % 2 == 1));
  }
  CHECK(sad.inbound().size() == kCount / 2);
}

TEST_CASE("a child is removed with its inbound SAs and its bundle, and nothing else goes") {
  esp::Sad sad;
  REQUIRE(sad.add(inbound(0x1000, 1)));
  REQUIRE(sad.add(inbound(0x1001, 1)));
  REQUIRE(sad.add(inbound(0x1002, 2)));
  sad.add(bundle(1));
  sad.add(bundle(2));
  sad.remove(base::ChildId(1));
  CHECK(sad.inbound().size() == 1);
  CHECK(sad.find(base::ChildId(1)) == nullptr);
  CHECK(sad.find(base::ChildId(2)) != nullptr);
  CHECK(sad.find(kEsp, kUs, base::Spi(0x1002)) != nullptr);
}

TEST_CASE("bundles are found whatever the order they came in, and replaced by their like") {
  esp::Sad sad;
  for (const std::uint64_t id : {5u, 1u, 9u, 3u}) sad.add(bundle(id));
  for (const std::uint64_t id : {1u, 3u, 5u, 9u}) CHECK(sad.find(base::ChildId(id))->id.value == id);
  CHECK(sad.find(base::ChildId(4)) == nullptr);
  const auto again = bundle(5);
  sad.add(again);
  CHECK(sad.find(base::ChildId(5)) == again.get());
  CHECK(sad.bundles().size() == 4);
}
