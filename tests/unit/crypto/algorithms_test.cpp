#include "crypto/algorithms.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <vector>

using namespace crypto;

namespace {

template <class Row>
void check_order_and_names(std::span<const Row> rows) {
  std::set<std::string_view> names;
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(find(row.id) == &row);
  }
  CHECK(std::ranges::is_sorted(rows, [](const Row& a, const Row& b) { return a.id < b.id; }));
}

bool takes_aes_keys(Encr id) { return find(id)->key_bits == std::array<std::uint16_t, 3>{128, 192, 256}; }

struct EncrSizes {
  Encr id;
  unsigned fixed_key_bits, salt, iv, block, icv;
};

}  // namespace

TEST_CASE("each table is in order of number, has unique names, and finds each of its rows") {
  check_order_and_names(all_encr());
  check_order_and_names(all_prf());
  check_order_and_names(all_integ());
  check_order_and_names(all_ke());
  CHECK(all_encr().size() == 14);
  CHECK(all_prf().size() == 8);
  CHECK(all_integ().size() == 9);
  CHECK(all_ke().size() == 26);
}

TEST_CASE("a number that is not in the table has no row and is called unknown") {
  CHECK(find(Encr{1}) == nullptr);
  CHECK(find(Prf{3}) == nullptr);
  CHECK(find(Integ{65535}) == nullptr);
  CHECK(find(Ke{33}) == nullptr);
  CHECK(name(Encr{1}, 128) == "unknown (1)");
  CHECK(name(Prf{3}) == "unknown (3)");
  CHECK(name(Integ{65535}) == "unknown (65535)");
  CHECK(name(Ke{33}) == "unknown (33)");
}

TEST_CASE("B043: ciphers have the sizes that their RFCs give") {
  // RFC 2405, 2451, 2410, 3602, 3686 (nonce of 4 octets), 4309 (salt of 3), 4106, 4543, 7634.
  const EncrSizes expected[] = {
      {Encr::none, 0, 0, 0, 1, 0},        {Encr::des, 64, 0, 8, 8, 0},
      {Encr::des3, 192, 0, 8, 8, 0},      {Encr::null, 0, 0, 0, 1, 0},
      {Encr::aes_cbc, 0, 0, 16, 16, 0},   {Encr::aes_ctr, 0, 4, 8, 1, 0},
      {Encr::aes_ccm_8, 0, 3, 8, 1, 8},   {Encr::aes_ccm_12, 0, 3, 8, 1, 12},
      {Encr::aes_ccm_16, 0, 3, 8, 1, 16}, {Encr::aes_gcm_8, 0, 4, 8, 1, 8},
      {Encr::aes_gcm_12, 0, 4, 8, 1, 12}, {Encr::aes_gcm_16, 0, 4, 8, 1, 16},
      {Encr::aes_gmac, 0, 4, 8, 1, 16},   {Encr::chacha20_poly1305, 256, 4, 8, 1, 16},
  };
  REQUIRE(std::size(expected) == all_encr().size());
  for (const EncrSizes& e : expected) {
    const EncrInfo* info = find(e.id);
    REQUIRE(info != nullptr);
    INFO(info->name);
    CHECK(info->fixed_key_bits == e.fixed_key_bits);
    CHECK(info->salt == e.salt);
    CHECK(info->iv == e.iv);
    CHECK(info->block == e.block);
    CHECK(info->icv == e.icv);
    CHECK(info->aead() == (e.icv != 0));
    const bool is_aes = info->name.starts_with("aes");
    CHECK(info->takes_key_length() == is_aes);
    CHECK(takes_aes_keys(e.id) == is_aes);
  }
}

TEST_CASE("B043: PRF and integrity algorithms have the sizes that their RFCs give") {
  // RFC 2403, 2404, 4868, 4434, 4615; RFC 7296 2.13: the preferred key is as long as the output.
  for (const auto& [id, output] : {std::pair{Prf::none, 0},
                                   {Prf::hmac_md5, 16},
                                   {Prf::hmac_sha1, 20},
                                   {Prf::aes128_xcbc, 16},
                                   {Prf::hmac_sha2_256, 32},
                                   {Prf::hmac_sha2_384, 48},
                                   {Prf::hmac_sha2_512, 64},
                                   {Prf::aes128_cmac, 16}}) {
    INFO(name(id));
    CHECK(find(id)->output == output);
    CHECK(find(id)->preferred_key == output);
  }
  struct Sizes {
    Integ id;
    int key, icv;
  };
  for (const auto& e : {Sizes{Integ::none, 0, 0}, Sizes{Integ::md5_96, 16, 12}, Sizes{Integ::sha1_96, 20, 12},
                        Sizes{Integ::aes_xcbc_96, 16, 12}, Sizes{Integ::aes_cmac_96, 16, 12},
                        Sizes{Integ::hmac_sha2_256_128, 32, 16}, Sizes{Integ::hmac_sha2_384_192, 48, 24},
                        Sizes{Integ::hmac_sha2_512_256, 64, 32}, Sizes{Integ::hmac_sha2_256_96, 32, 12}}) {
    INFO(name(e.id));
    CHECK(find(e.id)->key == e.key);
    CHECK(find(e.id)->icv == e.icv);
  }
}

