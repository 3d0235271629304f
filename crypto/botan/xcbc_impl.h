// AES-XCBC-MAC, RFC 3566, which Botan lacks: chaining over Botan's AES. Private to crypto/botan/.
#pragma once

#include <botan/block_cipher.h>
#include <botan/mac.h>

#include <array>
#include <memory>

namespace crypto::botan {

class XcbcMac final : public Botan::MessageAuthenticationCode {
 public:
  XcbcMac();
  ~XcbcMac() override;

  std::string name() const override { return "AES-XCBC-MAC"; }
  std::size_t output_length() const override { return kBlock; }
  Botan::Key_Length_Specification key_spec() const override {
    return Botan::Key_Length_Specification(kBlock);
  }
  std::unique_ptr<MessageAuthenticationCode> new_object() const override {
    return std::make_unique<XcbcMac>();
  }
  bool has_keying_material() const override { return aes_->has_keying_material(); }
  void clear() override;

 private:
  static constexpr std::size_t kBlock = 16;
  using Block = std::array<std::uint8_t, kBlock>;

  void add_data(std::span<const std::uint8_t> data) override;
  void final_result(std::span<std::uint8_t> out) override;
  void key_schedule(std::span<const std::uint8_t> key) override;

  std::unique_ptr<Botan::BlockCipher> aes_;  // under K1
  Block k2_{}, k3_{};
  Block chain_{};    // E[i]
  Block pending_{};  // the block not yet chained in: the last one is treated differently
  std::size_t pending_size_ = 0;
};

}  // namespace crypto::botan
