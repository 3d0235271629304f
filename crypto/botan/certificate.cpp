#include "crypto/certificate.h"

#include <botan/hash.h>
#include <botan/pem.h>
#include <botan/x509_crl.h>
#include <botan/x509_ext.h>

#include <algorithm>
#include <set>

#include "crypto/botan/certificate_impl.h"
#include "crypto/botan/guard_impl.h"
#include "crypto/botan/keys_impl.h"
#include "crypto/der.h"

namespace crypto {
namespace botan {
namespace {

// Extensions whose meaning is looked at, or that carry none for us. Any other critical one makes a
// certificate unbelievable (RFC 5280 4.2).
const std::set<std::string>& known_extensions() {
  static const std::set<std::string> kKnown{"2.5.29.14",   // subjectKeyIdentifier
                                            "2.5.29.15",   // keyUsage
                                            "2.5.29.17",   // subjectAltName
                                            "2.5.29.18",   // issuerAltName
                                            "2.5.29.19",   // basicConstraints
                                            "2.5.29.30",   // nameConstraints
                                            "2.5.29.31",   // cRLDistributionPoints: never fetched
                                            "2.5.29.32",   // certificatePolicies: any policy will do
                                            "2.5.29.35",   // authorityKeyIdentifier
                                            "2.5.29.37"};  // extKeyUsage
  return kKnown;
}

const Botan::OID kSubjectAltName{2, 5, 29, 17}, kNameConstraints{2, 5, 29, 30}, kKeyUsage{2, 5, 29, 15};

// Seconds since 1970 of a time that may lie beyond what time_t or nanoseconds hold (RFC 5280 4.1.2.5:
// 99991231235959Z says that there is no end).
std::int64_t seconds_of(const Botan::X509_Time& time) {
  const std::string text = time.to_string();  // [YY]YYMMDDHHMMSSZ
  const bool utc = text.size() == 13;
  const auto number = [&](std::size_t at, std::size_t count) { return std::stoll(text.substr(at, count)); };
  std::int64_t year = number(0, utc ? 2 : 4);
  if (utc) year += year >= 50 ? 1900 : 2000;
  const std::size_t rest = utc ? 2 : 4;
  const std::int64_t month = number(rest, 2), day = number(rest + 2, 2);
  const std::int64_t shifted_year = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = shifted_year / 400, of_era = shifted_year % 400;
  const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
  return days * 86400 + number(rest + 4, 2) * 3600 + number(rest + 6, 2) * 60 + number(rest + 8, 2);
}

std::uint16_t usage_of(Botan::Key_Constraints usage) {
  std::uint16_t bits = 0;
  if (usage.includes(Botan::Key_Constraints::DigitalSignature)) bits |= kDigitalSignature;
  if (usage.includes(Botan::Key_Constraints::NonRepudiation)) bits |= kNonRepudiation;
  if (usage.includes(Botan::Key_Constraints::KeyCertSign)) bits |= kKeyCertSign;
  if (usage.includes(Botan::Key_Constraints::CrlSign)) bits |= kCrlSign;
  return bits;
}

base::Status read_extensions(const Botan::X509_Certificate& certificate, CertificateContents& out) {
  const Botan::Extensions& extensions = certificate.v3_extensions();
  for (const Botan::OID& oid : extensions.get_extension_oids()) {
    if (extensions.critical_extension_set(oid) && !known_extensions().contains(oid.to_string()))
      out.refusal = "has a critical extension that is not known: " + oid.to_string();
  }
  // RFC 5280 4.2: "A certificate MUST NOT include more than one instance of a particular extension."
  if (extensions.extensions_raw().size() != extensions.get_extension_oids().size())
    out.refusal = "has an extension twice";
  if (extensions.extension_set(kSubjectAltName)) {
    ASSIGN_OR_RETURN(out.names, parse_general_names(extensions.get_extension_bits(kSubjectAltName)));
  }
  if (extensions.extension_set(kNameConstraints)) {
    ASSIGN_OR_RETURN(out.constraints,
                     parse_name_constraints(extensions.get_extension_bits(kNameConstraints)));
  }
  if (extensions.extension_set(kKeyUsage)) out.key_usage = usage_of(certificate.constraints());
  for (const Botan::OID& oid : certificate.extended_key_usage())
    out.extended_usage.push_back(oid.to_string());
  out.subject_key_id = certificate.subject_key_id();
  out.authority_key_id = certificate.authority_key_id();
  if (const auto* basic = extensions.get_extension_object_as<Botan::Cert_Extension::Basic_Constraints>()) {
    // Botan's is_CA_cert() looks at the key usage, too; here each has its own reason.
    out.is_ca = basic->get_is_ca();
    const std::size_t limit = out.is_ca ? basic->get_path_limit() : 0;
    if (out.is_ca && limit != Botan::Cert_Extension::NO_CERT_PATH_LIMIT)
      out.path_length = static_cast<std::uint32_t>(std::min<std::size_t>(limit, 0xffff));
  }
  return {};
}

std::array<std::uint8_t, 20> sha1_of(base::ByteSpan octets) {
  const auto hash = Botan::HashFunction::create_or_throw("SHA-1");
  hash->update(octets);
  std::array<std::uint8_t, 20> digest;
  hash->final(std::span<std::uint8_t>(digest));
  return digest;
}

base::Result<CertificatePtr> read_certificate(base::ByteSpan der) {
  if (der.size() > kLargestCertificate) return base::malformed("a certificate of more than 16 KiB");
  // One item and nothing behind it: Botan would not mind.
  der::Reader outer(der);
  ASSIGN_OR_RETURN(const der::Item whole, outer.expect(der::kSequence));
  if (!outer.empty()) return base::malformed("octets behind the certificate");
  Botan::X509_Certificate certificate(whole.whole.data(), whole.whole.size());
  CertificateContents contents;
  contents.der = base::to_bytes(der);
  contents.subject = certificate.raw_subject_dn();
  contents.issuer = certificate.raw_issuer_dn();
  contents.serial = certificate.serial_number();
  contents.not_before = seconds_of(certificate.not_before());
  contents.not_after = seconds_of(certificate.not_after());
  RETURN_IF_ERROR(read_extensions(certificate, contents));
  ASSIGN_OR_RETURN(contents.key, load_public_key(certificate.subject_public_key_info()));
  contents.key_hash = sha1_of(certificate.subject_public_key_info());
  return CertificatePtr(std::make_shared<BotanCertificate>(certificate, std::move(contents)));
}

class BotanRevocationList final : public RevocationList {
 public:
  explicit BotanRevocationList(Botan::X509_CRL crl)
      : crl_(std::move(crl)),
        issuer_(crl_.issuer_dn().DER_encode()),
        this_update_(seconds_of(crl_.this_update())),
        next_update_(seconds_of(crl_.next_update())) {}
  const base::Bytes& issuer() const override { return issuer_; }
  std::int64_t this_update() const override { return this_update_; }
  std::int64_t next_update() const override { return next_update_; }
  bool revokes(const Certificate& certificate) const override {
    for (const Botan::CRL_Entry& entry : crl_.get_revoked()) {
      if (entry.serial_number() == certificate.contents().serial &&
          entry.reason_code() != Botan::CRL_Code::RemoveFromCrl)
        return true;
    }
    return false;
  }
  base::Status signed_by(const Certificate& issuer) const override {
    return check_signature(crl_, *issuer.contents().key);
  }

