// Whether a certificate is that of an identity, RFC 4945 5.1.3.6 and 3.1; RFC 7296 3.5.
#pragma once

#include "crypto/certificate.h"
#include "ikev2/identity.h"

namespace ikev2 {

// ID_FQDN must stand as dNSName, ID_RFC822_ADDR as rfc822Name, the addresses as iPAddress in the
// subjectAltName, and ID_DER_ASN1_DN be the subject or a directoryName. Only a certificate without any
// subjectAltName may have the name in the CN or the emailAddress of its subject. ID_KEY_ID cannot be
// certified. The error says what the certificate has.
base::Status check_certificate_identity(const crypto::CertificateContents& certificate, const Identity& id);

}  // namespace ikev2
