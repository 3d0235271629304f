#include <botan/exceptn.h>

#include "crypto/botan/mac_impl.h"
#include "crypto/botan/xcbc_impl.h"

namespace crypto::botan {
namespace {

const char* botan_name(Prf id) {
  switch (id) {
    case Prf::hmac_md5:
      return "HMAC(MD5)";
    case Prf::hmac_sha1:
      return "HMAC(SHA-1)";
    case Prf::hmac_sha2_256:
      return "HMAC(SHA-256)";
    case Prf::hmac_sha2_384:
      return "HMAC(SHA-384)";
    case Prf::hmac_sha2_512:
      return "HMAC(SHA-512)";
    case Prf::aes128_cmac:
      return "CMAC(AES-128)";
    case Prf::aes128_xcbc:  // not in Botan
    case Prf::none:
      break;
  }
  return "";
}

}  // namespace

std::unique_ptr<Botan::MessageAuthenticationCode> make_mac(Prf id) {
  if (id == Prf::aes128_xcbc) return std::make_unique<XcbcMac>();
  return Botan::MessageAuthenticationCode::create_or_throw(botan_name(id));
}

std::unique_ptr<Botan::MessageAuthenticationCode> make_mac(Integ id) {
  // Each integrity algorithm is the MAC of the PRF that fits it, truncated.
  if (id == Integ::none || find(id) == nullptr) throw Botan::Lookup_Error("no such integrity algorithm");
  return make_mac(prf_for(id));
}

}  // namespace crypto::botan
