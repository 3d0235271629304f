// MODP groups: RFC 2409 6, RFC 3526, RFC 5114 2.
#include <botan/bigint.h>
#include <botan/dl_group.h>
#include <botan/exceptn.h>

#include "crypto/botan/key_exchange_impl.h"
#include "crypto/botan/modp_groups_impl.h"

namespace crypto::botan {
namespace {

using Botan::BigInt;
using Botan::DL_Group;

DL_Group load(const ModpConstants& c) {
  const BigInt p(std::string("0x") + c.p);
  const BigInt q = c.q[0] == '\0' ? (p - 1) / 2 : BigInt(std::string("0x") + c.q);
  return DL_Group(p, q, BigInt(std::string("0x") + c.g));
}

// Groups are constants, and dear to set up: each is made when it is first used.
const DL_Group& group_of(Ke method) {
  switch (method) {
#define IKEV2D_MODP_(id, initializer)          \
  case Ke::id: {                               \
    static const DL_Group group = initializer; \
    return group;                              \
  }
    IKEV2D_MODP_(modp_768, load(kModp768))
    IKEV2D_MODP_(modp_1024, DL_Group::from_name("modp/ietf/1024"))
    IKEV2D_MODP_(modp_1536, DL_Group::from_name("modp/ietf/1536"))
    IKEV2D_MODP_(modp_2048, DL_Group::from_name("modp/ietf/2048"))
    IKEV2D_MODP_(modp_3072, DL_Group::from_name("modp/ietf/3072"))
    IKEV2D_MODP_(modp_4096, DL_Group::from_name("modp/ietf/4096"))
    IKEV2D_MODP_(modp_6144, DL_Group::from_name("modp/ietf/6144"))
    IKEV2D_MODP_(modp_8192, DL_Group::from_name("modp/ietf/8192"))
    IKEV2D_MODP_(modp_1024_160, load(kModp1024Q160))
    IKEV2D_MODP_(modp_2048_224, load(kModp2048Q224))
    IKEV2D_MODP_(modp_2048_256, load(kModp2048Q256))
#undef IKEV2D_MODP_
    default:
      throw Botan::Lookup_Error("not a MODP group");
  }
}

// Whether p is not a safe prime, so that public values may lie in small subgroups (RFC 6989 2.2).
bool has_small_subgroups(Ke method) {
  return method == Ke::modp_1024_160 || method == Ke::modp_2048_224 || method == Ke::modp_2048_256;
}

class Modp final : public KeyExchangeBase {
 public:
  Modp(const KeInfo& info, base::Rng& rng)
      : KeyExchangeBase(info), group_(group_of(info.id)), bits_(exponent_bits()), private_value_(draw(rng)) {
    group_.power_g_p(private_value_, bits_).serialize_to(mutable_public_value());
  }

 private:
  // At least twice the strength of the group (RFC 3526 8), in whole octets.
  std::size_t exponent_bits() const {
    const std::size_t bits = has_small_subgroups(info().id) ? group_.get_q().bits() : group_.exponent_bits();
    return (bits + 7) / 8 * 8;
  }

  BigInt draw(base::Rng& rng) const {
    base::SecretBytes octets(bits_ / 8);
    for (int attempt = 0; attempt < 100; ++attempt) {
      rng.fill(octets.mutable_span());
      BigInt x = BigInt::from_bytes(octets.span());
      if (x > 1 && x < group_.get_q()) return x;
    }
    throw Botan::Internal_Error("the random number generator gives no private value");
  }

  base::Result<base::SecretBytes> compute(base::ByteSpan peer) override {
    const BigInt y = BigInt::from_bytes(peer);
    const BigInt& p = group_.get_p();
    // RFC 6989 2.1: 1 < r < p-1, for every MODP group.
    if (y <= 1 || y >= p - 1)
      return base::crypto_error(std::string(info().name) + ": public value out of range");
    // RFC 6989 2.2: r^q = 1 mod p, where there are small subgroups.
    if (has_small_subgroups(info().id) && group_.power_b_p(y, group_.get_q(), group_.get_q().bits()) != 1)
      return base::crypto_error(std::string(info().name) + ": public value in a wrong subgroup");
    // RFC 7296 2.14: padded with zeros to the length of the modulus.
    base::SecretBytes secret(info().secret_size);
    group_.power_b_p(y, private_value_, bits_).serialize_to(secret.mutable_span());
    return secret;
  }

  const DL_Group& group_;
  std::size_t bits_;
  BigInt private_value_;
};

}  // namespace

KeyExchangeResult make_modp(const KeInfo& info, base::Rng& rng) {
  return std::unique_ptr<KeyExchange>(std::make_unique<Modp>(info, rng));
}

}  // namespace crypto::botan
