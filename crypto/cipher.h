// Packet protection: one key, one direction, many packets at a time. What ESP and the SK payload have in
// common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/prefetch.h"

namespace crypto {

// One packet to protect or to check. Works in place (destination == source) and from one buffer into another;
// the two never overlap otherwise. `tag` lies wherever the caller wants it, mostly right behind destination.
//
// AEAD:            authenticated = aad, then the text. `aad_tail` is empty.
// Cipher + HMAC:   ICV over aad | iv | ciphertext | aad_tail   (aad_tail: high half of an ESN, RFC
// 4303 2.2.1)
struct CipherItem {
  const std::uint8_t* source = nullptr;
  std::uint8_t* destination = nullptr;
  std::uint32_t length = 0;  // octets of text, padded already
  base::ByteSpan aad;
  base::ByteSpan iv;  // iv_size() octets, as they travel in the packet
  base::ByteSpan aad_tail;
  std::uint8_t* tag = nullptr;  // icv_size() octets: written by seal, read by open
  bool ok = false;              // out: seal and open both set it
};

class Cipher {
 public:
  virtual ~Cipher() = default;

  // Neither throws, locks or allocates in the steady state. An item that fails has ok == false, and what
  // stands in its destination then must not be used. open() checks the tag in constant time before it sets
  // ok.
  virtual void seal(std::span<CipherItem> items) noexcept = 0;
  virtual void open(std::span<CipherItem> items) noexcept = 0;

  std::size_t iv_size() const { return iv_size_; }
  std::size_t icv_size() const { return icv_size_; }
  std::size_t block_size() const { return block_size_; }  // the length of the text is a multiple of this
  // Whether IVs must be unpredictable (CBC, RFC 3602 2) or merely never repeat (a counter will do, RFC
  // 4106 3.1).
  bool iv_is_random() const { return iv_is_random_; }
  // Has the keys on their way from memory before they are wanted, where the engine tells where they are.
  void prefetch() const { base::prefetch(keys_at_, keys_size_); }

 protected:
  Cipher(std::size_t iv, std::size_t icv, std::size_t block, bool iv_is_random)
      : iv_size_(iv), icv_size_(icv), block_size_(block), iv_is_random_(iv_is_random) {}
  void keys_are_at(const void* memory, std::size_t octets) { keys_at_ = memory, keys_size_ = octets; }

 private:
  std::size_t iv_size_, icv_size_, block_size_;
  bool iv_is_random_;
  const void* keys_at_ = nullptr;
  std::size_t keys_size_ = 0;
};

}  // namespace crypto
