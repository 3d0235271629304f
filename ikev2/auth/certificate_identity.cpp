#include "ikev2/auth/certificate_identity.h"

#include <algorithm>

#include "crypto/distinguished_name.h"

namespace ikev2 {
namespace {

using crypto::GeneralNames;

Identity text_identity(IdType type, const std::string& name) {
  return {type, base::to_bytes(base::as_bytes(name))};
}

// Every identity that the certificate proves, apart from its subject.
std::vector<Identity> identities_of(const crypto::CertificateContents& certificate) {
  std::vector<Identity> out;
  if (!certificate.names) {
    for (const auto& cn : crypto::dn_values(certificate.subject, "CN"))
      out.push_back(text_identity(IdType::fqdn, cn));
    for (const auto& email : crypto::dn_values(certificate.subject, "E"))
      out.push_back(text_identity(IdType::rfc822, email));
    return out;
  }
  const GeneralNames& names = *certificate.names;
  for (const auto& dns : names.dns) out.push_back(text_identity(IdType::fqdn, dns));
  for (const auto& email : names.email) out.push_back(text_identity(IdType::rfc822, email));
  for (const auto& ip : names.ip) out.push_back({ip.size() == 4 ? IdType::ipv4 : IdType::ipv6, ip});
  for (const auto& dn : names.directory) out.push_back({IdType::der_asn1_dn, dn});
  return out;
}

}  // namespace

base::Status check_certificate_identity(const crypto::CertificateContents& certificate, const Identity& id) {
  const std::string whose = "certificate " + crypto::dn_text(certificate.subject).substr(0, 200);
  std::vector<Identity> proved = identities_of(certificate);
  proved.push_back({IdType::der_asn1_dn, certificate.subject});
  const IdentityPattern wanted(id);
  if (std::any_of(proved.begin(), proved.end(), [&](const Identity& one) { return wanted.matches(one); }))
    return {};
  std::string has;
  constexpr std::size_t kMost = 5;  // that are worth reading
  for (std::size_t i = 0; i < std::min(proved.size(), kMost); ++i)
    has += (i == 0 ? "" : ", ") + proved[i].text();
  if (proved.size() > kMost) has += ", ...";
  return base::crypto_error(whose + " is not that of " + id.text() + ": it is that of " + has);
}

}  // namespace ikev2
