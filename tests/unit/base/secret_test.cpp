#include "base/secret.h"

#include <catch2/catch_test_macros.hpp>
#include <utility>

using namespace base;

TEST_CASE("wiping leaves nothing but zeros") {
  Bytes octets{1, 2, 3};
  wipe(octets);
  CHECK(octets == Bytes{0, 0, 0});
  wipe({});  // nothing to do, and nothing to fall over
}

TEST_CASE("the comparison in constant time sees every octet and the length") {
  const Bytes secret{1, 2, 3, 4};
  CHECK(constant_time_equal(secret, Bytes{1, 2, 3, 4}));
  CHECK(constant_time_equal({}, {}));
  for (std::size_t i = 0; i < secret.size(); ++i) {
    Bytes other = secret;
    other[i] ^= 0x80;
    CHECK_FALSE(constant_time_equal(secret, other));
  }
  CHECK_FALSE(constant_time_equal(secret, ByteSpan(secret).first(3)));
}

TEST_CASE("a secret moves and leaves nothing behind; a copy must be asked for") {
  static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
  SecretBytes first{ByteSpan(Bytes{1, 2, 3})};
  const SecretBytes copy = first.clone();
  SecretBytes second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  CHECK(to_bytes(second) == Bytes{1, 2, 3});
  SecretBytes third(8);
  CHECK(to_bytes(third) == Bytes(8));
  third = std::move(second);
  CHECK(third.size() == 3);
  CHECK(to_bytes(copy) == to_bytes(third));
}
