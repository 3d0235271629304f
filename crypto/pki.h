// Making certificates and lists of revoked ones, for `ikectl pki` and for tests.
#pragma once

#include "crypto/certificate.h"

namespace crypto {

struct CertificateRequest {
  base::Bytes subject;  // DER of the name
  GeneralNames names;
  bool ca = false;
  std::optional<std::uint32_t> path_length;    // of a CA
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970, UTC
  std::optional<std::uint16_t> key_usage;      // unset: what befits a CA, or a peer
  std::vector<std::string> extended_usage;     // object identifiers: 1.3.6.1.5.5.7.3.17 is ipsecIKE
  NameConstraints constraints;                 // of a CA; critical
  std::vector<std::string> unknown_critical;   // further critical extensions without contents
};

struct Issuer {
  CertificatePtr certificate;
  std::shared_ptr<const PrivateKey> key;
};

// A certificate for the public half of `key`, signed by `issuer` or, without one, by itself. DER.
base::Result<base::Bytes> make_certificate(const CertificateRequest& request, const PrivateKey& key,
                                           const Issuer* issuer, base::Rng& rng);
// A list that revokes the certificates with these serial numbers. DER.
base::Result<base::Bytes> make_revocation_list(const Issuer& issuer, const std::vector<base::Bytes>& serials,
                                               std::int64_t this_update, std::int64_t next_update,
                                               base::Rng& rng);

// "-----BEGIN label-----" and so on.
std::string to_pem(std::string_view label, base::ByteSpan der);

}  // namespace crypto
