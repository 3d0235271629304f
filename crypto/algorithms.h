// The algorithms of IKEv2 and ESP/AH: IANA numbers, names and sizes, in one table for each type. Adding one
// is a number here, a row in algorithms.cpp, and its computation in a provider. Numbers: "Internet Key
// Exchange Version 2 (IKEv2) Parameters", IANA.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace crypto {

enum class Encr : std::uint16_t {  // Transform Type 1
  none = 0,
  des = 2,
  des3 = 3,
  null = 11,
  aes_cbc = 12,
  aes_ctr = 13,
  aes_ccm_8 = 14,
  aes_ccm_12 = 15,
  aes_ccm_16 = 16,
  aes_gcm_8 = 18,
  aes_gcm_12 = 19,
  aes_gcm_16 = 20,
  aes_gmac = 21,
  chacha20_poly1305 = 28,
};
enum class Prf : std::uint16_t {  // Transform Type 2
  none = 0,
  hmac_md5 = 1,
  hmac_sha1 = 2,
  aes128_xcbc = 4,
  hmac_sha2_256 = 5,
  hmac_sha2_384 = 6,
  hmac_sha2_512 = 7,
  aes128_cmac = 8,
};
enum class Integ : std::uint32_t {  // Transform Type 3
  none = 0,
  md5_96 = 1,
  sha1_96 = 2,
  aes_xcbc_96 = 5,
  aes_cmac_96 = 8,
  hmac_sha2_256_128 = 12,
  hmac_sha2_384_192 = 13,
  hmac_sha2_512_256 = 14,
  // What old peers mean by 12. It never had a number of its own, and stands outside of the 16 bits that
  // travel,
  // so that no peer can name it.
  hmac_sha2_256_96 = 0x1000c,
};
enum class Ke : std::uint16_t {  // Transform Type 4
  none = 0,
  modp_768 = 1,
  modp_1024 = 2,
  modp_1536 = 5,
  modp_2048 = 14,
  modp_3072 = 15,
  modp_4096 = 16,
  modp_6144 = 17,
  modp_8192 = 18,
  ecp_256 = 19,
  ecp_384 = 20,
  ecp_521 = 21,
  modp_1024_160 = 22,
  modp_2048_224 = 23,
  modp_2048_256 = 24,
  ecp_192 = 25,
  ecp_224 = 26,
  brainpool_224 = 27,
  brainpool_256 = 28,
  brainpool_384 = 29,
  brainpool_512 = 30,
  curve25519 = 31,
  curve448 = 32,
  ml_kem_512 = 35,
  ml_kem_768 = 36,
  ml_kem_1024 = 37,
};

// The families of key exchange methods: how a public value looks, and what is checked of it (RFC 6989).
enum class KeKind : std::uint8_t { none, modp, ecp, montgomery, kem };

// One row each. Sizes in octets, key lengths in bits. `other_names` are what VPP and strongSwan call it, with
// blanks between them; a '*' stands for the key length. `weak`: accepted when named, in no default, with a
// warning (RFC 8221, 8247). `rfc` is where it is defined.
struct EncrInfo {
  Encr id;
  std::string_view name;                  // without key length: "aes-cbc"
  std::array<std::uint16_t, 3> key_bits;  // allowed values of the Key Length attribute; 0 fills up
  std::uint16_t fixed_key_bits;           // key size where there is no Key Length attribute, else 0
  std::uint8_t salt;                      // octets of KEYMAT behind the key (RFC 4106 8.1), not sent
  std::uint8_t iv;                        // octets of IV in each packet
  std::uint8_t block;                     // the plaintext is padded to a multiple of this
  std::uint8_t icv;                       // octets of tag; 0 where an integrity algorithm is needed
  bool weak;
  bool
      encrypts;  // false: the text stays readable, so that it protects no IKE SA (RFC 4543 1, RFC 7296 3.3.2)
  std::string_view rfc;
  std::string_view other_names;
  bool aead() const { return icv != 0; }
  bool takes_key_length() const { return key_bits[0] != 0; }
};
struct PrfInfo {
  Prf id;
  std::string_view name;
  std::uint8_t output;         // octets
  std::uint8_t preferred_key;  // octets (RFC 7296 2.13)
  bool weak;
  std::string_view rfc;
  std::string_view other_names;
};
struct IntegInfo {
  Integ id;
  std::string_view name;
  std::uint8_t key;  // octets
  std::uint8_t icv;  // octets, truncated
  Prf prf;           // of the same construction: this one's MAC before truncation
  bool weak;
  std::string_view rfc;
  std::string_view other_names;
  bool numbered() const { return static_cast<std::uint32_t>(id) <= 0xffff; }  // can be negotiated
};
struct KeInfo {
  Ke id;
  std::string_view name;
  KeKind kind;
  std::uint16_t public_size;  // octets of the public value in the KE payload, exactly
  std::uint16_t secret_size;  // octets of g^ir, leading zeros kept (RFC 7296 2.14, 5903, 8031)
  bool weak;
  std::string_view rfc;
  std::string_view other_names;
};

// The whole tables, in order of number.
std::span<const EncrInfo> all_encr();
std::span<const PrfInfo> all_prf();
std::span<const IntegInfo> all_integ();
std::span<const KeInfo> all_ke();

// A row, or nullptr for a number that we do not know.
const EncrInfo* find(Encr id);
const PrfInfo* find(Prf id);
const IntegInfo* find(Integ id);
const KeInfo* find(Ke id);

// Names as users write them: "aes-cbc-256", "hmac-sha2-256", "modp-2048"; "unknown (n)" for an unknown
// number.
std::string name(Encr id, std::uint16_t key_bits);
std::string name(Prf id);
std::string name(Integ id);
std::string name(Ke id);

// Calls visit(text) for each of a row's other names, with the key length put in.
void for_each_other_name(std::string_view other_names, std::uint16_t key_bits,
                         const std::function<void(const std::string&)>& visit);

// The PRF that fits an integrity algorithm (sha1-96 -> hmac-sha1); hmac-sha2-256 for none.
Prf prf_for(Integ id);

}  // namespace crypto
