// Every suite that the data path is tested with.
#pragma once

#include <string>
#include <vector>

#include "crypto/suite.h"

namespace dataplane {

inline std::vector<crypto::CipherSpec> all_suites() {
  using crypto::Encr;
  using crypto::Integ;
  std::vector<crypto::CipherSpec> out = {{Encr::aes_gcm_16, 128, Integ::none},
                                         {Encr::aes_gcm_16, 256, Integ::none},
                                         {Encr::chacha20_poly1305, 256, Integ::none}};
  for (const std::uint16_t bits : {std::uint16_t{128}, std::uint16_t{192}, std::uint16_t{256}}) {
    for (const auto integ :
         {Integ::sha1_96, Integ::hmac_sha2_256_128, Integ::hmac_sha2_384_192, Integ::hmac_sha2_512_256}) {
      out.push_back({Encr::aes_cbc, bits, integ});
    }
  }
  return out;
}

inline std::string text(const crypto::CipherSpec& spec) {
  return crypto::name(spec.encr, spec.key_bits) + (spec.aead() ? "" : " " + crypto::name(spec.integ));
}

}  // namespace dataplane
