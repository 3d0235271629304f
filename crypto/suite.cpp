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

}  // namespace crypto
