// Botan's certificates behind crypto/certificate.h. Private to crypto/botan/.
#pragma once

#include <botan/x509cert.h>

#include "crypto/certificate.h"

namespace crypto::botan {

class BotanCertificate final : public Certificate {
 public:
  // Botan's certificates share their contents: a copy is cheap.
  BotanCertificate(const Botan::X509_Certificate& certificate, CertificateContents contents)
      : certificate_(certificate), contents_(std::move(contents)) {}
  const CertificateContents& contents() const override { return contents_; }
  base::Status signed_by(const Certificate& issuer) const override;
  const Botan::X509_Certificate& certificate() const { return certificate_; }

 private:
  Botan::X509_Certificate certificate_;
  CertificateContents contents_;
};

// Whether an object (certificate or CRL) carries a good signature of that key, made with a hash that is
// believed.
base::Status check_signature(const Botan::X509_Object& object, const PublicKey& key);

}  // namespace crypto::botan
