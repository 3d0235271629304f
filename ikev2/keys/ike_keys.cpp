#include "ikev2/keys/ike_keys.h"

#include "ikev2/keys/key_stream.h"

namespace ikev2 {
namespace {

// RFC 7296 2.14: with the two PRFs of a fixed key size, only the first 64 bits of Ni and of Nr make the key
// of SKEYSEED.
bool has_short_key(crypto::Prf prf) {
  return prf == crypto::Prf::aes128_xcbc || prf == crypto::Prf::aes128_cmac;
}

base::SecretBytes skeyseed(const crypto::IkeSuite& suite, const crypto::PrfFunction& prf,
                           base::ByteSpan shared_secret, base::ByteSpan nonce_i, base::ByteSpan nonce_r) {
  if (has_short_key(suite.prf) && nonce_i.size() >= 8 && nonce_r.size() >= 8) {
    nonce_i = nonce_i.first(8);
    nonce_r = nonce_r.first(8);
  }
  return prf.compute(concat({nonce_i, nonce_r}), {shared_secret});
}

// {SK_*} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
IkeKeys cut_keys(const crypto::IkeSuite& suite, const crypto::PrfFunction& prf, base::ByteSpan seed_key,
                 base::ByteSpan nonce_i, base::ByteSpan nonce_r, base::IkeSpi spi_i, base::IkeSpi spi_r) {
  std::array<std::uint8_t, 16> spis;
  base::store_be64(spis.data(), spi_i.value);
  base::store_be64(spis.data() + 8, spi_r.value);
  const std::size_t key = prf.preferred_key();
  const std::size_t integ = crypto::integ_key_size(suite.cipher), encr = crypto::encr_key_size(suite.cipher);
  const base::SecretBytes seed = concat({nonce_i, nonce_r, spis});
  KeyStream stream(crypto::prf_plus(prf, seed_key, seed, 3 * key + 2 * integ + 2 * encr));
  IkeKeys keys;
  keys.sk_d = stream.take(key);
  keys.sk_ai = stream.take(integ);
  keys.sk_ar = stream.take(integ);
  keys.sk_ei = stream.take(encr);
  keys.sk_er = stream.take(encr);
  keys.sk_pi = stream.take(key);
  keys.sk_pr = stream.take(key);
  return keys;
}

}  // namespace

IkeKeys derive_ike_keys(const crypto::IkeSuite& suite, const crypto::PrfFunction& prf,
                        base::ByteSpan shared_secret, base::ByteSpan nonce_i, base::ByteSpan nonce_r,
                        base::IkeSpi spi_i, base::IkeSpi spi_r) {
  return cut_keys(suite, prf, skeyseed(suite, prf, shared_secret, nonce_i, nonce_r), nonce_i, nonce_r, spi_i,
                  spi_r);
}

IkeKeys derive_rekeyed_ike_keys(const crypto::IkeSuite& suite, const crypto::PrfFunction& old_prf,
                                base::ByteSpan old_sk_d, const crypto::PrfFunction& prf,
                                base::ByteSpan shared_secret, base::ByteSpan nonce_i, base::ByteSpan nonce_r,
                                base::IkeSpi spi_i, base::IkeSpi spi_r) {
  const base::SecretBytes seed = old_prf.compute(old_sk_d, {shared_secret, nonce_i, nonce_r});
  return cut_keys(suite, prf, seed, nonce_i, nonce_r, spi_i, spi_r);
}

}  // namespace ikev2
