#include "ikev2/auth/authenticator.h"

#include "ikev2/auth/certificate_identity.h"
#include "ikev2/auth/psk.h"

namespace ikev2 {
namespace {

using crypto::CertificatePtr;

base::Error wrong_secret() { return base::crypto_error("the two sides hold different secrets"); }

// Any of the schemes will do; the first reason is the one that is told.
base::Status verify_any(const crypto::PublicKey& key, const StartVerify& work) {
  base::Status first = base::crypto_error("the signature is of no kind that the profile allows");
  bool tried = false;
  for (const auto& scheme : work.schemes) {
    const base::Status status = key.verify(scheme, work.octets, work.proof);
    if (status.has_value()) return {};
    if (!tried) first = status;
    tried = true;
  }
  return first;
}

base::Result<std::vector<CertificatePtr>> parse_all(const std::vector<base::Bytes>& certificates) {
  std::vector<CertificatePtr> out;
  if (certificates.empty())
    return base::crypto_error(
        "the peer sends no certificate, and the profile names a CA, not the peer's own");
  if (certificates.size() > crypto::kMostCertificates)
    return base::crypto_error("the peer sends more than " + std::to_string(crypto::kMostCertificates) +
                              " certificates");
  for (const base::Bytes& der : certificates) {
    auto parsed = crypto::parse_certificate(der);
    if (parsed.has_error())
      return base::crypto_error("the peer sends an unusable certificate: " + parsed.error().reason);
    out.push_back(std::move(*parsed));
  }
  return out;
}

// All three checks are done, whichever fails; the reason is that of the first.
base::Status check_certified(const StartVerify& work, const crypto::Trust& trust, std::int64_t unix_time) {
  ASSIGN_OR_RETURN(const std::vector<CertificatePtr> certificates, parse_all(work.certificates));
  const CertificatePtr& leaf = certificates.front();
  const std::vector<CertificatePtr> others(certificates.begin() + 1, certificates.end());
  const base::Status chain = crypto::validate_chain(leaf, others, trust, unix_time);
  const base::Status identity = check_certificate_identity(leaf->contents(), work.id);
  const base::Status signature = verify_any(*leaf->contents().key, work);
  RETURN_IF_ERROR(chain);
  RETURN_IF_ERROR(identity);
  if (signature.has_error())
    return base::crypto_error(signature.error().reason + " with the key of " + leaf->subject());
  return {};
}

}  // namespace

Authenticator::Authenticator(const crypto::Provider& provider, base::Rng& rng)
    : provider_(provider), rng_(rng), decoy_(32) {
  rng_.fill(decoy_.mutable_span());
  const auto key = crypto::make_private_key({crypto::KeyType::ecdsa_256, 256}, rng_);
  if (key.has_error()) return;
  if (auto half = crypto::load_public_key((*key)->spki()); half.has_value()) decoy_key_ = std::move(*half);
}

const crypto::KeyMaterial* Authenticator::find(CredentialId id) const {
  const auto found = materials_.find(id);
  return found == materials_.end() ? nullptr : found->second.get();
}

AuthDone Authenticator::authenticate(const StartAuth& work) const {
  AuthDone done{work.job, {}, {}};
  auto computed = compute(work);
  if (computed.has_error()) {
    done.status = std::move(computed).error();
  } else {
    done.auth = std::move(*computed);
  }
  return done;
}

base::Result<base::Bytes> Authenticator::compute(const StartAuth& work) const {
  const crypto::KeyMaterial* material = find(work.credential);
  if (work.scheme.kind != crypto::SignatureKind::none) {
    if (material == nullptr || !material->key) return base::local_error("the profile has no private key");
    return material->key->sign(work.scheme, work.octets, rng_);
  }
  if (material == nullptr || material->psk.empty())
    return base::local_error("the profile has no shared secret");
  ASSIGN_OR_RETURN(const auto prf, provider_.prf(work.prf));
  return base::to_bytes(psk_auth(*prf, material->psk, work.octets).span());
}

VerifyDone Authenticator::verify(const StartVerify& work, std::int64_t unix_time) const {
  return {work.job, work.schemes.empty() ? check_mic(work) : check_signature(work, unix_time)};
}

base::Status Authenticator::check_mic(const StartVerify& work) const {
  ASSIGN_OR_RETURN(const auto prf, provider_.prf(work.prf));
  const crypto::KeyMaterial* material = find(work.credential);
  const bool known = material != nullptr && !material->psk.empty();
  const base::SecretBytes computed = psk_auth(*prf, known ? material->psk : decoy_, work.octets);
  const bool equal = base::constant_time_equal(computed, work.proof);
  if (!known) return base::crypto_error("no shared secret is configured for this peer");
  // RFC 7296 2.21.2.
  if (!equal) return wrong_secret();
  return {};
}

base::Status Authenticator::check_signature(const StartVerify& work, std::int64_t unix_time) const {
  const crypto::KeyMaterial* material = find(work.credential);
  if (material != nullptr && material->pinned) {
    const base::Status signature = verify_any(*material->pinned, work);
    if (signature.has_error())
      return base::crypto_error(signature.error().reason +
                                " with the key of the certificate that the profile pins");
    return {};
  }
  if (material != nullptr && material->trust) return check_certified(work, *material->trust, unix_time);
  return refuse_unknown(work);
}

// Costs about what the check of a known peer's signature would.
base::Status Authenticator::refuse_unknown(const StartVerify& work) const {
  const auto certificates = parse_all(work.certificates);
  if (certificates.has_value()) {
    (void)crypto::validate_chain(certificates->front(), {}, {{certificates->front()}, {}}, 0);
    (void)verify_any(*certificates->front()->contents().key, work);
  } else if (decoy_key_) {
    const base::Bytes signature(64, 1);
    (void)decoy_key_->verify({crypto::SignatureKind::ecdsa_raw, crypto::Hash::sha2_256, 0}, work.octets,
                             signature);
  }
  return base::crypto_error("no key is configured for this peer");
}

}  // namespace ikev2
