#include "crypto/suite.h"

#include <catch2/catch_test_macros.hpp>

using namespace crypto;

TEST_CASE("an encryption key is as long as the Key Length says, and its salt comes on top") {
  struct Row {
    Encr id;
    std::uint16_t bits;
    std::size_t size;
  };
  for (const Row& row : {
           Row{Encr::aes_cbc, 128, 16},
           Row{Encr::aes_cbc, 192, 24},
           Row{Encr::aes_cbc, 256, 32},
           Row{Encr::aes_ctr, 128, 20},
           Row{Encr::aes_ctr, 192, 28},
           Row{Encr::aes_ctr, 256, 36},
           Row{Encr::aes_ccm_8, 128, 19},
           Row{Encr::aes_ccm_12, 192, 27},
           Row{Encr::aes_ccm_16, 256, 35},
           Row{Encr::aes_gcm_8, 128, 20},
           Row{Encr::aes_gcm_12, 192, 28},
           Row{Encr::aes_gcm_16, 256, 36},
           Row{Encr::aes_gcm_16, 128, 20},
           Row{Encr::aes_gmac, 128, 20},
           Row{Encr::aes_gmac, 256, 36},
       }) {
    INFO(name(row.id, row.bits));
    CHECK(encr_key_size({row.id, row.bits, Integ::none}) == row.size);
  }
}

TEST_CASE("ciphers without a Key Length have the one key size of their RFC") {
  CHECK(encr_key_size({Encr::des, 0, Integ::none}) == 8);
  CHECK(encr_key_size({Encr::des3, 0, Integ::none}) == 24);
  CHECK(encr_key_size({Encr::null, 0, Integ::none}) == 0);
  CHECK(encr_key_size({Encr::none, 0, Integ::none}) == 0);
  CHECK(encr_key_size({Encr::chacha20_poly1305, 0, Integ::none}) == 36);
  CHECK(encr_key_size({Encr::chacha20_poly1305, 256, Integ::none}) == 36);
}

TEST_CASE("a key length that does not exist gives no key, not even a salt") {
  for (const auto bits : std::initializer_list<std::uint16_t>{0, 1, 64, 127, 129, 193, 512, 65535}) {
    INFO(bits);
    CHECK(encr_key_size({Encr::aes_cbc, bits, Integ::none}) == 0);
    CHECK(encr_key_size({Encr::aes_gcm_16, bits, Integ::none}) == 0);
    CHECK(encr_key_size({Encr::aes_gmac, bits, Integ::none}) == 0);
  }
  CHECK(encr_key_size({Encr{1000}, 128, Integ::none}) == 0);
}

TEST_CASE("an integrity key is as long as RFC 2404, 3566, 4494 and 4868 say") {
  CHECK(integ_key_size({Encr::null, 0, Integ::none}) == 0);
  CHECK(integ_key_size({Encr::null, 0, Integ::md5_96}) == 16);
  CHECK(integ_key_size({Encr::null, 0, Integ::sha1_96}) == 20);
  CHECK(integ_key_size({Encr::null, 0, Integ::aes_xcbc_96}) == 16);
  CHECK(integ_key_size({Encr::null, 0, Integ::aes_cmac_96}) == 16);
  CHECK(integ_key_size({Encr::null, 0, Integ::hmac_sha2_256_128}) == 32);
  CHECK(integ_key_size({Encr::null, 0, Integ::hmac_sha2_384_192}) == 48);
  CHECK(integ_key_size({Encr::null, 0, Integ::hmac_sha2_512_256}) == 64);
  CHECK(integ_key_size({Encr::null, 0, Integ{1000}}) == 0);
}

TEST_CASE("a specification knows whether it is an AEAD") {
  CHECK(CipherSpec{Encr::aes_gcm_16, 128, Integ::none}.aead());
  CHECK(CipherSpec{Encr::aes_gmac, 128, Integ::none}.aead());
  CHECK_FALSE(CipherSpec{Encr::aes_cbc, 128, Integ::sha1_96}.aead());
  CHECK_FALSE(CipherSpec{Encr{1000}, 0, Integ::none}.aead());
}
