#include "crypto/der.h"

namespace crypto::der {
namespace {

constexpr std::size_t kMostLengthOctets = 3;  // 16 MiB: more than any certificate

}  // namespace

base::Result<Item> Reader::next() {
  if (rest_.size() < 2) return base::malformed("DER: the data ends too early");
  Item item;
  item.tag = rest_[0];
  if ((item.tag & 0x1f) == 0x1f) return base::malformed("DER: a tag of several octets");
  std::size_t header = 2, length = rest_[1];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > kMostLengthOctets || rest_.size() < 2 + count)
      return base::malformed("DER: a length that is indefinite or too large");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | rest_[2 + i];
    if (length < 0x80 || rest_[2] == 0)
      return base::malformed("DER: a length that is not in its shortest form");
    header += count;
  }
  if (rest_.size() - header < length) return base::malformed("DER: the data ends too early");
  item.content = rest_.subspan(header, length);
  item.whole = rest_.first(header + length);
  rest_ = rest_.subspan(header + length);
  return item;
}

base::Result<Item> Reader::expect(std::uint8_t tag) {
  if (!at(tag)) return base::malformed("DER: not the tag that was expected");
  return next();
}

base::Bytes encode(std::uint8_t tag, std::initializer_list<base::ByteSpan> contents) {
  std::size_t length = 0;
  for (const base::ByteSpan part : contents) length += part.size();
  base::Bytes out{tag};
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
  } else {
    unsigned count = 1;
    while (length >> (8 * count) != 0) ++count;
    out.push_back(static_cast<std::uint8_t>(0x80 | count));
    while (count-- > 0) out.push_back(static_cast<std::uint8_t>(length >> (8 * count)));
  }
  for (const base::ByteSpan part : contents) base::append(out, part);
  return out;
}

}  // namespace crypto::der
