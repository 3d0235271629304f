#include "crypto/botan/rng.h"

#include <algorithm>
#include <set>

#include "../support.h"

using namespace crypto_test;

TEST_CASE("two system generators, and two draws of one, never give the same octets") {
  const auto a = crypto::make_system_rng(), b = crypto::make_system_rng();
  std::set<base::Bytes> seen;
  for (int i = 0; i < 2000; ++i) {  // far over one internal buffer
    CHECK(seen.insert(a->bytes(16)).second);
    CHECK(seen.insert(b->bytes(16)).second);
  }
}

TEST_CASE("a draw of any size is filled to its last octet, and not beyond") {
  const auto rng = crypto::make_system_rng();
  for (const std::size_t size : {0u, 1u, 7u, 255u, 256u, 257u, 1023u, 1024u, 1025u, 5000u}) {
    INFO(size);
    base::Bytes buffer(size + 8, 0);
    // An octet stays zero in sixteen draws with a probability of 2^-128.
    base::Bytes any(size, 0);
    for (int draw = 0; draw < 16; ++draw) {
      rng->fill(base::MutableByteSpan(buffer).first(size));
      for (std::size_t i = 0; i < size; ++i) any[i] = static_cast<std::uint8_t>(any[i] | buffer[i]);
    }
    CHECK(std::ranges::count(any, 0) == 0);
    CHECK(std::all_of(buffer.end() - 8, buffer.end(), [](std::uint8_t octet) { return octet == 0; }));
  }
}
