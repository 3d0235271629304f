// Expected values were computed independently of this code, with hmac and hashlib of Python, from the
// formulas of RFC 7296 2.13, 2.14, 2.15 and 2.17.
#include <catch2/catch_test_macros.hpp>

#include "crypto/botan/provider.h"
#include "ikev2/auth/psk.h"
#include "ikev2/auth/signed_octets.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/keys/ike_keys.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex;

namespace {

base::Bytes counting(std::uint8_t from, std::size_t count) {
  base::Bytes octets(count);
  for (std::size_t i = 0; i < count; ++i) octets[i] = static_cast<std::uint8_t>(from + i);
  return octets;
}

const base::Bytes kSecret = counting(0, 32), kNi = counting(0xa0, 16), kNr = counting(0x50, 24);
const base::IkeSpi kSpiI{0xf40329997e6563dd}, kSpiR{0x984e52c554274bc6};

std::unique_ptr<crypto::PrfFunction> prf(crypto::Prf id) {
  return crypto::make_botan_provider()->prf(id).value();
}

std::string text(const base::SecretBytes& secret) { return base::to_hex(secret.span()); }

// Remembers the keys that it was called with.
class RecordingPrf : public crypto::PrfFunction {
 public:
  std::size_t output_size() const override { return 16; }
  std::size_t preferred_key() const override { return 16; }
  base::SecretBytes compute(base::ByteSpan key, std::initializer_list<base::ByteSpan>) const override {
    keys.push_back(base::to_bytes(key));
    return base::SecretBytes(16);
  }
  mutable std::vector<base::Bytes> keys;
};

}  // namespace

TEST_CASE("Keys of an IKE SA with AES-CBC-256 and HMAC-SHA1 (RFC 7296 2.14)") {
  const crypto::IkeSuite suite{
      {crypto::Encr::aes_cbc, 256, crypto::Integ::sha1_96}, crypto::Prf::hmac_sha1, crypto::Ke::modp_2048};
  const IkeKeys keys = derive_ike_keys(suite, *prf(suite.prf), kSecret, kNi, kNr, kSpiI, kSpiR);
  CHECK(text(keys.sk_d) == "b71d3eb4d12f8cf8ad82077f13f0652ef23ac8b6");
  CHECK(text(keys.sk_ai) == "e8875591db098e3b6ab7eab416e3d501ffbbac78");
  CHECK(text(keys.sk_ar) == "1201c3c305b1b22fbfbe8e3aac95c503a064e2de");
  CHECK(text(keys.sk_ei) == "5ce9287e4662a3d5f75ba05c6e172cf3831c7c2555c5731dd659d43b3ffe5739");
  CHECK(text(keys.sk_er) == "dba920953ca6f5aad742a7e114f5d9f27644c6d39e969b7808d1193458425ec6");
  CHECK(text(keys.sk_pi) == "a6fb8cdcef2fa0532f4b27ebbffad6ad421daefa");
  CHECK(text(keys.sk_pr) == "7c532230d9d517a6c329e47cc41a21a1d3ce76e6");
}

TEST_CASE("Keys of an IKE SA with AES-GCM-128 have a salt and no integrity keys (RFC 5282 7.1)") {
  const crypto::IkeSuite suite{{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none},
                               crypto::Prf::hmac_sha2_256,
                               crypto::Ke::curve25519};
  const IkeKeys keys = derive_ike_keys(suite, *prf(suite.prf), kSecret, kNi, kNr, kSpiI, kSpiR);
  CHECK(text(keys.sk_d) == "ed3dab87eac42b5518980be87469e0d7551bd960f0e7942bd753dffb36a8ef3a");
  CHECK(keys.sk_ai.empty());
  CHECK(keys.sk_ar.empty());
  CHECK(text(keys.sk_ei) == "1532e8017a41cf0f4dd4f5bca2113aaf9903ff73");
  CHECK(text(keys.sk_er) == "f0e3217a591a52bdd4832ceb35baa6455429361a");
  CHECK(text(keys.sk_pi) == "b00fa621610ac43717e5b0a29831e616cb6b42e2fd39c5a89c002c346bdbbdaa");
  CHECK(text(keys.sk_pr) == "03a6db978fed6e30445895fb087f8f07117f4c36f8db2be924db53ddcfb8e232");
}

