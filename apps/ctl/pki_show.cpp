// What a key, a certificate with its chain, or a CRL holds.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "apps/ctl/ask.h"
#include "apps/ctl/pki.h"
#include "apps/ctl/pki_files.h"
#include "crypto/distinguished_name.h"
#include "crypto/pki.h"
#include "ikev2/identity.h"

namespace ctl {
namespace {

using nlohmann::json;

std::vector<std::string> names_of(const crypto::GeneralNames& names) {
  std::vector<std::string> out;
  const auto add = [&](const ikev2::Identity& id) { out.push_back(id.text()); };
  for (const auto& dns : names.dns) add({ikev2::IdType::fqdn, base::to_bytes(base::as_bytes(dns))});
  for (const auto& email : names.email) add({ikev2::IdType::rfc822, base::to_bytes(base::as_bytes(email))});
  for (const auto& ip : names.ip) add({ip.size() == 4 ? ikev2::IdType::ipv4 : ikev2::IdType::ipv6, ip});
  for (const auto& dn : names.directory) add({ikev2::IdType::der_asn1_dn, dn});
  return out;
}

// "2031-05-17T08:00:00Z"
std::string iso_date(std::int64_t seconds) {
  const std::string text = crypto::date_text(seconds);
  return text.substr(0, 10) + "T" + text.substr(11, 8) + "Z";
}

json certificate_json(const crypto::CertificateContents& contents) {
  json out = {{"subject", crypto::dn_text(contents.subject)},
              {"issuer", crypto::dn_text(contents.issuer)},
              {"not_before", iso_date(contents.not_before)},
              {"not_after", iso_date(contents.not_after)},
              {"key", name(contents.key->info())},
              {"serial", base::to_hex(contents.serial)},
              {"ca", contents.is_ca},
              {"identities", contents.names ? names_of(*contents.names) : std::vector<std::string>()},
              {"key_hash", base::to_hex(base::ByteSpan(contents.key_hash))}};
  if (contents.is_ca && contents.path_length) out["path_length"] = *contents.path_length;
  return out;
}

void print_certificate(const crypto::CertificateContents& contents, std::ostream& out) {
  out << "certificate " << crypto::dn_text(contents.subject) << "\n"
      << "  issuer     " << crypto::dn_text(contents.issuer) << "\n"
      << "  valid      " << crypto::date_text(contents.not_before) << " to "
      << crypto::date_text(contents.not_after) << "\n"
      << "  key        " << name(contents.key->info()) << "\n"
      << "  serial     " << base::to_hex(contents.serial) << "\n";
  if (contents.is_ca) {
    out << "  CA         yes"
        << (contents.path_length ? ", " + std::to_string(*contents.path_length) + " below it" : std::string())
        << "\n";
  }
  if (contents.names) out << fmt::format("  identities {}\n", fmt::join(names_of(*contents.names), ", "));
  out << "  key hash   " << base::to_hex(base::ByteSpan(contents.key_hash)) << " (SHA-1, as in CERTREQ)\n";
}

void show_list(const crypto::RevocationList& list, const Invocation& invocation, Terminal& terminal) {
  const std::string issuer = crypto::dn_text(list.issuer());
  if (invocation.json)
    return print_json(terminal, {{"crl",
                                  {{"issuer", issuer},
                                   {"this_update", iso_date(list.this_update())},
                                   {"next_update", iso_date(list.next_update())}}}});
  terminal.out << "CRL of " << issuer << "\n  valid      " << crypto::date_text(list.this_update()) << " to "
               << crypto::date_text(list.next_update()) << "\n";
}

base::Status show(const Invocation& invocation, Terminal& terminal) {
  ASSIGN_OR_RETURN(const base::SecretBytes file, read_whole(invocation.words.front()));
  if (const auto key = crypto::load_private_key(file); key.has_value()) {
    const std::string type = name((*key)->info());
    if (invocation.json) {
      print_json(terminal, {{"private_key", type}});
    } else {
      terminal.out << "private key " << type << "\n";
    }
    return {};
  }
  if (const auto list = crypto::load_revocation_list(file); list.has_value()) {
    show_list(**list, invocation, terminal);
    return {};
  }
  ASSIGN_OR_RETURN(const auto certificates, crypto::load_certificates(file));
  json all = json::array();
  for (const auto& certificate : certificates) {
    if (invocation.json) {
      all.push_back(certificate_json(certificate->contents()));
    } else {
      print_certificate(certificate->contents(), terminal.out);
    }
  }
  if (invocation.json) print_json(terminal, {{"certificates", std::move(all)}});
  return {};
}

}  // namespace

int run_pki_show(const Invocation& invocation, Terminal& terminal) {
  if (invocation.words.size() != 1)
    return refuse(invocation, terminal, kUsage, "usage", "pki show takes one file");
  const base::Status status = show(invocation, terminal);
  if (status.has_error()) return refuse(invocation, terminal, kRefused, "failed", status.error().reason);
  return kDone;
}

}  // namespace ctl
