// Which of two SAs stays when both sides have rekeyed the same one at the same time. Pure.
#pragma once

#include <algorithm>

#include "base/bytes.h"

namespace ikev2 {

// RFC 7296 2.8.1: "'Lowest' means an octet-by-octet comparison", the shorter one first where one begins with
// the other.
inline bool is_lower(base::ByteSpan a, base::ByteSpan b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

// The lower of the two nonces of an exchange.
inline base::Bytes lowest_nonce(const base::Bytes& nonce_i, const base::Bytes& nonce_r) {
  return is_lower(nonce_i, nonce_r) ? nonce_i : nonce_r;
}

// RFC 7296 2.8.1: "the SA created with the lowest of the four nonces SHOULD be closed by the endpoint that
// created it", that is by the initiator of its exchange. Both arguments are the lowest nonce of an exchange.
inline bool is_redundant(base::ByteSpan ours, base::ByteSpan theirs) { return is_lower(ours, theirs); }

}  // namespace ikev2
