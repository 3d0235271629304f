// Every suite that the data path is tested with.
#pragma once

#include <string>
#include <vector>

#include "crypto/suite.h"

namespace dataplane {

// Every cipher of the table with every key length, and with every integrity algorithm unless it is an AEAD.
inline std::vector<crypto::CipherSpec> all_suites() {
  std::vector<crypto::CipherSpec> out;
  for (const auto& encr : crypto::all_encr()) {
    if (encr.id == crypto::Encr::none) continue;
    for (const std::uint16_t bits : encr.key_bits) {
      if (bits == 0 && encr.takes_key_length()) continue;
      for (const auto& integ : crypto::all_integ()) {
        if (encr.aead() == (integ.id == crypto::Integ::none)) out.push_back({encr.id, bits, integ.id});
      }
      if (!encr.takes_key_length()) break;
    }
  }
  return out;
}

inline std::string text(const crypto::CipherSpec& spec) {
  return crypto::name(spec.encr, spec.key_bits) + (spec.aead() ? "" : " " + crypto::name(spec.integ));
}

}  // namespace dataplane
