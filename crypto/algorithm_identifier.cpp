// AlgorithmIdentifiers of signatures, RFC 7427 appendix A and RFC 8420 appendix A:
//
//   SEQUENCE { OBJECT IDENTIFIER algorithm, parameters }
//
// RSASSA-PSS says in its parameters (RFC 4055 3.1): [0] hash, [1] mask generation with its hash, [2] octets
// of salt.
#include "crypto/der.h"
#include "crypto/signature.h"

namespace crypto {
namespace {

constexpr std::uint16_t kMostSalt = 64;  // octets: as long as the longest hash

struct Known {
  base::Bytes oid;
  SignatureScheme scheme;
  bool null_parameters;  // written; on receipt both forms are accepted
};

const std::vector<Known>& known() {
  const auto pkcs1 = [](std::uint8_t last) {
    return base::Bytes{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last};
  };
  const auto with_ecdsa = [](std::uint8_t last) {
    return base::Bytes{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last};
  };
  using enum SignatureKind;
  static const std::vector<Known> kKnown{
      {pkcs1(5), {rsa_pkcs1, Hash::sha1, 0}, true},
      {pkcs1(11), {rsa_pkcs1, Hash::sha2_256, 0}, true},
      {pkcs1(12), {rsa_pkcs1, Hash::sha2_384, 0}, true},
      {pkcs1(13), {rsa_pkcs1, Hash::sha2_512, 0}, true},
      {{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01}, {SignatureKind::ecdsa, Hash::sha1, 0}, false},
      {with_ecdsa(2), {SignatureKind::ecdsa, Hash::sha2_256, 0}, false},
      {with_ecdsa(3), {SignatureKind::ecdsa, Hash::sha2_384, 0}, false},
      {with_ecdsa(4), {SignatureKind::ecdsa, Hash::sha2_512, 0}, false},
      {{0x2b, 0x65, 0x70}, {ed25519, Hash::identity, 0}, false},
      {{0x2b, 0x65, 0x71}, {ed448, Hash::identity, 0}, false}};
  return kKnown;
}

const base::Bytes kPss{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a},
    kMgf1{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08};

struct HashOid {
  Hash hash;
  base::Bytes oid;
};
const std::vector<HashOid>& hash_oids() {
  const auto sha2 = [](std::uint8_t last) {
    return base::Bytes{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last};
  };
  static const std::vector<HashOid> kHashes{{Hash::sha1, {0x2b, 0x0e, 0x03, 0x02, 0x1a}},
                                            {Hash::sha2_256, sha2(1)},
                                            {Hash::sha2_384, sha2(2)},
                                            {Hash::sha2_512, sha2(3)}};
  return kHashes;
}

const base::Bytes kNullValue{der::kNull, 0};

base::Bytes pss_parameters(Hash hash, std::uint16_t salt) {
  base::Bytes hash_oid;
  for (const HashOid& known_hash : hash_oids()) {
    if (known_hash.hash == hash) hash_oid = known_hash.oid;
  }
  const base::Bytes algorithm = der::encode(der::kSequence, {der::encode(der::kOid, {hash_oid}), kNullValue});
  const base::Bytes mgf = der::encode(der::kSequence, {der::encode(der::kOid, {kMgf1}), algorithm});
  const base::Bytes length{static_cast<std::uint8_t>(salt)};
  return der::encode(
      der::kSequence,
      {der::encode(der::context_constructed(0), {algorithm}), der::encode(der::context_constructed(1), {mgf}),
       der::encode(der::context_constructed(2), {der::encode(der::kInteger, {length})})});
}

// SEQUENCE { OID, parameters }: the OID, and the parameters as they stand.
struct Identifier {
  base::ByteSpan oid, parameters;
};
base::Result<Identifier> read_identifier(base::ByteSpan octets) {
  der::Reader outer(octets);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  if (!outer.empty()) return base::malformed("octets behind the algorithm");
  der::Reader fields(sequence.content);
  ASSIGN_OR_RETURN(const der::Item oid, fields.expect(der::kOid));
  return Identifier{oid.content, fields.rest()};
}

bool no_parameters(base::ByteSpan parameters) {
  return parameters.empty() || base::equal(parameters, kNullValue);
}

base::Result<Hash> read_hash(base::ByteSpan octets) {
  ASSIGN_OR_RETURN(const Identifier identifier, read_identifier(octets));
  for (const HashOid& known_hash : hash_oids()) {
    if (base::equal(known_hash.oid, identifier.oid) && no_parameters(identifier.parameters))
      return known_hash.hash;
  }
  return base::malformed("RSASSA-PSS with a hash that is not known");
}

base::Result<std::uint16_t> read_small(base::ByteSpan octets) {
  der::Reader reader(octets);
  ASSIGN_OR_RETURN(const der::Item number, reader.expect(der::kInteger));
  if (!reader.empty() || number.content.size() != 1 || number.content[0] > kMostSalt)
    return base::malformed("RSASSA-PSS with a salt of more than 64 octets, or with another trailer");
  return number.content[0];
}

base::Result<SignatureScheme> read_pss(base::ByteSpan parameters) {
  der::Reader outer(parameters);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  if (!outer.empty()) return base::malformed("octets behind the parameters of RSASSA-PSS");
  der::Reader fields(sequence.content);
  // RFC 4055 3.1: what is left out is SHA-1, MGF1 with SHA-1, and 20.
  SignatureScheme scheme{SignatureKind::rsa_pss, Hash::sha1, 20};
  Hash mask = Hash::sha1;
  if (fields.at(der::context_constructed(0))) {
    ASSIGN_OR_RETURN(const der::Item hash, fields.next());
    ASSIGN_OR_RETURN(scheme.hash, read_hash(hash.content));
  }
  if (fields.at(der::context_constructed(1))) {
    ASSIGN_OR_RETURN(const der::Item mgf, fields.next());
    ASSIGN_OR_RETURN(const Identifier identifier, read_identifier(mgf.content));
    if (!base::equal(identifier.oid, kMgf1)) return base::malformed("RSASSA-PSS with another mask than MGF1");
    ASSIGN_OR_RETURN(mask, read_hash(identifier.parameters));
  }
  if (mask != scheme.hash) return base::malformed("RSASSA-PSS with two different hashes");
  if (fields.at(der::context_constructed(2))) {
    ASSIGN_OR_RETURN(const der::Item salt, fields.next());
    ASSIGN_OR_RETURN(scheme.salt, read_small(salt.content));
  }
  if (fields.at(der::context_constructed(3))) {
    ASSIGN_OR_RETURN(const der::Item trailer, fields.next());
    ASSIGN_OR_RETURN(const std::uint16_t field, read_small(trailer.content));
    if (field != 1) return base::malformed("RSASSA-PSS with another trailer");
  }
  if (!fields.empty()) return base::malformed("RSASSA-PSS with parameters that are not known");
  return scheme;
}

}  // namespace

base::Bytes algorithm_identifier(const SignatureScheme& scheme) {
  if (scheme.kind == SignatureKind::rsa_pss) {
    return der::encode(der::kSequence,
                       {der::encode(der::kOid, {kPss}), pss_parameters(scheme.hash, scheme.salt)});
  }
  for (const Known& entry : known()) {
    if (entry.scheme != scheme) continue;
    const base::Bytes oid = der::encode(der::kOid, {entry.oid});
    return der::encode(der::kSequence,
                       {oid, entry.null_parameters ? base::ByteSpan(kNullValue) : base::ByteSpan()});
  }
  return {};
}

base::Result<SignatureScheme> parse_algorithm_identifier(base::ByteSpan octets) {
  ASSIGN_OR_RETURN(const Identifier identifier, read_identifier(octets));
  if (base::equal(identifier.oid, kPss)) return read_pss(identifier.parameters);
  for (const Known& entry : known()) {
    if (!base::equal(identifier.oid, entry.oid)) continue;
    if (!no_parameters(identifier.parameters))
      return base::malformed(name(entry.scheme) + " with parameters");
    return entry.scheme;
  }
  return base::malformed("a signature algorithm that is not known: " + base::to_hex(identifier.oid));
}

SignatureScheme usual_scheme(const KeyInfo& key) {
  switch (key.type) {
    case KeyType::rsa:
      return {SignatureKind::rsa_pkcs1, Hash::sha2_256, 0};
    case KeyType::ed25519:
      return {SignatureKind::ed25519, Hash::identity, 0};
    case KeyType::ed448:
      return {SignatureKind::ed448, Hash::identity, 0};
    default:
      break;
  }
  const Hash hash = key.bits > 384 ? Hash::sha2_512 : key.bits > 256 ? Hash::sha2_384 : Hash::sha2_256;
  return {SignatureKind::ecdsa, hash, 0};
}

}  // namespace crypto
