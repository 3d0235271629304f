// A negotiated set of algorithms, and how much key material it takes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/algorithms.h"

namespace crypto {

enum class IpsecProtocol : std::uint8_t { ah = 2, esp = 3 };  // Protocol IDs, RFC 7296 3.3.1

// What protects one direction: an encryption algorithm and, unless it is an AEAD, an integrity algorithm.
struct CipherSpec {
  Encr encr = Encr::none;
  std::uint16_t key_bits = 0;  // of the cipher itself, without salt
  Integ integ = Integ::none;
  // Encryption alone, which RFC 4303 1 allows and RFC 8221 4 forbids: keys set by hand may ask for it,
  // nothing that is negotiated.
  bool unauthenticated = false;
  bool operator==(const CipherSpec&) const = default;
  bool aead() const {
    const EncrInfo* info = find(encr);
    return info != nullptr && info->aead();
  }
};

// Of an IKE SA (RFC 7296 2.14).
struct IkeSuite {
  CipherSpec cipher;
  Prf prf = Prf::none;
  Ke ke = Ke::none;
  bool operator==(const IkeSuite&) const = default;
};

// Of a Child SA (RFC 7296 2.17).
struct ChildSuite {
  IpsecProtocol protocol = IpsecProtocol::esp;
  CipherSpec cipher;
  Ke ke = Ke::none;  // none in the first child, which shares the IKE SA's exchange
  bool esn = false;
  bool operator==(const ChildSuite&) const = default;
};

// Octets of KEYMAT for one direction: encryption key with its salt, then integrity key.
std::size_t encr_key_size(const CipherSpec& spec);
std::size_t integ_key_size(const CipherSpec& spec);
// Whether keys of these sizes make a cipher of it: family local where the algorithms do not go together,
// crypto where a key has the wrong size.
base::Status check_keys(const CipherSpec& spec, base::ByteSpan encr_key, base::ByteSpan integ_key);

}  // namespace crypto
