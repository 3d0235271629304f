// The output of prf+, cut into keys.
#pragma once

#include <initializer_list>

#include "base/secret.h"

namespace ikev2 {

class KeyStream {
 public:
  explicit KeyStream(base::SecretBytes octets) : octets_(std::move(octets)) {}
  // The next `size` octets; the stream was made as long as the sum of what is taken.
  base::SecretBytes take(std::size_t size) {
    base::SecretBytes key(octets_.span().subspan(at_, size));
    at_ += size;
    return key;
  }

 private:
  base::SecretBytes octets_;
  std::size_t at_ = 0;
};

// a | b | …
inline base::SecretBytes concat(std::initializer_list<base::ByteSpan> parts) {
  std::size_t size = 0;
  for (const base::ByteSpan part : parts) size += part.size();
  base::SecretBytes whole(size);
  std::size_t at = 0;
  for (const base::ByteSpan part : parts) {
    if (!part.empty()) std::memcpy(whole.mutable_span().data() + at, part.data(), part.size());
    at += part.size();
  }
  return whole;
}

}  // namespace ikev2
