// auth: {signature: ...}: private keys, certificates, CAs, lists of revoked certificates.
#include <chrono>

#include "config/credentials.h"
#include "config/signature_scheme.h"

namespace config {

namespace {

using crypto::CertificatePtr;

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

void warn_of_dates(const crypto::Certificate& certificate, Place at, std::string_view what,
                   Diagnostics& out) {
  const auto& contents = certificate.contents();
  const std::int64_t now = unix_time();
  if (now > contents.not_after) {
    out.warning(at, fmt::format("{}: {} has expired on {}", what, certificate.subject(),
                                crypto::date_text(contents.not_after)));
  } else if (now < contents.not_before) {
    out.warning(at, fmt::format("{}: {} is not valid before {}", what, certificate.subject(),
                                crypto::date_text(contents.not_before)));
  }
}

void read_scheme(MapReader& signature, ikev2::AuthConfig& out) {
  ikev2::SignatureChoice scheme;
  if (!read(signature, "scheme", scheme, parse_signature_scheme)) return;
  const Place at = signature.find("scheme")->place;
  if (scheme.scheme.hash == crypto::Hash::sha1)
    signature.diagnostics().warning(at, "scheme: signatures with SHA-1 are weak (RFC 8247)");
  if (out.key.type != crypto::KeyType::none && !fits(scheme.scheme, out.key.type)) {
    signature.diagnostics().error(at, fmt::format("scheme: a key {} makes no such signature", name(out.key)));
    return;
  }
  out.scheme = scheme;
}

}  // namespace

void Credentials::read_signature(const YamlEntry& entry, Side side, ikev2::AuthConfig& out) {
  out.kind = ikev2::AuthKind::signature;
  MapReader signature(*entry.value, "signature", entry.place, diagnostics_);
  if (side == Side::local) {
    read_own_key(signature, out);
  } else {
    read_peer(signature, out);
  }
  read_scheme(signature, out);
  signature.finish(true);
}

void Credentials::read_own_key(MapReader& signature, ikev2::AuthConfig& out) {
  const YamlNode* node = signature.find("key");
  if (node == nullptr) {
    (void)signature.find("cert");
    if (signature.sound())
      diagnostics_.error(signature.place(), "signature: key is missing, our private key");
    return;
  }
  const auto contents = file_contents(*node, "key", true);
  auto key = contents ? crypto::load_private_key(contents->span()) : base::local_error("");
  if (contents && key.has_error()) diagnostics_.error(node->place, "key: " + key.error().reason);
  if (key.has_error()) {
    (void)signature.find("cert");
    return;
  }
  out.key = (*key)->info();
  read_own_certificates(signature, **key, out);
  add(out, {.key = std::move(*key)});
}

// One file or several: our certificate, then the intermediate ones.
void Credentials::read_own_certificates(MapReader& signature, const crypto::PrivateKey& key,
                                        ikev2::AuthConfig& out) {
  const YamlEntry* entry = signature.find_entry("cert");
  if (entry == nullptr) return;
  std::vector<CertificatePtr> all;
  for (const YamlNodePtr& item : list_items(*entry, diagnostics_)) {
    for (CertificatePtr& certificate : certificates_of(*item, "cert")) {
      warn_of_dates(*certificate, item->place, "cert", diagnostics_);
      all.push_back(std::move(certificate));
    }
  }
  const Place at = entry->value->place;
  if (all.empty()) return;  // reported
  if (all.size() > crypto::kMostCertificates) {
    diagnostics_.error(at, fmt::format("cert: more than {} certificates", crypto::kMostCertificates));
  }
  if (all.front()->contents().key->spki() != key.spki()) {
    diagnostics_.error(
        at, fmt::format("cert: {} is not of the private key: it must come first", all.front()->subject()));
  }
  for (const CertificatePtr& certificate : all) out.certificates.push_back(certificate->contents().der);
}

void Credentials::read_peer(MapReader& signature, ikev2::AuthConfig& out) {
  const YamlEntry* pinned = signature.find_entry("cert");
  const bool ca = signature.has("ca");
  if (pinned != nullptr && !ca) {
    read_pinned(*pinned, out);
    if (signature.find("crl") != nullptr)
      diagnostics_.error(signature.find("crl")->place, "crl: a pinned certificate is not looked for in it");
    return;
  }
  read_trust(signature, out);
  if (pinned != nullptr)
    diagnostics_.error(pinned->place, "cert: write either cert (that certificate) or ca");
  if (pinned == nullptr && !ca && signature.sound()) {
    diagnostics_.error(
        signature.place(),
        "signature: write cert, the peer's certificate, or ca, whose certificates are believed");
  }
}

void Credentials::read_pinned(const YamlEntry& entry, ikev2::AuthConfig& out) {
  const auto found = certificates_of(*entry.value, "cert");
  if (found.empty()) return;  // reported
  if (found.size() > 1) {
    diagnostics_.error(entry.value->place,
                       fmt::format("cert: {} certificates: the peer's own alone is pinned", found.size()));
    return;
  }
  warn_of_dates(*found.front(), entry.value->place, "cert (pinned, and so accepted all the same)",
                diagnostics_);
  out.key = found.front()->contents().key->info();
  add(out, {.pinned = found.front()->contents().key});
}

void Credentials::read_trust(MapReader& signature, ikev2::AuthConfig& out) {
  crypto::Trust trust;
  const YamlEntry* authorities = signature.find_entry("ca");
  const YamlEntry* lists = signature.find_entry("crl");
  if (authorities == nullptr) return;
  for (const YamlNodePtr& item : list_items(*authorities, diagnostics_)) {
    for (CertificatePtr& certificate : certificates_of(*item, "ca")) {
      const auto& contents = certificate->contents();
      if (!contents.is_ca) {
        diagnostics_.error(item->place,
                           fmt::format("ca: {} is not that of a CA; to believe it alone, write cert: {}",
                                       certificate->subject(), item->text));
        continue;
      }
      warn_of_dates(*certificate, item->place, "ca", diagnostics_);
      base::append(out.authorities, contents.key_hash);
      trust.authorities.push_back(std::move(certificate));
    }
  }
  if (lists != nullptr) {
    for (const YamlNodePtr& item : list_items(*lists, diagnostics_)) {
      const auto contents = file_contents(*item, "crl", false);
      if (!contents) continue;
      auto list = crypto::load_revocation_list(contents->span());
      if (list.has_error()) {
        diagnostics_.error(item->place, "crl: " + list.error().reason);
        continue;
      }
      if (unix_time() > (*list)->next_update()) {
        diagnostics_.warning(item->place, "crl: it has ended on " +
                                              crypto::date_text((*list)->next_update()) +
                                              ": no certificate of its CA will be accepted");
      }
      trust.revoked.push_back(std::move(*list));
    }
  }
  if (!trust.authorities.empty()) add(out, {.trust = std::move(trust)});
}

std::vector<crypto::CertificatePtr> Credentials::certificates_of(const YamlNode& node, std::string_view key) {
  const auto contents = file_contents(node, key, false);
  if (!contents) return {};
  auto found = crypto::load_certificates(contents->span());
  if (found.has_error()) {
    diagnostics_.error(node.place, fmt::format("{}: {}", key, found.error().reason));
    return {};
  }
  return std::move(*found);
}

}  // namespace config
