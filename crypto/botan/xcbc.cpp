#include <algorithm>

#include "base/secret.h"
#include "crypto/botan/xcbc_impl.h"

namespace crypto::botan {
namespace {

template <class Block>
void xor_into(Block& to, const Block& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<std::uint8_t>(to[i] ^ from[i]);
}

}  // namespace

XcbcMac::XcbcMac() : aes_(Botan::BlockCipher::create_or_throw("AES-128")) {}

XcbcMac::~XcbcMac() { clear(); }

void XcbcMac::clear() {
  aes_->clear();
  for (Block* secret : {&k2_, &k3_, &chain_, &pending_}) base::wipe(*secret);
  pending_size_ = 0;
}

// RFC 3566 4 (1): K1, K2 and K3 are the encryptions of 0x01…, 0x02… and 0x03… under K.
void XcbcMac::key_schedule(std::span<const std::uint8_t> key) {
  Block k1;
  k1.fill(1);
  k2_.fill(2);
  k3_.fill(3);
  aes_->set_key(key);
  for (Block* derived : {&k1, &k2_, &k3_}) aes_->encrypt(derived->data());
  aes_->set_key(k1.data(), k1.size());
  base::wipe(k1);
  chain_.fill(0);
  pending_size_ = 0;
}

void XcbcMac::add_data(std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    if (pending_size_ == kBlock) {  // more follows, so this was not the last block: 4 (3)
      xor_into(chain_, pending_);
      aes_->encrypt(chain_.data());
      pending_size_ = 0;
    }
    const std::size_t count = std::min(kBlock - pending_size_, data.size());
    std::copy_n(data.begin(), count, pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_));
    pending_size_ += count;
    data = data.subspan(count);
  }
}

// RFC 3566 4 (4): a full last block is masked with K2; a short one is padded with 10…0 and masked with K3.
void XcbcMac::final_result(std::span<std::uint8_t> out) {
  const bool full = pending_size_ == kBlock;
  if (!full) {
    pending_[pending_size_] = 0x80;
    std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_) + 1, pending_.end(),
              std::uint8_t{0});
  }
  xor_into(chain_, pending_);
  xor_into(chain_, full ? k2_ : k3_);
  aes_->encrypt(chain_.data());
  std::copy(chain_.begin(), chain_.end(), out.begin());
  chain_.fill(0);
  pending_size_ = 0;
}

}  // namespace crypto::botan
