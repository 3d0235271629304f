#include "crypto/algorithms.h"

#include <algorithm>

namespace crypto {
namespace {

constexpr std::array<std::uint16_t, 3> kAesKeys{128, 192, 256};
constexpr std::array<std::uint16_t, 3> kNoKeyLength{};

// Sizes: DES and 3DES RFC 2451; NULL RFC 2410; AES-CBC RFC 3602; AES-CTR RFC 3686; AES-CCM RFC 4309;
// AES-GCM RFC 4106; AES-GMAC RFC 4543; ChaCha20-Poly1305 RFC 7634. Weak: RFC 8221 section 5, RFC 8247 2.1.
constexpr EncrInfo kEncr[] = {
    // id, name, Key Length values, fixed key bits, salt, iv, block, icv, weak
    {Encr::none, "none", kNoKeyLength, 0, 0, 0, 1, 0, false},
    {Encr::des, "des", kNoKeyLength, 64, 0, 8, 8, 0, true},
    {Encr::des3, "3des", kNoKeyLength, 192, 0, 8, 8, 0, true},
    {Encr::null, "null", kNoKeyLength, 0, 0, 0, 1, 0, false},
    {Encr::aes_cbc, "aes-cbc", kAesKeys, 0, 0, 16, 16, 0, false},
    {Encr::aes_ctr, "aes-ctr", kAesKeys, 0, 4, 8, 1, 0, false},
    {Encr::aes_ccm_8, "aes-ccm-8", kAesKeys, 0, 3, 8, 1, 8, false},
    {Encr::aes_ccm_12, "aes-ccm-12", kAesKeys, 0, 3, 8, 1, 12, false},
    {Encr::aes_ccm_16, "aes-ccm-16", kAesKeys, 0, 3, 8, 1, 16, false},
    {Encr::aes_gcm_8, "aes-gcm-8", kAesKeys, 0, 4, 8, 1, 8, false},
    {Encr::aes_gcm_12, "aes-gcm-12", kAesKeys, 0, 4, 8, 1, 12, false},
    {Encr::aes_gcm_16, "aes-gcm-16", kAesKeys, 0, 4, 8, 1, 16, false},
    {Encr::aes_gmac, "aes-gmac", kAesKeys, 0, 4, 8, 1, 16, false},
    {Encr::chacha20_poly1305, "chacha20-poly1305", kNoKeyLength, 256, 4, 8, 1, 16, false},
};

// HMAC: RFC 2403, 2404, 4868; AES-XCBC-PRF-128: RFC 4434; AES-CMAC-PRF-128: RFC 4615.
constexpr PrfInfo kPrf[] = {
    // id, name, output, preferred key, weak
    {Prf::none, "none", 0, 0, false},
    {Prf::hmac_md5, "hmac-md5", 16, 16, true},
    {Prf::hmac_sha1, "hmac-sha1", 20, 20, false},
    {Prf::aes128_xcbc, "aes128-xcbc", 16, 16, false},
    {Prf::hmac_sha2_256, "hmac-sha2-256", 32, 32, false},
    {Prf::hmac_sha2_384, "hmac-sha2-384", 48, 48, false},
    {Prf::hmac_sha2_512, "hmac-sha2-512", 64, 64, false},
    {Prf::aes128_cmac, "aes128-cmac", 16, 16, false},
};

// RFC 2403, 2404, 3566, 4494, 4868 (2.1.1: the key is as long as the hash).
constexpr IntegInfo kInteg[] = {
    // id, name, key, icv, weak
    {Integ::none, "none", 0, 0, false},
    {Integ::md5_96, "md5-96", 16, 12, true},
    {Integ::sha1_96, "sha1-96", 20, 12, false},
    {Integ::aes_xcbc_96, "aes-xcbc-96", 16, 12, false},
    {Integ::aes_cmac_96, "aes-cmac-96", 16, 12, false},
    {Integ::hmac_sha2_256_128, "hmac-sha2-256-128", 32, 16, false},
    {Integ::hmac_sha2_384_192, "hmac-sha2-384-192", 48, 24, false},
    {Integ::hmac_sha2_512_256, "hmac-sha2-512-256", 64, 32, false},
};

// MODP: both sizes are that of the prime (RFC 7296 3.4 and 2.14). ECP and Brainpool: x | y on the wire, the
// x coordinate as secret (RFC 5903 7, RFC 6954 2.2). Curve25519 and Curve448: RFC 8031 2. The ML-KEM methods
// have two public values of different length (an encapsulation key, a ciphertext), so no single size here.
// Weak: RFC 8247 2.4, and what is shorter than 2048 bits.
constexpr KeInfo kKe[] = {
    // id, name, public value, secret, weak
    {Ke::none, "none", 0, 0, false},
    {Ke::modp_768, "modp-768", 96, 96, true},
    {Ke::modp_1024, "modp-1024", 128, 128, true},
    {Ke::modp_1536, "modp-1536", 192, 192, true},
    {Ke::modp_2048, "modp-2048", 256, 256, false},
    {Ke::modp_3072, "modp-3072", 384, 384, false},
    {Ke::modp_4096, "modp-4096", 512, 512, false},
    {Ke::modp_6144, "modp-6144", 768, 768, false},
    {Ke::modp_8192, "modp-8192", 1024, 1024, false},
    {Ke::ecp_256, "ecp-256", 64, 32, false},
    {Ke::ecp_384, "ecp-384", 96, 48, false},
    {Ke::ecp_521, "ecp-521", 132, 66, false},
    {Ke::modp_1024_160, "modp-1024-160", 128, 128, true},
    {Ke::modp_2048_224, "modp-2048-224", 256, 256, true},
    {Ke::modp_2048_256, "modp-2048-256", 256, 256, true},
    {Ke::ecp_192, "ecp-192", 48, 24, true},
    {Ke::ecp_224, "ecp-224", 56, 28, false},
    {Ke::brainpool_224, "brainpool-224", 56, 28, false},
    {Ke::brainpool_256, "brainpool-256", 64, 32, false},
    {Ke::brainpool_384, "brainpool-384", 96, 48, false},
    {Ke::brainpool_512, "brainpool-512", 128, 64, false},
    {Ke::curve25519, "curve25519", 32, 32, false},
    {Ke::curve448, "curve448", 56, 56, false},
    {Ke::ml_kem_512, "ml-kem-512", 0, 0, false},
    {Ke::ml_kem_768, "ml-kem-768", 0, 0, false},
    {Ke::ml_kem_1024, "ml-kem-1024", 0, 0, false},
};

template <class Row, std::size_t N, class Id>
const Row* find_row(const Row (&table)[N], Id id) {
  const auto* row = std::lower_bound(std::begin(table), std::end(table), id,
                                     [](const Row& r, Id wanted) { return r.id < wanted; });
  return row != std::end(table) && row->id == id ? row : nullptr;
}

template <class Id>
std::string name_of(Id id) {
  if (const auto* row = find(id)) return std::string(row->name);
  return "unknown (" + std::to_string(static_cast<unsigned>(id)) + ")";
}

}  // namespace

std::span<const EncrInfo> all_encr() { return kEncr; }
std::span<const PrfInfo> all_prf() { return kPrf; }
std::span<const IntegInfo> all_integ() { return kInteg; }
std::span<const KeInfo> all_ke() { return kKe; }

const EncrInfo* find(Encr id) { return find_row(kEncr, id); }
const PrfInfo* find(Prf id) { return find_row(kPrf, id); }
const IntegInfo* find(Integ id) { return find_row(kInteg, id); }
const KeInfo* find(Ke id) { return find_row(kKe, id); }

std::string name(Encr id, std::uint16_t key_bits) {
  const EncrInfo* info = find(id);
  std::string text = name_of(id);
  if (info != nullptr && info->takes_key_length() && key_bits != 0) text += "-" + std::to_string(key_bits);
  return text;
}
std::string name(Prf id) { return name_of(id); }
std::string name(Integ id) { return name_of(id); }
std::string name(Ke id) { return name_of(id); }

Prf prf_for(Integ id) {
  switch (id) {
    case Integ::md5_96:
      return Prf::hmac_md5;
    case Integ::sha1_96:
      return Prf::hmac_sha1;
    case Integ::aes_xcbc_96:
      return Prf::aes128_xcbc;
    case Integ::aes_cmac_96:
      return Prf::aes128_cmac;
    case Integ::hmac_sha2_384_192:
      return Prf::hmac_sha2_384;
    case Integ::hmac_sha2_512_256:
      return Prf::hmac_sha2_512;
    case Integ::none:
    case Integ::hmac_sha2_256_128:
      break;
  }
  return Prf::hmac_sha2_256;
}

}  // namespace crypto
