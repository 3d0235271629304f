// Building and checking a chain of certificates, RFC 5280 6.1. Nothing here computes: signatures are checked
// behind the interfaces.
#include <algorithm>

#include "crypto/certificate.h"
#include "crypto/distinguished_name.h"

namespace crypto {
namespace {

base::Error refuse(const Certificate& certificate, const std::string& why) {
  return base::crypto_error(certificate.subject() + " " + why);
}

bool is_anchor(const Certificate& certificate, const Trust& trust) {
  return std::any_of(trust.authorities.begin(), trust.authorities.end(), [&](const CertificatePtr& ca) {
    return ca->contents().der == certificate.contents().der;
  });
}

// Whether `issuer` may have signed `subject`, by its names: the signature decides.
bool may_have_signed(const Certificate& issuer, const Certificate& subject) {
  const CertificateContents& above = issuer.contents();
  const CertificateContents& below = subject.contents();
  if (!same_dn(above.subject, below.issuer)) return false;
  return above.subject_key_id.empty() || below.authority_key_id.empty() ||
         above.subject_key_id == below.authority_key_id;
}

// The certificate that has signed `subject`: one of the authorities, else one that the peer has sent and that
// is not in the chain already. Where none fits, the error says what was tried.
base::Result<CertificatePtr> find_issuer(const Certificate& subject, const std::vector<CertificatePtr>& chain,
                                         const std::vector<CertificatePtr>& others, const Trust& trust) {
  std::string tried;
  for (const auto* list : {&trust.authorities, &others}) {
    for (const CertificatePtr& candidate : *list) {
      if (!may_have_signed(*candidate, subject)) continue;
      const bool used = std::any_of(chain.begin(), chain.end(), [&](const CertificatePtr& c) {
        return c->contents().der == candidate->contents().der;
      });
      if (used) continue;
      const base::Status signature = subject.signed_by(*candidate);
      if (signature.has_value()) return candidate;
      tried = ": " + signature.error().reason;
    }
  }
  return refuse(subject, "is issued by " + dn_text(subject.contents().issuer) +
                             ", which is none of our CAs and not among the certificates sent" + tried);
}

base::Status check_dates(const Certificate& certificate, std::int64_t now) {
  const CertificateContents& contents = certificate.contents();
  // RFC 5280 6.1.3 (a)(2).
  if (now < contents.not_before)
    return refuse(certificate, "is not valid before " + date_text(contents.not_before));
  if (now > contents.not_after) return refuse(certificate, "has expired on " + date_text(contents.not_after));
  if (contents.refusal) return refuse(certificate, *contents.refusal);
  return {};
}

// What makes a certificate one of a CA. `below`: how many certificates of CAs stand between it and the leaf,
// those that their own issuer has issued to itself not counted (RFC 5280 6.1.4 (k) to (n)).
base::Status check_ca(const Certificate& certificate, std::size_t below) {
  const CertificateContents& contents = certificate.contents();
  if (!contents.is_ca) return refuse(certificate, "is not that of a CA, and yet has issued another");
  if (contents.key_usage && (*contents.key_usage & kKeyCertSign) == 0)
    return refuse(certificate, "may not issue others: its key usage lacks keyCertSign");
  if (contents.path_length && below > *contents.path_length) {
    return refuse(certificate, "allows " + std::to_string(*contents.path_length) +
                                   " CAs below it, and there are " + std::to_string(below));
  }
  return {};
}

// RFC 4945 5.1.3.2: digitalSignature or nonRepudiation; 5.1.3.12: an extended key usage for IKE, or one that
// peers in the field use for it.
base::Status check_leaf_usage(const Certificate& leaf) {
  constexpr std::string_view kGood[] = {"1.3.6.1.5.5.7.3.17",  // ipsecIKE
                                        "2.5.29.37.0",         // anyExtendedKeyUsage
                                        "1.3.6.1.5.5.7.3.1",   // serverAuth
                                        "1.3.6.1.5.5.7.3.2",   // clientAuth
                                        "1.3.6.1.5.5.7.3.5",  "1.3.6.1.5.5.7.3.6",
                                        "1.3.6.1.5.5.7.3.7",   // ipsecEndSystem, ipsecTunnel, ipsecUser
                                        "1.3.6.1.5.5.8.2.2"};  // iKEIntermediate
  const CertificateContents& contents = leaf.contents();
  if (contents.key_usage && (*contents.key_usage & (kDigitalSignature | kNonRepudiation)) == 0)
    return refuse(leaf, "may not sign: its key usage lacks digitalSignature");
  if (contents.extended_usage.empty()) return {};
  const bool good = std::any_of(
      contents.extended_usage.begin(), contents.extended_usage.end(), [&](const std::string& oid) {
        return std::find(std::begin(kGood), std::end(kGood), oid) != std::end(kGood);
      });
  if (!good) return refuse(leaf, "is not for IKE: its extended key usage names other purposes alone");
  return {};
}

// RFC 5280 6.3. Where a list of the issuer is configured, it decides; the leaf needs one where any is
// configured.
base::Status check_revoked(const Certificate& subject, const Certificate& issuer, bool is_leaf,
                           const Trust& trust, std::int64_t now) {
  bool covered = false;
  for (const RevocationListPtr& list : trust.revoked) {
    if (!same_dn(list->issuer(), issuer.contents().subject)) continue;
    const auto& usage = issuer.contents().key_usage;
    if (usage && (*usage & kCrlSign) == 0)
      return refuse(issuer, "may not sign lists of revoked certificates: its key usage lacks cRLSign");
    if (list->signed_by(issuer).has_error()) continue;  // of another CA with the same name
    if (now < list->this_update() || now > list->next_update()) {
      return refuse(subject, "cannot be checked: the CRL of " + dn_text(list->issuer()) + " is valid from " +
                                 date_text(list->this_update()) + " to " + date_text(list->next_update()));
    }
    if (list->revokes(subject)) return refuse(subject, "is revoked by its CA");
    covered = true;
  }
  if (is_leaf && !trust.revoked.empty() && !covered)
    return refuse(subject,
                  "cannot be checked: none of our CRLs is of its CA " + dn_text(issuer.contents().subject));
  return {};
}

// From the leaf to an authority, by signatures.
base::Result<std::vector<CertificatePtr>> build_chain(const CertificatePtr& leaf,
                                                      const std::vector<CertificatePtr>& others,
                                                      const Trust& trust) {
  std::vector<CertificatePtr> chain{leaf};
  while (!is_anchor(*chain.back(), trust)) {
    if (chain.size() == kMostCertificates)
      return refuse(*leaf, "has no chain of at most " + std::to_string(kMostCertificates) +
                               " certificates to a CA of ours");
    ASSIGN_OR_RETURN(CertificatePtr issuer, find_issuer(*chain.back(), chain, others, trust));
    chain.push_back(std::move(issuer));
  }
  return chain;
}

bool is_self_issued(const Certificate& certificate) {
  return same_dn(certificate.contents().subject, certificate.contents().issuer);
}

}  // namespace

std::string Certificate::subject() const {
  std::string text = dn_text(contents().subject);
  constexpr std::size_t kMost = 200;
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return "certificate " + (text.empty() ? "without a name" : text);
}

base::Status validate_chain(const CertificatePtr& leaf, const std::vector<CertificatePtr>& others,
                            const Trust& trust, std::int64_t now) {
  if (others.size() > kMostCertificates) return base::crypto_error("more certificates than are looked at");
  ASSIGN_OR_RETURN(const auto chain, build_chain(leaf, others, trust));
  std::size_t below = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Certificate& certificate = *chain[i];
    RETURN_IF_ERROR(check_dates(certificate, now));
    if (i > 0) {
      RETURN_IF_ERROR(check_ca(certificate, below));
      if (!is_self_issued(certificate)) ++below;
      for (std::size_t j = 0; j < i; ++j) {
        const base::Status names =
            check_name_constraints(chain[j]->contents(), certificate.contents().constraints);
        if (names.has_error()) return refuse(*chain[j], "is refused: " + names.error().reason);
      }
    }
    if (i + 1 < chain.size()) RETURN_IF_ERROR(check_revoked(certificate, *chain[i + 1], i == 0, trust, now));
  }
  return check_leaf_usage(*leaf);
}

std::string date_text(std::int64_t seconds) {
  constexpr std::int64_t kDay = 86400;
  std::int64_t day = seconds / kDay, rest = seconds % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  // The civil calendar from days since 1970-01-01, for eras of 400 years that begin on the first of March.
  day += 719468;
  const std::int64_t era = (day >= 0 ? day : day - 146096) / 146097;
  const std::int64_t of_era = day - era * 146097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const auto two = [](std::int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return std::to_string(year) + "-" + two(month) + "-" + two(of_year - (153 * shifted + 2) / 5 + 1) + " " +
         two(rest / 3600) + ":" + two(rest / 60 % 60) + ":" + two(rest % 60) + " UTC";
}

}  // namespace crypto
