#include <botan/hmac_drbg.h>
#include <botan/mac.h>
#include <botan/system_rng.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "base/secret.h"
#include "crypto/botan/rng.h"
#include "crypto/botan/rng_adapter_impl.h"

namespace crypto {
namespace {

class SystemRng final : public base::Rng {
 public:
  SystemRng()
      : drbg_(Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)"), Botan::system_rng()) {
    refill();
  }
  SystemRng(const SystemRng&) = delete;
  SystemRng& operator=(const SystemRng&) = delete;
  ~SystemRng() override { base::wipe(ready_); }

  // noexcept: a failure of the system's generator ends the process, as base::Rng demands.
  void fill(base::MutableByteSpan out) noexcept override {
    if (out.size() > ready_.size() / 4) {
      drbg_.randomize(out);
      return;
    }
    if (out.size() > ready_.size() - used_) refill();
    if (out.empty()) return;
    std::memcpy(out.data(), ready_.data() + used_, out.size());
    base::wipe(base::MutableByteSpan(ready_).subspan(used_, out.size()));  // given out once, then forgotten
    used_ += out.size();
  }

 private:
  void refill() {
    drbg_.randomize(ready_);
    used_ = 0;
  }

  Botan::HMAC_DRBG drbg_;
  std::array<std::uint8_t, 1024> ready_{};
  std::size_t used_ = 0;
};

}  // namespace

std::unique_ptr<base::Rng> make_system_rng() { return std::make_unique<SystemRng>(); }

namespace botan {

std::unique_ptr<Botan::RandomNumberGenerator> make_blinding_rng(base::Rng& rng) {
  base::SecretBytes seed(32);
  rng.fill(seed.mutable_span());
  auto drbg = std::make_unique<Botan::HMAC_DRBG>("SHA-256");
  drbg->initialize_with(seed.span());
  return drbg;
}

}  // namespace botan
}  // namespace crypto
