// TBSCertificate and TBSCertList, RFC 5280 4.1 and 5.1, written out.
#include "crypto/pki.h"

#include <algorithm>

#include "crypto/der.h"

namespace crypto {
namespace {

using base::Bytes;

Bytes sequence(std::initializer_list<base::ByteSpan> parts) { return der::encode(der::kSequence, parts); }

Bytes oid(std::string_view dotted) {
  std::vector<std::uint32_t> arcs{0};
  for (const char c : dotted) {
    if (c == '.') {
      arcs.push_back(0);
    } else {
      arcs.back() = arcs.back() * 10 + static_cast<std::uint32_t>(c - '0');
    }
  }
  Bytes out{static_cast<std::uint8_t>(arcs[0] * 40 + arcs[1])};
  for (std::size_t i = 2; i < arcs.size(); ++i) {
    Bytes octets{static_cast<std::uint8_t>(arcs[i] & 0x7f)};
    for (std::uint32_t rest = arcs[i] >> 7; rest != 0; rest >>= 7)
      octets.insert(octets.begin(), static_cast<std::uint8_t>(0x80 | (rest & 0x7f)));
    base::append(out, octets);
  }
  return der::encode(der::kOid, {out});
}

// RFC 5280 4.1.2.5: UTCTime through the year 2049, GeneralizedTime from 2050 on.
Bytes time(std::int64_t seconds) {
  std::string digits;
  for (const char c : date_text(seconds)) {
    if (c >= '0' && c <= '9') digits += c;
  }
  digits += "Z";
  const bool utc = digits >= "1950" && digits < "2050";
  constexpr std::uint8_t kUtcTime = 0x17, kGeneralizedTime = 0x18;
  if (utc) digits.erase(0, 2);
  return der::encode(utc ? kUtcTime : kGeneralizedTime, {base::as_bytes(digits)});
}

Bytes bit_string(base::ByteSpan octets) {
  const Bytes unused{0};
  return der::encode(der::kBitString, {unused, octets});
}

Bytes extension(std::string_view id, bool critical, base::ByteSpan value) {
  const Bytes yes{der::kBoolean, 1, 0xff};
  const Bytes octets = der::encode(der::kOctetString, {value});
  return sequence({oid(id), critical ? base::ByteSpan(yes) : base::ByteSpan(), octets});
}

Bytes name_items(const GeneralNames& names, bool subtrees) {
  Bytes out;
  const auto add = [&](std::uint8_t tag, base::ByteSpan content) {
    const Bytes item = der::encode(tag, {content});
    base::append(out, subtrees ? sequence({item}) : item);
  };
  for (const auto& email : names.email) add(der::context(1), base::as_bytes(email));
  for (const auto& dns : names.dns) add(der::context(2), base::as_bytes(dns));
  for (const auto& dn : names.directory) add(der::context_constructed(4), dn);
  for (const auto& ip : names.ip) add(der::context(7), ip);
  return out;
}

Bytes key_usage_value(std::uint16_t usage) {
  std::uint8_t octet = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((usage & (1U << bit)) != 0) octet = static_cast<std::uint8_t>(octet | (0x80U >> bit));
  }
  std::uint8_t unused = 0;
  while (unused < 7 && ((octet >> unused) & 1) == 0) ++unused;
  return {der::kBitString, 2, unused, octet};
}

Bytes basic_constraints(const CertificateRequest& request) {
  const Bytes yes{der::kBoolean, 1, 0xff};
  Bytes limit;
  if (request.path_length)
    limit = der::encode(der::kInteger, {Bytes{static_cast<std::uint8_t>(*request.path_length & 0x7f)}});
  return sequence({yes, limit});
}

// The key identifier: the first 20 octets of what is unique to the key. RFC 5280 4.2.1.2 leaves the method
// free.
Bytes key_id(base::ByteSpan spki) {
  return base::to_bytes(spki.last(std::min<std::size_t>(spki.size(), 20)));
}

Bytes extensions(const CertificateRequest& request, const PrivateKey& key, const Issuer* issuer) {
  Bytes out;
  if (request.ca) base::append(out, extension("2.5.29.19", true, basic_constraints(request)));
  const std::uint16_t usage =
      request.key_usage.value_or(request.ca ? kKeyCertSign | kCrlSign : kDigitalSignature);
  base::append(out, extension("2.5.29.15", true, key_usage_value(usage)));
  if (!request.extended_usage.empty()) {
    Bytes purposes;
    for (const auto& purpose : request.extended_usage) base::append(purposes, oid(purpose));
    base::append(out, extension("2.5.29.37", false, sequence({purposes})));
  }
  if (!request.names.empty()) {
    // RFC 5280 4.2.1.6: critical where the subject is empty.
    base::append(out, extension("2.5.29.17", request.subject.size() <= 2,
                                sequence({name_items(request.names, false)})));
  }
  if (!request.constraints.empty()) {
    Bytes fields;
    if (!request.constraints.permitted.empty())
      base::append(fields, der::encode(der::context_constructed(0),
                                       {name_items(request.constraints.permitted, true)}));
    if (!request.constraints.excluded.empty())
      base::append(
          fields, der::encode(der::context_constructed(1), {name_items(request.constraints.excluded, true)}));
    base::append(out, extension("2.5.29.30", true, sequence({fields})));
  }
  base::append(out, extension("2.5.29.14", false, der::encode(der::kOctetString, {key_id(key.spki())})));
  if (issuer != nullptr) {
    const Bytes above = issuer->certificate->contents().subject_key_id;
    if (!above.empty())
      base::append(out, extension("2.5.29.35", false, sequence({der::encode(der::context(0), {above})})));
  }
  for (const auto& id : request.unknown_critical)
    base::append(out, extension(id, true, Bytes{der::kNull, 0}));
  return out;
}

// SEQUENCE { to be signed, algorithm, signature }.
base::Result<Bytes> sign(const Bytes& body, const PrivateKey& key, base::Rng& rng) {
  const SignatureScheme scheme = usual_scheme(key.info());
  ASSIGN_OR_RETURN(const Bytes signature, key.sign(scheme, body, rng));
  return sequence({body, algorithm_identifier(scheme), bit_string(signature)});
}

}  // namespace

