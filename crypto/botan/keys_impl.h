// Botan's keys behind crypto/signature.h. Private to crypto/botan/.
#pragma once

#include <botan/pk_keys.h>

#include <string>
#include <vector>

#include "crypto/signature.h"

namespace crypto::botan {

class BotanPublicKey final : public PublicKey {
 public:
  BotanPublicKey(std::shared_ptr<const Botan::Public_Key> key, KeyInfo info)
      : key_(std::move(key)), info_(info), spki_(key_->subject_public_key()) {}
  KeyInfo info() const override { return info_; }
  const base::Bytes& spki() const override { return spki_; }
  base::Status verify(const SignatureScheme& scheme, base::ByteSpan message,
                      base::ByteSpan signature) const override;
  const Botan::Public_Key& key() const { return *key_; }

 private:
  std::shared_ptr<const Botan::Public_Key> key_;
  KeyInfo info_;
  base::Bytes spki_;
};

class BotanPrivateKey final : public PrivateKey {
 public:
  BotanPrivateKey(std::shared_ptr<const Botan::Private_Key> key, KeyInfo info)
      : key_(std::move(key)), info_(info), spki_(key_->subject_public_key()) {}
  KeyInfo info() const override { return info_; }
  const base::Bytes& spki() const override { return spki_; }
  base::Result<base::Bytes> sign(const SignatureScheme& scheme, base::ByteSpan message,
                                 base::Rng& rng) const override;
  base::SecretBytes pem() const override;
  const Botan::Private_Key& key() const { return *key_; }

 private:
  std::shared_ptr<const Botan::Private_Key> key_;
  KeyInfo info_;
  base::Bytes spki_;
};

// What kind of key it is; refused with a reason where it is not fit for signatures here.
base::Result<KeyInfo> examine(const Botan::Public_Key& key);
// Botan's name of the padding and hash; empty where there is none.
std::string padding_of(const SignatureScheme& scheme);

// One block of a PEM file.
struct PemBlock {
  std::string label;  // "CERTIFICATE"
  std::string text;   // with its first and last line
};
std::vector<PemBlock> pem_blocks(base::ByteSpan file);

}  // namespace crypto::botan