 private:
  Botan::X509_CRL crl_;
  base::Bytes issuer_;
  std::int64_t this_update_, next_update_;
};

// The octets of the first block with that label, or the file itself where it is DER.
base::Result<base::Bytes> only_block(base::ByteSpan file, std::string_view label) {
  for (const PemBlock& block : pem_blocks(file)) {
    if (block.label != label) continue;
    std::string found;
    return Botan::unlock(Botan::PEM_Code::decode(block.text, found));
  }
  if (!file.empty() && file[0] == der::kSequence) return base::to_bytes(file);
  return base::local_error("it is neither PEM nor DER");
}

}  // namespace

base::Status check_signature(const Botan::X509_Object& object, const PublicKey& key) {
  // SHA-1 and MD5 are no longer believed (RFC 8247 4.1; collisions are practical). Ed448 hashes with
  // SHAKE-256.
  static const std::set<std::string> kBelieved{"SHA-256", "SHA-384", "SHA-512", "SHA-512-256",
                                               "SHAKE-256(912)"};
  return guarded("its signature", [&]() -> base::Status {
    const auto* botan_key = dynamic_cast<const BotanPublicKey*>(&key);
    if (botan_key == nullptr) return base::local_error("the key is of another library");
    const auto [status, hash] = object.verify_signature(botan_key->key());
    if (status == Botan::Certificate_Status_Code::VERIFIED && kBelieved.contains(hash)) return {};
    if (status == Botan::Certificate_Status_Code::VERIFIED)
      return base::crypto_error("its signature is made with " + hash + ", which is no longer believed");
    return base::crypto_error("its signature is not that of the CA of this name");
  });
}

base::Status BotanCertificate::signed_by(const Certificate& issuer) const {
  return check_signature(certificate_, *issuer.contents().key);
}

}  // namespace botan

base::Result<CertificatePtr> parse_certificate(base::ByteSpan der) {
  return botan::guarded("certificate", [&] { return botan::read_certificate(der); });
}

base::Result<std::vector<CertificatePtr>> load_certificates(base::ByteSpan file) {
  return botan::guarded("certificate", [&]() -> base::Result<std::vector<CertificatePtr>> {
    std::vector<CertificatePtr> out;
    const auto blocks = botan::pem_blocks(file);
    for (const botan::PemBlock& block : blocks) {
      if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") continue;
      std::string label;
      const auto der = Botan::PEM_Code::decode(block.text, label);
      ASSIGN_OR_RETURN(CertificatePtr certificate, botan::read_certificate(der));
      out.push_back(std::move(certificate));
    }
    if (out.empty() && blocks.empty() && !file.empty() && file[0] == der::kSequence) {
      ASSIGN_OR_RETURN(CertificatePtr certificate, botan::read_certificate(file));
      out.push_back(std::move(certificate));
    }
    if (out.empty()) return base::local_error("there is no certificate in it");
    return out;
  });
}

base::Result<RevocationListPtr> load_revocation_list(base::ByteSpan file) {
  return botan::guarded("CRL", [&]() -> base::Result<RevocationListPtr> {
    ASSIGN_OR_RETURN(const base::Bytes der, botan::only_block(file, "X509 CRL"));
    Botan::X509_CRL crl(der);
    for (const auto& [extension, critical] : crl.extensions().extensions()) {
      // An indirect, partial or delta list says so in a critical extension (RFC 5280 5.2.4, 5.2.5).
      if (critical)
        return base::local_error("it has a critical extension: only complete and direct lists are supported");
    }
    if (!crl.next_update().time_is_set()) return base::local_error("it does not say when it ends");
    return RevocationListPtr(std::make_shared<botan::BotanRevocationList>(std::move(crl)));
  });
}

}  // namespace crypto
