#include <stdexcept>

#include "crypto/prf.h"
#include "support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

std::unique_ptr<PrfFunction> prf(Prf id) {
  auto made = make_botan_provider()->prf(id);
  REQUIRE(made.has_value());
  return std::move(*made);
}

// Expected values: computed with Python's hmac and hashlib by the formula of RFC 7296 2.13,
//   t = hmac.new(key, t + seed + bytes([i]), hash).digest()   for i = 1, 2, …
// with key = bytes(range(20)) and seed = bytes(range(0x80, 0xa8)).
std::string expand(Prf id, std::size_t length) {
  return base::to_hex(prf_plus(*prf(id), counting(0, 20), counting(0x80, 40), length));
}

}  // namespace

TEST_CASE("prf+ chains its blocks with a counter, RFC 7296 2.13") {
  CHECK(
      expand(Prf::hmac_sha1, 100) ==
      "02b1a6af541f0370b60a516a9307da616269e01bd28bcaac884b629a60c99639c57044e206d11fb3b49941b862c2e259d1c9"
      "c8a65a074a5bdf94320da439768fea2775c88ad3c3fc771affabd3dd456539e043d742d329b4f7f792c7936a27ed885976e6");
  CHECK(
      expand(Prf::hmac_sha2_256, 100) ==
      "ffa39193e795e484b9cbea76407928166957d9571009e165af650eaf6c271c22d74b822fc83ab9d12b8b47654a00c9b133c2"
      "d413004423c949a6c441272c84b0407c15165893bd81e7edc3bcb8c644e3c1c0d043db69659c373a2ddc0cd24297c31bc9b4");
  CHECK(
      expand(Prf::hmac_sha2_512, 100) ==
      "3956082582dcb296d61e4fcb37ec1a4eaf1cf483a77b46b0157a09418e3106038aca52c32ca193256555d1d627cf53f01a60"
      "f4e31273466d5bb1a7ba8fbd7e16a32b717d8b39077540370bb3439cb11530b719880d12b4ecdca5230bf4ea5f4f0e387985");
}

TEST_CASE("a shorter prf+ is the beginning of a longer one") {
  const std::string whole = expand(Prf::hmac_sha2_256, 100);
  for (const std::size_t length : {0, 1, 31, 32, 33, 64, 99})
    CHECK(expand(Prf::hmac_sha2_256, length) == whole.substr(0, 2 * length));
}

TEST_CASE("prf+ reaches 255 blocks and refuses one octet more") {
  const auto f = prf(Prf::hmac_sha2_256);
  const auto longest = prf_plus(*f, counting(0, 20), counting(0x80, 40), 255 * 32);
  CHECK(sha1(longest) == "e61dd35942aa2097ba2886c0ddd87bb240a699e7");  // Python, as above
  CHECK_THROWS_AS(prf_plus(*f, counting(0, 20), counting(0x80, 40), 255 * 32 + 1), std::length_error);
}
