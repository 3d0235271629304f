#include "crypto/algorithms.h"

#include <algorithm>

namespace crypto {
namespace {

constexpr std::array<std::uint16_t, 3> kAesKeys{128, 192, 256};
constexpr std::array<std::uint16_t, 3> kNoKeyLength{};

// Weak: RFC 8221 section 5, RFC 8247 2.1.
constexpr EncrInfo kEncr[] = {
    // id, name, Key Length values, fixed key bits, salt, iv, block, icv, weak, encrypts, RFC, other names
    {Encr::none, "none", kNoKeyLength, 0, 0, 0, 1, 0, false, false, "", ""},
    {Encr::des, "des", kNoKeyLength, 64, 0, 8, 8, 0, true, true, "2405", "des-cbc"},
    {Encr::des3, "3des", kNoKeyLength, 192, 0, 8, 8, 0, true, true, "2451", "3des-cbc"},
    {Encr::null, "null", kNoKeyLength, 0, 0, 0, 1, 0, false, false, "2410", ""},
    {Encr::aes_cbc, "aes-cbc", kAesKeys, 0, 0, 16, 16, 0, false, true, "3602", "aes*"},
    {Encr::aes_ctr, "aes-ctr", kAesKeys, 0, 4, 8, 1, 0, false, true, "3686, 5930", "aes*ctr"},
    {Encr::aes_ccm_8, "aes-ccm-8", kAesKeys, 0, 3, 8, 1, 8, false, true, "4309, 5282", "aes*ccm8 aes*ccm64"},
    {Encr::aes_ccm_12, "aes-ccm-12", kAesKeys, 0, 3, 8, 1, 12, false, true, "4309, 5282",
     "aes*ccm12 aes*ccm96"},
    {Encr::aes_ccm_16, "aes-ccm-16", kAesKeys, 0, 3, 8, 1, 16, false, true, "4309, 5282",
     "aes-ccm-* aes*ccm aes*ccm16 aes*ccm128"},
    {Encr::aes_gcm_8, "aes-gcm-8", kAesKeys, 0, 4, 8, 1, 8, false, true, "4106, 5282", "aes*gcm8 aes*gcm64"},
    {Encr::aes_gcm_12, "aes-gcm-12", kAesKeys, 0, 4, 8, 1, 12, false, true, "4106, 5282",
     "aes*gcm12 aes*gcm96"},
    {Encr::aes_gcm_16, "aes-gcm-16", kAesKeys, 0, 4, 8, 1, 16, false, true, "4106, 5282",
     "aes-gcm-* aes*gcm aes*gcm16 aes*gcm128"},
    {Encr::aes_gmac, "aes-gmac", kAesKeys, 0, 4, 8, 1, 16, false, false, "4543", "aes-null-gmac-* aes*gmac"},
    {Encr::chacha20_poly1305, "chacha20-poly1305", kNoKeyLength, 256, 4, 8, 1, 16, false, true, "7634",
     "chacha20poly1305"},
};

constexpr PrfInfo kPrf[] = {
    // id, name, output, preferred key, weak, RFC, other names
    {Prf::none, "none", 0, 0, false, "", ""},
    {Prf::hmac_md5, "hmac-md5", 16, 16, true, "2104", "prfmd5"},
    {Prf::hmac_sha1, "hmac-sha1", 20, 20, false, "2104", "prfsha1"},
    {Prf::aes128_xcbc, "aes128-xcbc", 16, 16, false, "4434", "prfaesxcbc"},
    {Prf::hmac_sha2_256, "hmac-sha2-256", 32, 32, false, "4868", "prfsha256"},
    {Prf::hmac_sha2_384, "hmac-sha2-384", 48, 48, false, "4868", "prfsha384"},
    {Prf::hmac_sha2_512, "hmac-sha2-512", 64, 64, false, "4868", "prfsha512"},
    {Prf::aes128_cmac, "aes128-cmac", 16, 16, false, "4615", "prfaescmac"},
};

// RFC 4868 2.1.1: the key is as long as the hash.
constexpr IntegInfo kInteg[] = {
    // id, name, key, icv, PRF, weak, RFC, other names
    {Integ::none, "none", 0, 0, Prf::hmac_sha2_256, false, "", ""},
    {Integ::md5_96, "md5-96", 16, 12, Prf::hmac_md5, true, "2403", "md5 hmac-md5-96"},
    {Integ::sha1_96, "sha1-96", 20, 12, Prf::hmac_sha1, false, "2404", "sha sha1 hmac-sha1-96"},
    {Integ::aes_xcbc_96, "aes-xcbc-96", 16, 12, Prf::aes128_xcbc, false, "3566", "aesxcbc"},
    {Integ::aes_cmac_96, "aes-cmac-96", 16, 12, Prf::aes128_cmac, false, "4494", "cmac-96 aescmac"},
    {Integ::hmac_sha2_256_128, "hmac-sha2-256-128", 32, 16, Prf::hmac_sha2_256, false, "4868",
     "sha-256-128 sha256 sha2_256"},
    {Integ::hmac_sha2_384_192, "hmac-sha2-384-192", 48, 24, Prf::hmac_sha2_384, false, "4868",
     "sha-384-192 sha384 sha2_384"},
    {Integ::hmac_sha2_512_256, "hmac-sha2-512-256", 64, 32, Prf::hmac_sha2_512, false, "4868",
     "sha-512-256 sha512 sha2_512"},
    {Integ::hmac_sha2_256_96, "sha2-256-96", 32, 12, Prf::hmac_sha2_256, false, "",
     "sha-256-96 sha256_96 sha2_256_96"},
};

// MODP: both sizes are that of the prime (RFC 7296 3.4 and 2.14). ECP and Brainpool: x | y on the wire, the
// x coordinate as secret (RFC 5903 7, RFC 6954 2.2). Curve25519 and Curve448: RFC 8031 2. The ML-KEM methods
// have two public values of different length (an encapsulation key, a ciphertext), so no single size here.
// Weak: RFC 8247 2.4, and what is shorter than 2048 bits or, on a curve, than 256.
constexpr KeInfo kKe[] = {
    // id, name, kind, public value, secret, weak, RFC, other names
    {Ke::none, "none", KeKind::none, 0, 0, false, "", ""},
    {Ke::modp_768, "modp-768", KeKind::modp, 96, 96, true, "2409", "modp768"},
    {Ke::modp_1024, "modp-1024", KeKind::modp, 128, 128, true, "2409", "modp1024"},
    {Ke::modp_1536, "modp-1536", KeKind::modp, 192, 192, true, "3526", "modp1536"},
    {Ke::modp_2048, "modp-2048", KeKind::modp, 256, 256, false, "3526", "modp2048"},
    {Ke::modp_3072, "modp-3072", KeKind::modp, 384, 384, false, "3526", "modp3072"},
    {Ke::modp_4096, "modp-4096", KeKind::modp, 512, 512, false, "3526", "modp4096"},
    {Ke::modp_6144, "modp-6144", KeKind::modp, 768, 768, false, "3526", "modp6144"},
    {Ke::modp_8192, "modp-8192", KeKind::modp, 1024, 1024, false, "3526", "modp8192"},
    {Ke::ecp_256, "ecp-256", KeKind::ecp, 64, 32, false, "5903", "ecp256"},
    {Ke::ecp_384, "ecp-384", KeKind::ecp, 96, 48, false, "5903", "ecp384"},
    {Ke::ecp_521, "ecp-521", KeKind::ecp, 132, 66, false, "5903", "ecp521"},
    {Ke::modp_1024_160, "modp-1024-160", KeKind::modp, 128, 128, true, "5114", "modp1024s160"},
    {Ke::modp_2048_224, "modp-2048-224", KeKind::modp, 256, 256, true, "5114", "modp2048s224"},
    {Ke::modp_2048_256, "modp-2048-256", KeKind::modp, 256, 256, true, "5114", "modp2048s256"},
    {Ke::ecp_192, "ecp-192", KeKind::ecp, 48, 24, true, "5114", "ecp192"},
    {Ke::ecp_224, "ecp-224", KeKind::ecp, 56, 28, true, "5114", "ecp224"},
    {Ke::brainpool_224, "brainpool-224", KeKind::ecp, 56, 28, true, "6954", "ecp224bp"},
    {Ke::brainpool_256, "brainpool-256", KeKind::ecp, 64, 32, false, "6954", "ecp256bp"},
    {Ke::brainpool_384, "brainpool-384", KeKind::ecp, 96, 48, false, "6954", "ecp384bp"},
    {Ke::brainpool_512, "brainpool-512", KeKind::ecp, 128, 64, false, "6954", "ecp512bp"},
    {Ke::curve25519, "curve25519", KeKind::montgomery, 32, 32, false, "8031", "x25519"},
    {Ke::curve448, "curve448", KeKind::montgomery, 56, 56, false, "8031", "x448"},
    {Ke::ml_kem_512, "ml-kem-512", KeKind::kem, 0, 0, false, "", "mlkem512"},
    {Ke::ml_kem_768, "ml-kem-768", KeKind::kem, 0, 0, false, "", "mlkem768"},
    {Ke::ml_kem_1024, "ml-kem-1024", KeKind::kem, 0, 0, false, "", "mlkem1024"},
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

void for_each_other_name(std::string_view other_names, std::uint16_t key_bits,
                         const std::function<void(const std::string&)>& visit) {
  while (!other_names.empty()) {
    const auto end = other_names.find(' ');
    std::string one(other_names.substr(0, end));
    if (const auto star = one.find('*'); star != std::string::npos) {
      one.replace(star, 1, std::to_string(key_bits));
    }
    visit(one);
    other_names = end == std::string_view::npos ? std::string_view() : other_names.substr(end + 1);
  }
}

Prf prf_for(Integ id) {
  const IntegInfo* info = find(id);
  return info == nullptr ? Prf::hmac_sha2_256 : info->prf;
}

}  // namespace crypto
