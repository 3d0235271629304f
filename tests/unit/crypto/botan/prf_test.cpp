#include "crypto/prf.h"

#include "../support.h"

using namespace crypto;
using namespace crypto_test;

namespace {

std::string prf(Prf id, base::ByteSpan key, base::ByteSpan data) {
  auto made = make_botan_provider()->prf(id);
  REQUIRE(made.has_value());
  return base::to_hex((*made)->compute(key, {data}));
}

const base::Bytes kJefe = base::to_bytes(base::as_bytes("Jefe"));
const base::Bytes kWhat = base::to_bytes(base::as_bytes("what do ya want for nothing?"));
const base::Bytes kHiThere = base::to_bytes(base::as_bytes("Hi There"));
const base::Bytes kLarge =
    base::to_bytes(base::as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"));

}  // namespace

TEST_CASE("HMAC-MD5 and HMAC-SHA1 compute the values of RFC 2202") {
  CHECK(prf(Prf::hmac_md5, base::Bytes(16, 0x0b), kHiThere) == "9294727a3638bb1c13f48ef8158bfc9d");
  CHECK(prf(Prf::hmac_md5, kJefe, kWhat) == "750c783e6ab0b503eaa86e310a5db738");
  CHECK(prf(Prf::hmac_sha1, base::Bytes(20, 0x0b), kHiThere) == "b617318655057264e28bc0b6fb378c8ef146be00");
  CHECK(prf(Prf::hmac_sha1, kJefe, kWhat) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(prf(Prf::hmac_sha1, base::Bytes(80, 0xaa), kLarge) == "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST_CASE("HMAC-SHA2 computes the values of RFC 4231, test cases 1, 2 and 6") {
  const base::Bytes key1(20, 0x0b), key6(131, 0xaa);
  CHECK(prf(Prf::hmac_sha2_256, key1, kHiThere) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(prf(Prf::hmac_sha2_256, kJefe, kWhat) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(prf(Prf::hmac_sha2_256, key6, kLarge) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(prf(Prf::hmac_sha2_384, key1, kHiThere) ==
        "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
  CHECK(prf(Prf::hmac_sha2_384, kJefe, kWhat) ==
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
  CHECK(prf(Prf::hmac_sha2_384, key6, kLarge) ==
        "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
  CHECK(prf(Prf::hmac_sha2_512, key1, kHiThere) ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4"
        "be9d914eeb61f1702e696c203a126854");
  CHECK(prf(Prf::hmac_sha2_512, kJefe, kWhat) ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
        "caeab1a34d4a6b4b636e070a38bce737");
  CHECK(prf(Prf::hmac_sha2_512, key6, kLarge) ==
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e52"
        "95e64f73f63f0aec8b915a985d786598");
}

TEST_CASE("HMAC takes keys of any length, also none and more than the library's limit") {
  // Python: hmac.new(b"\x5a" * 5000, b"what do ya want for nothing?", …)
  const base::Bytes key(5000, 0x5a);
  CHECK(prf(Prf::hmac_sha2_256, key, kWhat) ==
        "8510d36f3faf893c34d73e5ce94d0bc7e15d28a41b4a597a69b6f8e27263e8cc");
  CHECK(prf(Prf::hmac_sha2_384, key, kWhat) ==
        "4013856ef8cc9e5964c026424a425b4c5194df05060b960dfbda4e9db53eafc61656818d14cc204b420743192c9443c5");
  CHECK(prf(Prf::hmac_sha2_512, key, kWhat) ==
        "200a318e2679464ac04ffd26803f5304b97aed6d01648528c2123f247ec271c696135b54c9374da8c3ec72e38736f953"
        "7cc14e21a28d4a53624f975091f52677");
  // Python: hmac.new(b"", b"", "sha256")
  CHECK(prf(Prf::hmac_sha2_256, {}, {}) ==
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("AES-CMAC-PRF-128 computes the values of RFC 4615 4, for keys of 18, 16 and 10 octets") {
  const auto message = counting(0, 20);
  CHECK(prf(Prf::aes128_cmac, hex("000102030405060708090a0b0c0d0e0fedcb"), message) ==
        "84a348a4a45d235babfffc0d2b4da09a");
  CHECK(prf(Prf::aes128_cmac, counting(0, 16), message) == "980ae87b5f4c9c5214f5b6a8455e4c2d");
  CHECK(prf(Prf::aes128_cmac, counting(0, 10), message) == "290d9e112edb09ee141fcf64c0b72f3d");
}

TEST_CASE("AES-XCBC-PRF-128 computes the values of RFC 3566 4.6 and RFC 4434 4") {
  const auto key = counting(0, 16);
  CHECK(prf(Prf::aes128_xcbc, key, {}) == "75f0251d528ac01c4573dfd584d79f29");
  CHECK(prf(Prf::aes128_xcbc, key, counting(0, 3)) == "5b376580ae2f19afe7219ceef172756f");
  CHECK(prf(Prf::aes128_xcbc, key, counting(0, 16)) == "d2a246fa349b68a79998a4394ff7a263");
  CHECK(prf(Prf::aes128_xcbc, key, counting(0, 20)) == "47f51b4564966215b8985c63055ed308");
  CHECK(prf(Prf::aes128_xcbc, key, counting(0, 32)) == "f54f0ec8d2b9f3d36807734bd5283fd4");
  CHECK(prf(Prf::aes128_xcbc, key, counting(0, 34)) == "becbb3bccdb518a30677d5481fb6b4d8");
  CHECK(prf(Prf::aes128_xcbc, key, base::Bytes(1000)) == "f0dafee895db30253761103b5d84528f");
  CHECK(prf(Prf::aes128_xcbc, counting(0, 10), counting(0, 20)) == "0fa087af7d866e7653434e602fdde835");
  CHECK(prf(Prf::aes128_xcbc, hex("000102030405060708090a0b0c0d0e0fedcb"), counting(0, 20)) ==
        "8cd3c93ae598a9803006ffb67c40e9e4");
}

TEST_CASE("the parts of the data of a PRF are simply joined, and a PRF keeps nothing between calls") {
  for (const auto& info : all_prf()) {
    if (info.id == Prf::none) continue;
    INFO(info.name);
    const auto provider = make_botan_provider();
    const auto made = provider->prf(info.id);
    REQUIRE(made.has_value());
    const PrfFunction& f = **made;
    CHECK(f.output_size() == info.output);
    CHECK(f.preferred_key() == info.preferred_key);
    const auto key = counting(7, 20), data = counting(0, 50);
    const base::ByteSpan all(data);
    const auto once = f.compute(key, {all});
    CHECK(once.size() == info.output);
    CHECK(base::equal(once, f.compute(key, {all.first(1), {}, all.subspan(1, 31), all.subspan(32)})));
    CHECK_FALSE(base::equal(once, f.compute(counting(8, 20), {all})));
  }
}

TEST_CASE("a PRF that does not exist is refused as a local matter") {
  const auto provider = make_botan_provider();
  for (const Prf id : {Prf::none, Prf{3}, Prf{60000}}) {
    const auto made = provider->prf(id);
    REQUIRE(made.has_error());
    CHECK(made.error().family == base::ErrorFamily::local);
  }
}

TEST_CASE("SHA-1 joins its parts and computes the value of FIPS 180-4 for abc") {
  const auto provider = make_botan_provider();
  CHECK(provider->name() == "botan");
  const auto abc = provider->sha1({base::as_bytes("a"), {}, base::as_bytes("bc")});
  CHECK(base::to_hex(abc) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(base::to_hex(provider->sha1({})) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}