TEST_CASE("key exchange methods have public values and secrets of the right length") {
  // MODP: RFC 7296 3.4 and 2.14. ECP: RFC 5903 7 and 9. Brainpool: RFC 6954 2.2. Curves: RFC 8031 2.
  struct Sizes {
    Ke id;
    unsigned public_size, secret_size;
  };
  const Sizes expected[] = {
      {Ke::none, 0, 0},
      {Ke::modp_768, 96, 96},
      {Ke::modp_1024, 128, 128},
      {Ke::modp_1536, 192, 192},
      {Ke::modp_2048, 256, 256},
      {Ke::modp_3072, 384, 384},
      {Ke::modp_4096, 512, 512},
      {Ke::modp_6144, 768, 768},
      {Ke::modp_8192, 1024, 1024},
      {Ke::ecp_256, 64, 32},
      {Ke::ecp_384, 96, 48},
      {Ke::ecp_521, 132, 66},
      {Ke::modp_1024_160, 128, 128},
      {Ke::modp_2048_224, 256, 256},
      {Ke::modp_2048_256, 256, 256},
      {Ke::ecp_192, 48, 24},
      {Ke::ecp_224, 56, 28},
      {Ke::brainpool_224, 56, 28},
      {Ke::brainpool_256, 64, 32},
      {Ke::brainpool_384, 96, 48},
      {Ke::brainpool_512, 128, 64},
      {Ke::curve25519, 32, 32},
      {Ke::curve448, 56, 56},
      {Ke::ml_kem_512, 0, 0},
      {Ke::ml_kem_768, 0, 0},
      {Ke::ml_kem_1024, 0, 0},
  };
  REQUIRE(std::size(expected) == all_ke().size());
  for (const Sizes& e : expected) {
    INFO(name(e.id));
    CHECK(find(e.id)->public_size == e.public_size);
    CHECK(find(e.id)->secret_size == e.secret_size);
  }
}

TEST_CASE("exactly the algorithms that RFC 8221 and RFC 8247 put aside are weak") {
  std::set<std::string> weak;
  for (const auto& row : all_encr())
    if (row.weak) weak.insert("encr " + std::string(row.name));
  for (const auto& row : all_prf())
    if (row.weak) weak.insert("prf " + std::string(row.name));
  for (const auto& row : all_integ())
    if (row.weak) weak.insert("integ " + std::string(row.name));
  for (const auto& row : all_ke())
    if (row.weak) weak.insert("ke " + std::string(row.name));
  CHECK(weak == std::set<std::string>{"encr des", "encr 3des", "prf hmac-md5", "integ md5-96", "ke modp-768",
                                      "ke modp-1024", "ke modp-1536", "ke modp-1024-160", "ke modp-2048-224",
                                      "ke modp-2048-256", "ke ecp-192", "ke ecp-224", "ke brainpool-224"});
}

TEST_CASE("names are those that users write") {
  CHECK(name(Encr::aes_cbc, 256) == "aes-cbc-256");
  CHECK(name(Encr::aes_gcm_16, 128) == "aes-gcm-16-128");
  CHECK(name(Encr::aes_gcm_16, 0) == "aes-gcm-16");
  CHECK(name(Encr::chacha20_poly1305, 0) == "chacha20-poly1305");
  CHECK(name(Encr::chacha20_poly1305, 256) == "chacha20-poly1305");
  CHECK(name(Encr::des3, 0) == "3des");
  CHECK(name(Prf::hmac_sha2_256) == "hmac-sha2-256");
  CHECK(name(Integ::hmac_sha2_256_128) == "hmac-sha2-256-128");
  CHECK(name(Integ::none) == "none");
  CHECK(name(Ke::modp_2048) == "modp-2048");
  CHECK(name(Ke::modp_2048_256) == "modp-2048-256");
  CHECK(name(Ke::ml_kem_768) == "ml-kem-768");
}

TEST_CASE("each integrity algorithm names the PRF of the same construction") {
  CHECK(prf_for(Integ::none) == Prf::hmac_sha2_256);
  CHECK(prf_for(Integ::md5_96) == Prf::hmac_md5);
  CHECK(prf_for(Integ::sha1_96) == Prf::hmac_sha1);
  CHECK(prf_for(Integ::aes_xcbc_96) == Prf::aes128_xcbc);
  CHECK(prf_for(Integ::aes_cmac_96) == Prf::aes128_cmac);
  CHECK(prf_for(Integ::hmac_sha2_256_128) == Prf::hmac_sha2_256);
  CHECK(prf_for(Integ::hmac_sha2_384_192) == Prf::hmac_sha2_384);
  CHECK(prf_for(Integ::hmac_sha2_512_256) == Prf::hmac_sha2_512);
  CHECK(prf_for(Integ::hmac_sha2_256_96) == Prf::hmac_sha2_256);
  CHECK(prf_for(Integ{99}) == Prf::hmac_sha2_256);
}

TEST_CASE("B047: no number of 16 bits that travels stands for an algorithm without a number") {
  for (unsigned number = 0; number <= 0xffff; ++number) {
    const IntegInfo* info = find(static_cast<Integ>(number));
    REQUIRE((info == nullptr || info->numbered()));
  }
  CHECK_FALSE(find(Integ::hmac_sha2_256_96)->numbered());
  CHECK(find(Ke{1025}) == nullptr);
}

TEST_CASE("other names are told with the key length in place of the star") {
  std::vector<std::string> names;
  for_each_other_name(find(Encr::aes_gcm_16)->other_names, 192,
                      [&](const std::string& name) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"aes-gcm-192", "aes192gcm", "aes192gcm16", "aes192gcm128"});
  names.clear();
  for_each_other_name("", 0, [&](const std::string& name) { names.push_back(name); });
  CHECK(names.empty());
}
