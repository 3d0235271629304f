// X.509 certificates (RFC 5280): what they say, and whether a chain of them is to be believed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/signature.h"

namespace crypto {

// GeneralNames (RFC 5280 4.2.1.6), as far as they are told apart.
struct GeneralNames {
  std::vector<std::string> dns, email;
  std::vector<base::Bytes> ip;         // 4 or 16 octets; in a name constraint twice as many, with a mask
  std::vector<base::Bytes> directory;  // DER
  std::vector<unsigned> other;         // tags of the rest: 0 otherName, 6 URI, ...
  bool empty() const {
    return dns.empty() && email.empty() && ip.empty() && directory.empty() && other.empty();
  }
};

struct NameConstraints {  // 4.2.1.10
  GeneralNames permitted, excluded;
  bool empty() const { return permitted.empty() && excluded.empty(); }
};

// Bits of the key usage extension (4.2.1.3).
constexpr std::uint16_t kDigitalSignature = 1 << 0, kNonRepudiation = 1 << 1, kKeyCertSign = 1 << 5,
                        kCrlSign = 1 << 6;

struct CertificateContents {
  base::Bytes der, subject, issuer, serial;    // subject and issuer: DER of the names
  std::int64_t not_before = 0, not_after = 0;  // seconds since 1970, UTC
  bool is_ca = false;
  std::optional<std::uint32_t> path_length;
  std::optional<std::uint16_t> key_usage;   // unset: any
  std::vector<std::string> extended_usage;  // object identifiers; empty: any
  std::optional<GeneralNames> names;        // unset: no subjectAltName at all
  NameConstraints constraints;
  base::Bytes subject_key_id, authority_key_id;
  std::optional<std::string>
      refusal;  // why it cannot be believed whoever signed it: an unknown critical extension
  std::array<std::uint8_t, 20>
      key_hash{};  // SHA-1 of the SubjectPublicKeyInfo, as CERTREQ names a CA (RFC 7296 3.7)
  std::shared_ptr<const PublicKey> key;
};

class Certificate {
 public:
  virtual ~Certificate() = default;
  virtual const CertificateContents& contents() const = 0;
  // Whether `issuer` has signed it, with a hash that is still believed (SHA-2 or those of the Edwards
  // curves).
  virtual base::Status signed_by(const Certificate& issuer) const = 0;

  std::string subject() const;  // for people, escaped: "certificate CN=left"
};
using CertificatePtr = std::shared_ptr<const Certificate>;

// One certificate from its DER.
base::Result<CertificatePtr> parse_certificate(base::ByteSpan der);
// All certificates of a PEM file in their order, or the one of a DER file.
base::Result<std::vector<CertificatePtr>> load_certificates(base::ByteSpan file);

// A list of revoked certificates (RFC 5280 5), complete and direct: others are refused when loaded.
class RevocationList {
 public:
  virtual ~RevocationList() = default;
  virtual const base::Bytes& issuer() const = 0;  // DER
  virtual std::int64_t this_update() const = 0;
  virtual std::int64_t next_update() const = 0;
  virtual bool revokes(const Certificate& certificate) const = 0;
  virtual base::Status signed_by(const Certificate& issuer) const = 0;
};
using RevocationListPtr = std::shared_ptr<const RevocationList>;
base::Result<RevocationListPtr> load_revocation_list(base::ByteSpan file);  // PEM or DER

// Whom we believe: certificates of CAs, and what they have revoked.
struct Trust {
  std::vector<CertificatePtr> authorities;
  std::vector<RevocationListPtr> revoked;
};

constexpr std::size_t kMostCertificates = 8;        // that a peer may send, and in a chain
constexpr std::size_t kLargestCertificate = 16384;  // octets

// Finds a chain from `leaf` over `others` to one of the authorities and checks all of it (RFC 5280 6):
// signatures, validity at `now` (seconds since 1970), CA bit, path length, key usage, name constraints,
// revocation; and that the leaf may be used for IKE (RFC 4945 5.1.3.2, 5.1.3.12). The work is bounded by
// kMostCertificates. The error names the certificate that fails and why.
base::Status validate_chain(const CertificatePtr& leaf, const std::vector<CertificatePtr>& others,
                            const Trust& trust, std::int64_t now);

// Whether the names of a certificate keep to the constraints of a CA above it. The error says which does not.
base::Status check_name_constraints(const CertificateContents& subject, const NameConstraints& constraints);

// "2031-05-17 08:00:00 UTC"
std::string date_text(std::int64_t seconds);

// Parses a subjectAltName and a nameConstraints extension (the contents of their OCTET STRING).
base::Result<GeneralNames> parse_general_names(base::ByteSpan extension);
base::Result<NameConstraints> parse_name_constraints(base::ByteSpan extension);

}  // namespace crypto
