// Private keys out of files: PKCS #8, and the older forms that other tools still write.
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/pem.h>
#include <botan/pkcs8.h>
#include <botan/rsa.h>

#include "crypto/botan/guard_impl.h"
#include "crypto/botan/keys_impl.h"
#include "crypto/der.h"

namespace crypto {
namespace {

using PrivatePtr = std::shared_ptr<const Botan::Private_Key>;

// ECPrivateKey, RFC 5915 3: SEQUENCE { 1, OCTET STRING, [0] parameters, [1] public key }.
base::Result<PrivatePtr> from_sec1(base::ByteSpan octets) {
  der::Reader outer(octets);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  der::Reader fields(sequence.content);
  RETURN_IF_ERROR(fields.expect(der::kInteger));
  RETURN_IF_ERROR(fields.expect(der::kOctetString));
  ASSIGN_OR_RETURN(const der::Item curve, fields.expect(der::context_constructed(0)));
  const Botan::AlgorithmIdentifier algorithm(Botan::OID::from_string("ECDSA"), base::to_bytes(curve.content));
  return PrivatePtr(std::make_shared<Botan::ECDSA_PrivateKey>(algorithm, octets));
}

base::Result<PrivatePtr> from_block(const botan::PemBlock& block) {
  if (block.label == "ENCRYPTED PRIVATE KEY" ||
      block.text.find("Proc-Type: 4,ENCRYPTED") != std::string::npos)
    return base::local_error("the private key is encrypted: store it without a passphrase");
  std::string label;
  const auto octets = Botan::PEM_Code::decode(block.text, label);
  if (label == "PRIVATE KEY")
    return PrivatePtr(Botan::PKCS8::load_key(std::span<const std::uint8_t>(octets)));
  if (label == "RSA PRIVATE KEY")
    return PrivatePtr(std::make_shared<Botan::RSA_PrivateKey>(Botan::AlgorithmIdentifier(), octets));
  return from_sec1(octets);
}

base::Result<PrivatePtr> parse(base::ByteSpan file) {
  const auto blocks = botan::pem_blocks(file);
  for (const botan::PemBlock& block : blocks) {
    if (block.label.ends_with("PRIVATE KEY")) return from_block(block);
  }
  if (!blocks.empty()) return base::local_error("there is no private key in it");
  if (file.empty() || file[0] != der::kSequence)
    return base::local_error("it is no private key: neither PEM nor DER");
  return PrivatePtr(Botan::PKCS8::load_key(file));
}

}  // namespace

base::Result<std::shared_ptr<const PrivateKey>> load_private_key(base::ByteSpan file) {
  return botan::guarded("private key", [&]() -> base::Result<std::shared_ptr<const PrivateKey>> {
    ASSIGN_OR_RETURN(PrivatePtr key, parse(file));
    ASSIGN_OR_RETURN(const KeyInfo info, botan::examine(*key));
    return std::shared_ptr<const PrivateKey>(std::make_shared<botan::BotanPrivateKey>(std::move(key), info));
  });
}

}  // namespace crypto