base::Result<Bytes> make_certificate(const CertificateRequest& request, const PrivateKey& key,
                                     const Issuer* issuer, base::Rng& rng) {
  const PrivateKey& signing = issuer != nullptr ? *issuer->key : key;
  const Bytes version = der::encode(der::context_constructed(0), {Bytes{der::kInteger, 1, 2}});
  // RFC 5280 4.1.2.2: positive, at most 20 octets, never twice.
  Bytes serial = rng.bytes(16);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x3f) | 0x40);
  const Bytes algorithm = algorithm_identifier(usual_scheme(signing.info()));
  const Bytes& issuer_name = issuer != nullptr ? issuer->certificate->contents().subject : request.subject;
  const Bytes validity = sequence({time(request.not_before), time(request.not_after)});
  const Bytes extended =
      der::encode(der::context_constructed(3), {sequence({extensions(request, key, issuer)})});
  const Bytes body = sequence({version, der::encode(der::kInteger, {serial}), algorithm, issuer_name,
                               validity, request.subject, key.spki(), extended});
  return sign(body, signing, rng);
}

base::Result<Bytes> make_revocation_list(const Issuer& issuer, const std::vector<Bytes>& serials,
                                         std::int64_t this_update, std::int64_t next_update, base::Rng& rng) {
  const Bytes version{der::kInteger, 1, 1};
  const Bytes algorithm = algorithm_identifier(usual_scheme(issuer.key->info()));
  Bytes entries;
  for (const Bytes& serial : serials)
    base::append(entries, sequence({der::encode(der::kInteger, {serial}), time(this_update)}));
  const Bytes revoked = entries.empty() ? Bytes{} : sequence({entries});
  // RFC 5280 5.2.3: a number that grows; the time does.
  Bytes stamp(8);
  base::store_be64(stamp.data(), static_cast<std::uint64_t>(this_update));
  const Bytes number =
      extension("2.5.29.20", false, der::encode(der::kInteger, {base::ByteSpan(stamp).last(5)}));
  const Bytes above = issuer.certificate->contents().subject_key_id;
  const Bytes authority =
      above.empty() ? Bytes{}
                    : extension("2.5.29.35", false, sequence({der::encode(der::context(0), {above})}));
  const Bytes extended = der::encode(der::context_constructed(0), {sequence({authority, number})});
  const Bytes body = sequence({version, algorithm, issuer.certificate->contents().subject, time(this_update),
                               time(next_update), revoked, extended});
  return sign(body, *issuer.key, rng);
}

std::string to_pem(std::string_view label, base::ByteSpan der) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < der.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, der.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < count ? der[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += j <= count ? kDigits[(group >> (18 - 6 * j)) & 0x3f] : '=';
    if (text.size() % 65 == 64) text += '\n';
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  return "-----BEGIN " + std::string(label) + "-----\n" + text + "-----END " + std::string(label) + "-----\n";
}

}  // namespace crypto
