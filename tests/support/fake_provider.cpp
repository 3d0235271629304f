#include "tests/support/fake_provider.h"

#include <algorithm>

namespace test {
namespace {

// FNV-1a with a final mix (splitmix64): any octet changes all of the output.
class Hash {
 public:
  void add(base::ByteSpan octets) {
    for (const std::uint8_t octet : octets) step(octet);
    step(static_cast<std::uint8_t>(octets.size()));
  }
  // Also without the length, so that parts of a whole give what the whole gives.
  void add_part(base::ByteSpan octets) {
    for (const std::uint8_t octet : octets) step(octet);
  }
  void expand(base::MutableByteSpan out) const {
    std::uint64_t n = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i % 8 == 0) n = mix(state_ + 0x9e3779b97f4a7c15u * (i / 8 + 1));
      out[i] = static_cast<std::uint8_t>(n >> (8 * (i % 8)));
    }
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  void step(std::uint8_t octet) { state_ = (state_ ^ octet) * 0x100000001b3u; }
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

class FakePrf : public crypto::PrfFunction {
 public:
  explicit FakePrf(const crypto::PrfInfo& info) : info_(info) {}
  std::size_t output_size() const override { return info_.output; }
  std::size_t preferred_key() const override { return info_.preferred_key; }
  base::SecretBytes compute(base::ByteSpan key, std::initializer_list<base::ByteSpan> data) const override {
    Hash hash;
    hash.add(key);
    for (const base::ByteSpan part : data) hash.add_part(part);
    base::SecretBytes out(info_.output);
    hash.expand(out.mutable_span());
    return out;
  }

 private:
  const crypto::PrfInfo& info_;
};

class FakeCipher : public crypto::Cipher {
 public:
  FakeCipher(const crypto::EncrInfo& info, std::size_t icv, base::ByteSpan encr_key, base::ByteSpan integ_key)
      : Cipher(info.iv, icv, info.block, info.block > 1),
        encr_key_(base::to_bytes(encr_key)),
        integ_key_(base::to_bytes(integ_key)) {}

  void seal(std::span<crypto::CipherItem> items) noexcept override {
    for (crypto::CipherItem& item : items) {
      item.ok = item.length % block_size() == 0 && item.iv.size() == iv_size();
      if (!item.ok) continue;
      apply_stream(item);
      const Tag tag = tag_of(item, item.destination);
      std::copy_n(tag.begin(), icv_size(), item.tag);
    }
  }
  void open(std::span<crypto::CipherItem> items) noexcept override {
    for (crypto::CipherItem& item : items) {
      item.ok = false;
      if (item.length % block_size() != 0 || item.iv.size() != iv_size()) continue;
      const Tag tag = tag_of(item, item.source);
      if (!std::equal(tag.begin(), tag.begin() + static_cast<std::ptrdiff_t>(icv_size()), item.tag)) continue;
      apply_stream(item);
      item.ok = true;
    }
  }

 private:
  using Tag = std::array<std::uint8_t, 32>;

  void apply_stream(const crypto::CipherItem& item) const {
    Hash hash;
    hash.add(encr_key_);
    hash.add(item.iv);
    std::array<std::uint8_t, 64> stream;
    hash.expand(stream);
    for (std::size_t i = 0; i < item.length; ++i) {
      item.destination[i] = static_cast<std::uint8_t>(item.source[i] ^ stream[i % stream.size()] ^ i);
    }
  }
  Tag tag_of(const crypto::CipherItem& item, const std::uint8_t* ciphertext) const {
    Hash hash;
    hash.add(encr_key_);
    hash.add(integ_key_);
    hash.add(item.aad);
    hash.add(item.iv);
    hash.add({ciphertext, item.length});
    hash.add(item.aad_tail);
    Tag tag;
    hash.expand(tag);
    return tag;
  }

  base::Bytes encr_key_, integ_key_;
};

class FakeKeyExchange : public crypto::KeyExchange {
 public:
  FakeKeyExchange(const crypto::KeInfo& info, base::Rng& rng)
      : info_(info), public_(rng.bytes(info.public_size)) {
    public_.front() |= 1;  // never zero throughout
  }
  crypto::Ke method() const override { return info_.id; }
  const base::Bytes& public_value() const override { return public_; }
  base::Result<base::SecretBytes> agree(base::ByteSpan peer_public) override {
    if (peer_public.size() != info_.public_size) return base::crypto_error("public value of a wrong size");
    if (std::all_of(peer_public.begin(), peer_public.end(), [](std::uint8_t octet) { return octet == 0; })) {
      return base::crypto_error("public value out of range");
    }
    const base::Bytes theirs = base::to_bytes(peer_public);
    Hash hash;
    hash.add(std::min(public_, theirs));
    hash.add(std::max(public_, theirs));
    base::SecretBytes secret(info_.secret_size);
    hash.expand(secret.mutable_span());
    return secret;
  }

 private:
  const crypto::KeInfo& info_;
  base::Bytes public_;
};

}  // namespace

base::Result<std::unique_ptr<crypto::PrfFunction>> FakeProvider::prf(crypto::Prf id) const {
  const crypto::PrfInfo* info = crypto::find(id);
  if (info == nullptr || info->output == 0) return base::local_error("no such PRF");
  return std::unique_ptr<crypto::PrfFunction>(std::make_unique<FakePrf>(*info));
}

base::Result<std::unique_ptr<crypto::Cipher>> FakeProvider::cipher(const crypto::CipherSpec& spec,
                                                                   base::ByteSpan encr_key,
                                                                   base::ByteSpan integ_key) const {
  const crypto::EncrInfo* info = crypto::find(spec.encr);
  const crypto::IntegInfo* integ = crypto::find(spec.integ);
  if (info == nullptr || integ == nullptr) return base::local_error("no such cipher");
  if (encr_key.size() != crypto::encr_key_size(spec) || integ_key.size() != crypto::integ_key_size(spec)) {
    return base::crypto_error("a key has the wrong size");
  }
  const std::size_t icv = info->aead() ? info->icv : integ->icv;
  return std::unique_ptr<crypto::Cipher>(std::make_unique<FakeCipher>(*info, icv, encr_key, integ_key));
}

base::Result<std::unique_ptr<crypto::KeyExchange>> FakeProvider::key_exchange(crypto::Ke method,
                                                                              base::Rng& rng) const {
  const crypto::KeInfo* info = crypto::find(method);
  if (info == nullptr || info->public_size == 0) return base::local_error("no such key exchange");
  return std::unique_ptr<crypto::KeyExchange>(std::make_unique<FakeKeyExchange>(*info, rng));
}

std::array<std::uint8_t, 20> FakeProvider::sha1(std::initializer_list<base::ByteSpan> data) const {
  Hash hash;
  for (const base::ByteSpan part : data) hash.add_part(part);
  std::array<std::uint8_t, 20> out;
  hash.expand(out);
  return out;
}

}  // namespace test