TEST_CASE("With AES-XCBC and AES-CMAC only 64 bits of each nonce key SKEYSEED (RFC 7296 2.14)") {
  for (const auto id : {crypto::Prf::aes128_xcbc, crypto::Prf::aes128_cmac, crypto::Prf::hmac_md5}) {
    const RecordingPrf recorder;
    const crypto::IkeSuite suite{
        {crypto::Encr::aes_cbc, 128, crypto::Integ::sha1_96}, id, crypto::Ke::modp_2048};
    (void)derive_ike_keys(suite, recorder, kSecret, kNi, kNr, kSpiI, kSpiR);
    const base::Bytes whole = test::join({kNi, kNr}),
                      halves = test::join({counting(0xa0, 8), counting(0x50, 8)});
    CHECK(recorder.keys.at(0) == (id == crypto::Prf::hmac_md5 ? whole : halves));
  }
}

TEST_CASE(
    "Keys of the first child with AES-CBC-192 and HMAC-SHA1: encryption before integrity (RFC 7296 2.17)") {
  const crypto::ChildSuite suite{crypto::IpsecProtocol::esp,
                                 {crypto::Encr::aes_cbc, 192, crypto::Integ::sha1_96},
                                 crypto::Ke::none,
                                 true};
  const ChildKeys keys =
      derive_child_keys(suite, *prf(crypto::Prf::hmac_sha2_256), counting(0x20, 32), {}, kNi, kNr);
  CHECK(text(keys.initiator_to_responder.encr) == "86eef79671a0da8f240ba97db5e18577ab69abf6d2eed761");
  CHECK(text(keys.initiator_to_responder.integ) == "96ad75b836cbe79d22b326afc0e2ba1b26cd33ba");
  CHECK(text(keys.responder_to_initiator.encr) == "0fcb8ab422a3255a58f4ecd5c292d175d1e92acc93295127");
  CHECK(text(keys.responder_to_initiator.integ) == "8355a37c193994525f84b917bdce710af3496716");
}

TEST_CASE("Keys of a child with a key exchange of its own begin with its secret (RFC 7296 2.17)") {
  const crypto::ChildSuite suite{crypto::IpsecProtocol::esp,
                                 {crypto::Encr::chacha20_poly1305, 0, crypto::Integ::none},
                                 crypto::Ke::curve25519,
                                 true};
  const ChildKeys keys =
      derive_child_keys(suite, *prf(crypto::Prf::hmac_sha2_256), counting(0x20, 32), kSecret, kNi, kNr);
  CHECK(text(keys.initiator_to_responder.encr) ==
        "31489fe733bb94828203193b434569b9197019cda507012225779c5ba08980e0ebd5ad56");
  CHECK(keys.initiator_to_responder.integ.empty());
  CHECK(text(keys.responder_to_initiator.encr) ==
        "96ba6402ba59205d7ac5ffa2f8bdefa7a4a0977a7912bbf5f9898e0ef636409dd05efec2");
}

TEST_CASE("AUTH with a shared key covers message, nonce and identity (RFC 7296 2.15)") {
  const auto sha1 = prf(crypto::Prf::hmac_sha1);
  const base::Bytes id = test::join({hex("02000000"), base::to_bytes(base::as_bytes("vpp.home"))});
  const base::Bytes octets =
      signed_octets(*sha1, base::as_bytes("first message of the sender"), kNr, counting(0x40, 20), id);
  CHECK(base::to_hex(octets) ==
        "6669727374206d657373616765206f66207468652073656e646572505152535455565758595a5b5c5d5e5f60616263646566"
        "67c2"
        "76be5a1028ceebb9e0fa566246e2b1412f1ec9");
  CHECK(text(psk_auth(*sha1, base::as_bytes("Vpp123"), octets)) ==
        "63a3fc34c8395278e71a69c4facd58525dc19419");
}
