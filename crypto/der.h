// Reading and writing DER (X.690): as much as names, extensions and AlgorithmIdentifiers need. No copies.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/result.h"

namespace crypto::der {

constexpr std::uint8_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05,
                       kOid = 0x06, kUtf8String = 0x0c, kPrintableString = 0x13, kTeletexString = 0x14,
                       kIa5String = 0x16, kBmpString = 0x1e, kSequence = 0x30, kSet = 0x31;

// The tags [n], primitive and constructed.
constexpr std::uint8_t context(unsigned n) { return static_cast<std::uint8_t>(0x80 | n); }
constexpr std::uint8_t context_constructed(unsigned n) { return static_cast<std::uint8_t>(0xa0 | n); }

struct Item {
  std::uint8_t tag = 0;
  base::ByteSpan content;
  base::ByteSpan whole;  // with tag and length
};

// Walks the items of one level. Only definite lengths in their shortest form and tags below 31 are DER that
// is known here; everything else is family malformed. Never reads past the end.
class Reader {
 public:
  explicit Reader(base::ByteSpan octets) : rest_(octets) {}
  bool empty() const { return rest_.empty(); }
  // Whether another item stands here, with that tag.
  bool at(std::uint8_t tag) const { return !rest_.empty() && rest_[0] == tag; }
  base::Result<Item> next();
  base::Result<Item> expect(std::uint8_t tag);
  base::ByteSpan rest() const { return rest_; }

 private:
  base::ByteSpan rest_;
};

// One item of that tag around the contents, one behind the other.
base::Bytes encode(std::uint8_t tag, std::initializer_list<base::ByteSpan> contents);

}  // namespace crypto::der
