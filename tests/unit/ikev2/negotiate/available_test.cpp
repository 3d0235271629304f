#include "ikev2/negotiate/available.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/botan/provider.h"
#include "tests/support/fixed_rng.h"

using namespace ikev2;

namespace {

// The real provider without some of its algorithms.
class Poorer final : public crypto::Provider {
 public:
  std::string name() const override { return "poorer"; }
  base::Result<std::unique_ptr<crypto::PrfFunction>> prf(crypto::Prf id) const override {
    if (id == crypto::Prf::aes128_xcbc) return base::local_error("not in this build");
    return real_->prf(id);
  }
  base::Result<std::unique_ptr<crypto::Cipher>> cipher(const crypto::CipherSpec& spec,
                                                       base::ByteSpan encr_key,
                                                       base::ByteSpan integ_key) const override {
    if (spec.encr == crypto::Encr::chacha20_poly1305 || spec.integ == crypto::Integ::md5_96) {
      return base::local_error("not in this build");
    }
    return real_->cipher(spec, encr_key, integ_key);
  }
  base::Result<std::unique_ptr<crypto::KeyExchange>> key_exchange(crypto::Ke method,
                                                                  base::Rng& rng) const override {
    ++key_exchanges;
    if (method == crypto::Ke::curve448) return base::local_error("not in this build");
    return real_->key_exchange(method, rng);
  }
  std::array<std::uint8_t, 20> sha1(std::initializer_list<base::ByteSpan> data) const override {
    return real_->sha1(data);
  }
  mutable int key_exchanges = 0;

 private:
  std::unique_ptr<crypto::Provider> real_ = crypto::make_botan_provider();
};

Transform encr(crypto::Encr id, std::uint16_t bits = 0) {
  return {TransformType::encr, static_cast<std::uint16_t>(id), bits, true};
}
Transform prf(crypto::Prf id) { return {TransformType::prf, static_cast<std::uint16_t>(id), 0, true}; }
Transform integ(crypto::Integ id) { return {TransformType::integ, static_cast<std::uint16_t>(id), 0, true}; }
Transform ke(crypto::Ke id) { return {TransformType::ke, static_cast<std::uint16_t>(id), 0, true}; }

}  // namespace

TEST_CASE("B042: what the library lacks is taken out of the proposals and named, the rest stays") {
  Poorer provider;
  test::FixedRng rng;
  Availability available(provider, rng);
  Proposals proposals = {{1,
                          ProtocolId::ike,
                          {},
                          {encr(crypto::Encr::chacha20_poly1305), encr(crypto::Encr::aes_gcm_16, 256),
                           prf(crypto::Prf::hmac_sha2_256), prf(crypto::Prf::aes128_xcbc),
                           ke(crypto::Ke::curve448), ke(crypto::Ke::curve25519)}},
                         {2,
                          ProtocolId::ike,
                          {},
                          {encr(crypto::Encr::des3), integ(crypto::Integ::md5_96),
                           prf(crypto::Prf::hmac_sha1), ke(crypto::Ke::curve25519)}}};
  CHECK(available.prune(proposals) ==
        std::vector<std::string>{"chacha20-poly1305", "aes128-xcbc", "curve448", "md5-96"});
  CHECK(text(proposals) == "aes-gcm-16-256/hmac-sha2-256/curve25519");
  CHECK(provider.key_exchanges == 2);  // each is tried once
  CHECK(available.prune(proposals).empty());
}

TEST_CASE("B042: the library of this build makes every algorithm of the tables") {
  const auto provider = crypto::make_botan_provider();
  test::FixedRng rng;
  Availability available(*provider, rng);
  Proposals all = {{1, ProtocolId::ike, {}, {}}};
  auto& list = all.front().transforms;
  for (const auto& row : crypto::all_encr()) {
    for (const std::uint16_t bits : row.key_bits) {
      if (row.id != crypto::Encr::none && (bits != 0 || !row.takes_key_length()))
        list.push_back(encr(row.id, bits));
    }
  }
  for (const auto& row : crypto::all_prf()) {
    if (row.id != crypto::Prf::none) list.push_back(prf(row.id));
  }
  for (const auto& row : crypto::all_integ()) {
    if (row.numbered()) list.push_back(integ(row.id));
  }
  for (const auto& row : crypto::all_ke()) {
    if (row.kind != crypto::KeKind::kem) list.push_back(ke(row.id));
  }
  CHECK(available.prune(all).empty());
}
