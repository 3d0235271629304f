// Any octets as a certificate of a peer, as an AlgorithmIdentifier, as a distinguished name. What is taken
// for a certificate goes through the chain and identity checks; what is taken for a name must survive its own
// text.
#include "crypto/certificate.h"
#include "crypto/distinguished_name.h"
#include "ikev2/auth/certificate_identity.h"

namespace {

void check_name(base::ByteSpan octets) {
  const std::string text = crypto::dn_text(octets);
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) __builtin_trap();
  }
  if (crypto::is_dn(octets) && !crypto::same_dn(octets, octets)) __builtin_trap();
}

void check_certificate(const crypto::CertificatePtr& certificate) {
  const auto& contents = certificate->contents();
  check_name(contents.subject);
  (void)crypto::validate_chain(certificate, {certificate}, {}, 1'800'000'000);
  (void)crypto::validate_chain(certificate, {}, {{certificate}, {}}, 1'800'000'000);
  (void)crypto::check_name_constraints(contents, contents.constraints);
  (void)ikev2::check_certificate_identity(contents, {ikev2::IdType::fqdn, {'a', '.', 'b'}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan octets{data, size};
  check_name(octets);
  const auto scheme = crypto::parse_algorithm_identifier(octets);
  if (scheme.has_value() && scheme->salt > 64) __builtin_trap();
  (void)crypto::parse_name_constraints(octets);
  (void)crypto::parse_general_names(octets);
  if (const auto certificate = crypto::parse_certificate(octets); certificate.has_value())
    check_certificate(*certificate);
  return 0;
}
