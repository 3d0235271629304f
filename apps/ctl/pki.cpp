#include "apps/ctl/pki.h"

#include <charconv>
#include <chrono>
#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/handlers.h"
#include "apps/ctl/pki_files.h"
#include "crypto/botan/rng.h"
#include "crypto/distinguished_name.h"
#include "crypto/pki.h"
#include "ikev2/identity.h"

namespace ctl {
namespace {

using crypto::KeyType;
using PrivateKeyPtr = std::shared_ptr<const crypto::PrivateKey>;

constexpr std::int64_t kDay = 86400, kSkew = 300;  // seconds; a peer's clock may be a little behind

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

// The first, where an option is repeated.
std::optional<std::string> option(const Invocation& invocation, std::string_view name) {
  for (const auto& [key, value] : invocation.options) {
    if (key == name) return value;
  }
  return std::nullopt;
}

base::Result<std::string> needed(const Invocation& invocation, std::string_view name, std::string_view what) {
  if (auto value = option(invocation, name)) return std::move(*value);
  return base::local_error(std::string(name) + " is missing: " + std::string(what));
}

base::Result<std::int64_t> number(const Invocation& invocation, std::string_view name, std::int64_t fallback,
                                  std::int64_t most) {
  const auto text = option(invocation, name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 0 || value > most)
    return base::local_error(std::string(name) + " takes a number from 0 to " + std::to_string(most));
  return value;
}

base::Result<crypto::KeyInfo> key_type(const Invocation& invocation) {
  const std::string text = option(invocation, "--type").value_or("ecdsa-256");
  static const std::pair<std::string_view, crypto::KeyInfo> kTypes[] = {
      {"rsa-2048", {KeyType::rsa, 2048}},       {"rsa-3072", {KeyType::rsa, 3072}},
      {"rsa-4096", {KeyType::rsa, 4096}},       {"ecdsa-256", {KeyType::ecdsa_256, 256}},
      {"ecdsa-384", {KeyType::ecdsa_384, 384}}, {"ecdsa-521", {KeyType::ecdsa_521, 521}},
      {"ed25519", {KeyType::ed25519, 255}},     {"ed448", {KeyType::ed448, 448}}};
  std::string known;
  for (const auto& [name, info] : kTypes) {
    if (name == text) return info;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return base::local_error("--type " + text + " is none of " + known);
}

// The key of --key, else a new one, written to PREFIX.key.
base::Result<PrivateKeyPtr> subject_key(const Invocation& invocation, const std::string& prefix,
                                        base::Rng& rng) {
  if (const auto path = option(invocation, "--key")) {
    ASSIGN_OR_RETURN(const base::SecretBytes contents, read_whole(*path));
    return crypto::load_private_key(contents);
  }
  ASSIGN_OR_RETURN(const crypto::KeyInfo type, key_type(invocation));
  ASSIGN_OR_RETURN(PrivateKeyPtr key, crypto::make_private_key(type, rng));
  RETURN_IF_ERROR(write_new(prefix + ".key", key->pem(), 0600));
  return key;
}

// PREFIX.key and the certificates of PREFIX.pem, the CA's own first.
struct Authority {
  crypto::Issuer issuer;
  std::vector<crypto::CertificatePtr> certificates;
};
base::Result<Authority> load_authority(const std::string& prefix) {
  Authority out;
  ASSIGN_OR_RETURN(const base::SecretBytes pem, read_whole(prefix + ".pem"));
  ASSIGN_OR_RETURN(out.certificates, crypto::load_certificates(pem));
  ASSIGN_OR_RETURN(const base::SecretBytes key, read_whole(prefix + ".key"));
  out.issuer.certificate = out.certificates.front();
  ASSIGN_OR_RETURN(out.issuer.key, crypto::load_private_key(key));
  if (!out.issuer.certificate->contents().is_ca)
    return base::local_error(prefix + ".pem is not that of a CA");
  if (out.issuer.certificate->contents().key->spki() != out.issuer.key->spki())
    return base::local_error(prefix + ".key does not belong to " + prefix + ".pem");
  return out;
}

base::Result<crypto::GeneralNames> read_names(const Invocation& invocation) {
  crypto::GeneralNames out;
  for (const auto& [key, value] : invocation.options) {
    if (key != "--id") continue;
    ASSIGN_OR_RETURN(const ikev2::Identity id, ikev2::Identity::parse(value));
    switch (id.type) {
      case ikev2::IdType::fqdn:
        out.dns.emplace_back(base::as_text(id.data));
        break;
      case ikev2::IdType::rfc822:
        out.email.emplace_back(base::as_text(id.data));
        break;
      case ikev2::IdType::ipv4:
      case ikev2::IdType::ipv6:
        out.ip.push_back(id.data);
        break;
      case ikev2::IdType::der_asn1_dn:
        out.directory.push_back(id.data);
        break;
      default:
        return base::local_error("--id " + value +
                                 ": a certificate cannot hold this kind of identity (RFC 4945 3.1)");
    }
  }
  return out;
}

// --name, a distinguished name or the CN alone; else the first identity.
base::Result<base::Bytes> read_subject(const Invocation& invocation) {
  std::string name = option(invocation, "--name").value_or("");
  if (name.empty()) {
    ASSIGN_OR_RETURN(const std::string id,
                     needed(invocation, "--id", "whom the certificate is for, fqdn:..."));
    ASSIGN_OR_RETURN(const ikev2::Identity parsed, ikev2::Identity::parse(id));
    if (parsed.type == ikev2::IdType::der_asn1_dn) return parsed.data;
    name = parsed.text().substr(parsed.text().find(':') + 1);
  }
  return crypto::parse_dn(name.find('=') == std::string::npos ? "CN=" + name : name);
}

base::Result<crypto::CertificateRequest> read_request(const Invocation& invocation, std::int64_t days) {
  constexpr std::int64_t kMostDays = 36500;
  crypto::CertificateRequest request;
  ASSIGN_OR_RETURN(request.subject, read_subject(invocation));
  ASSIGN_OR_RETURN(request.names, read_names(invocation));
  ASSIGN_OR_RETURN(const std::int64_t valid, number(invocation, "--days", days, kMostDays));
  request.not_before = unix_time() - kSkew;
  request.not_after = unix_time() + valid * kDay;
  return request;
}

// Makes PREFIX.pem: the certificate, then the intermediate ones of its issuer.
base::Status issue(const crypto::CertificateRequest& request, const Authority* authority,
                   const Invocation& invocation, Terminal& terminal) {
  ASSIGN_OR_RETURN(const std::string prefix,
                   needed(invocation, "--out", "PREFIX.key and PREFIX.pem are made"));
  if (exists(prefix + ".pem")) return base::local_error(prefix + ".pem exists already");
  const auto rng = crypto::make_system_rng();
  ASSIGN_OR_RETURN(const PrivateKeyPtr key, subject_key(invocation, prefix, *rng));
  ASSIGN_OR_RETURN(
      const base::Bytes der,
      crypto::make_certificate(request, *key, authority == nullptr ? nullptr : &authority->issuer, *rng));
  std::string pem = crypto::to_pem("CERTIFICATE", der);
  if (authority != nullptr) {
    for (const auto& certificate : authority->certificates) {
      const auto& contents = certificate->contents();
      if (!crypto::same_dn(contents.subject, contents.issuer))
        pem += crypto::to_pem("CERTIFICATE", contents.der);
    }
  }
  RETURN_IF_ERROR(write_new(prefix + ".pem", base::as_bytes(pem), 0644));
  if (!invocation.json) {
    terminal.out << prefix << ".pem: " << crypto::dn_text(request.subject) << ", " << name(key->info())
                 << ", until " << crypto::date_text(request.not_after) << "\n";
  }
  return {};
}

int finish(const base::Status& status, const Invocation& invocation, Terminal& terminal) {
  if (status.has_error()) return refuse(invocation, terminal, kRefused, "failed", status.error().reason);
  if (invocation.json) terminal.out << "{}\n";
  return kDone;
}

base::Status make_key(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const std::string path, needed(invocation, "--out", "the file to write"));
  ASSIGN_OR_RETURN(const crypto::KeyInfo type, key_type(invocation));
  if (exists(path)) return base::local_error(path + " exists already");
  const auto rng = crypto::make_system_rng();
  ASSIGN_OR_RETURN(const PrivateKeyPtr key, crypto::make_private_key(type, *rng));
  return write_new(path, key->pem(), 0600);
}

base::Status make_ca(const Invocation& invocation, Terminal& terminal) {
  RETURN_IF_ERROR(needed(invocation, "--name", "what the CA is called"));
  ASSIGN_OR_RETURN(crypto::CertificateRequest request, read_request(invocation, 3650));
  request.ca = true;
  if (option(invocation, "--path-length")) {
    ASSIGN_OR_RETURN(const std::int64_t length, number(invocation, "--path-length", 0, 100));
    request.path_length = static_cast<std::uint32_t>(length);
  }
  const auto above = option(invocation, "--ca");
  if (!above) return issue(request, nullptr, invocation, terminal);
  ASSIGN_OR_RETURN(const Authority authority, load_authority(*above));
  return issue(request, &authority, invocation, terminal);
}

base::Status make_cert(const Invocation& invocation, Terminal& terminal) {
  ASSIGN_OR_RETURN(const std::string ca, needed(invocation, "--ca", "PREFIX of the CA's .key and .pem"));
  ASSIGN_OR_RETURN(const Authority authority, load_authority(ca));
  ASSIGN_OR_RETURN(const crypto::CertificateRequest request, read_request(invocation, 365));
  return issue(request, &authority, invocation, terminal);
}

base::Status make_self_signed(const Invocation& invocation, Terminal& terminal) {
  ASSIGN_OR_RETURN(const crypto::CertificateRequest request, read_request(invocation, 3650));
  return issue(request, nullptr, invocation, terminal);
}

base::Status make_crl(const Invocation& invocation) {
  ASSIGN_OR_RETURN(const std::string ca, needed(invocation, "--ca", "PREFIX of the CA's .key and .pem"));
  ASSIGN_OR_RETURN(const std::string out, needed(invocation, "--out", "the file to write"));
  ASSIGN_OR_RETURN(const Authority authority, load_authority(ca));
  ASSIGN_OR_RETURN(const std::int64_t days, number(invocation, "--days", 30, 36500));
  std::vector<base::Bytes> serials;
  for (const auto& [key, path] : invocation.options) {
    if (key != "--revoke") continue;
    ASSIGN_OR_RETURN(const base::SecretBytes pem, read_whole(path));
    ASSIGN_OR_RETURN(const auto certificates, crypto::load_certificates(pem));
    serials.push_back(certificates.front()->contents().serial);
  }
  const auto rng = crypto::make_system_rng();
  ASSIGN_OR_RETURN(const base::Bytes der,
                   crypto::make_revocation_list(authority.issuer, serials, unix_time() - kSkew,
                                                unix_time() + days * kDay, *rng));
  return write_new(out, base::as_bytes(crypto::to_pem("X509 CRL", der)), 0644);
}

}  // namespace

int run_pki_key(const Invocation& invocation, Terminal& terminal) {
  return finish(make_key(invocation), invocation, terminal);
}
int run_pki_ca(const Invocation& invocation, Terminal& terminal) {
  return finish(make_ca(invocation, terminal), invocation, terminal);
}
int run_pki_cert(const Invocation& invocation, Terminal& terminal) {
  return finish(make_cert(invocation, terminal), invocation, terminal);
}
int run_pki_self_signed(const Invocation& invocation, Terminal& terminal) {
  return finish(make_self_signed(invocation, terminal), invocation, terminal);
}
int run_pki_crl(const Invocation& invocation, Terminal& terminal) {
  return finish(make_crl(invocation), invocation, terminal);
}

}  // namespace ctl
