// Elliptic curve groups over prime fields: RFC 5903 (NIST), RFC 5114 3 (192 and 224 bits), RFC 6954
// (Brainpool).
#include <botan/bigint.h>
#include <botan/ec_apoint.h>
#include <botan/ec_group.h>
#include <botan/ec_scalar.h>
#include <botan/exceptn.h>
#include <botan/rng.h>

#include <vector>

#include "crypto/botan/key_exchange_impl.h"
#include "crypto/botan/rng_adapter_impl.h"

namespace crypto::botan {
namespace {

const char* curve_name(Ke method) {
  switch (method) {
    case Ke::ecp_192:
      return "secp192r1";
    case Ke::ecp_224:
      return "secp224r1";
    case Ke::ecp_256:
      return "secp256r1";
    case Ke::ecp_384:
      return "secp384r1";
    case Ke::ecp_521:
      return "secp521r1";
    case Ke::brainpool_224:
      return "brainpool224r1";
    case Ke::brainpool_256:
      return "brainpool256r1";
    case Ke::brainpool_384:
      return "brainpool384r1";
    case Ke::brainpool_512:
      return "brainpool512r1";
    default:
      return "";
  }
}

class Ecp final : public KeyExchangeBase {
 public:
  Ecp(const KeInfo& info, base::Rng& rng)
      : KeyExchangeBase(info),
        group_(Botan::EC_Group::from_name(curve_name(info.id))),
        private_value_(draw(rng)),
        blinding_(make_blinding_rng(rng)) {
    std::vector<Botan::BigInt> workspace;
    // RFC 5903 7: the public value is x | y, without the octet that says how a point is encoded.
    Botan::EC_AffinePoint::g_mul(private_value_, *blinding_, workspace)
        .serialize_xy_to(mutable_public_value());
  }

 private:
  // Uniform in [1, n-1], by rejection.
  Botan::EC_Scalar draw(base::Rng& rng) const {
    base::SecretBytes octets(group_.get_order_bytes());
    const std::size_t unused_bits = octets.size() * 8 - group_.get_order_bits();
    for (int attempt = 0; attempt < 100; ++attempt) {
      rng.fill(octets.mutable_span());
      std::uint8_t& first = octets.mutable_span()[0];
      first = static_cast<std::uint8_t>(first & (0xff >> unused_bits));
      const auto scalar = Botan::EC_Scalar::deserialize(group_, octets.span());
      if (scalar && !scalar->is_zero()) return *scalar;
    }
    throw Botan::Internal_Error("the random number generator gives no private value");
  }

  base::Result<base::SecretBytes> compute(base::ByteSpan peer) override {
    base::Bytes encoded{0x04};  // SEC 1 2.3.4: an uncompressed point
    base::append(encoded, peer);
    // RFC 6989 2.3: x and y in the range of the field and on the curve; infinity has no such encoding.
    const auto point = Botan::EC_AffinePoint::deserialize(group_, encoded);
    if (!point || point->is_identity())
      return base::crypto_error(std::string(info().name) + ": public value is not a point of the curve");
    std::vector<Botan::BigInt> workspace;
    const auto x = point->mul_x_only(private_value_, *blinding_, workspace);
    // RFC 5903 9: the x coordinate alone, of the length of the field.
    return base::SecretBytes(base::ByteSpan(x));
  }

  Botan::EC_Group group_;
  Botan::EC_Scalar private_value_;
  std::unique_ptr<Botan::RandomNumberGenerator> blinding_;
};

}  // namespace

KeyExchangeResult make_ecp(const KeInfo& info, base::Rng& rng) {
  if (!Botan::EC_Group::supports_named_group(curve_name(info.id)))
    return base::local_error(std::string(info.name) + ": not in this build of Botan");
  return std::unique_ptr<KeyExchange>(std::make_unique<Ecp>(info, rng));
}

}  // namespace crypto::botan
