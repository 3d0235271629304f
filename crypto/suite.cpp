#include "crypto/suite.h"

#include <algorithm>

namespace crypto {

std::size_t encr_key_size(const CipherSpec& spec) {
  const EncrInfo* info = find(spec.encr);
  if (info == nullptr) return 0;
  if (!info->takes_key_length()) return info->fixed_key_bits / std::size_t{8} + info->salt;
  // A key length that the table does not allow gives no key at all, never a short one.
  if (spec.key_bits == 0 || std::ranges::find(info->key_bits, spec.key_bits) == info->key_bits.end())
    return 0;
  return spec.key_bits / std::size_t{8} + info->salt;
}

std::size_t integ_key_size(const CipherSpec& spec) {
  const IntegInfo* info = find(spec.integ);
  return info == nullptr ? 0 : info->key;
}

namespace {

base::Error wrong_size(const std::string& what, std::size_t has, std::size_t wanted, std::size_t salt) {
  std::string text = what + " has " + std::to_string(has) + " octets, not " + std::to_string(wanted);
  if (salt != 0) text += ", " + std::to_string(salt) + " of them salt behind the key";
  return base::crypto_error(std::move(text));
}

}  // namespace

base::Status check_keys(const CipherSpec& spec, base::ByteSpan encr_key, base::ByteSpan integ_key) {
  const EncrInfo* encr = find(spec.encr);
  if (encr == nullptr || find(spec.integ) == nullptr) return base::local_error("no such algorithm");
  const std::string text = name(spec.encr, spec.key_bits) + " with " + name(spec.integ);
  if (encr->takes_key_length() && encr_key_size(spec) == 0)
    return base::local_error(text + ": the cipher has no key of this length");
  // RFC 7296 3.3: an AEAD is negotiated without an integrity algorithm.
  if (encr->aead() && spec.integ != Integ::none)
    return base::local_error(text + ": an AEAD takes no integrity algorithm");
  // RFC 8221 4: encryption without authentication MUST NOT be used; RFC 4303 1 forbids having neither, RFC
  // 3686 5 counter mode alone.
  const bool alone = spec.unauthenticated && encr->encrypts && spec.encr != Encr::aes_ctr;
  if (!encr->aead() && spec.integ == Integ::none && !alone)
    return base::local_error(text + ": authenticates nothing");
  const std::size_t encr_wanted = encr_key_size(spec), integ_wanted = integ_key_size(spec);
  if (encr_key.size() != encr_wanted)
    return wrong_size(text + ": the encryption key", encr_key.size(), encr_wanted, encr->salt);
  if (integ_key.size() != integ_wanted)
    return wrong_size(text + ": the integrity key", integ_key.size(), integ_wanted, 0);
  return {};
}

}  // namespace crypto
