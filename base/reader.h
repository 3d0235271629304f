// Reader: the only code that indexes received bytes. Every read is checked as `remaining >= need`; what is
// left over at the end is an error that names the field.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace base {

class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  std::size_t remaining() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  ByteSpan rest() const { return bytes_; }

  // Each takes from the front, or fails as malformed: "<what>: needs 4 octets, 2 left".
  Result<std::uint8_t> u8(const char* what);
  Result<std::uint16_t> u16(const char* what);
  Result<std::uint32_t> u32(const char* what);
  Result<std::uint64_t> u64(const char* what);
  Result<ByteSpan> take(std::size_t count, const char* what);
  // A reader over the next `count` octets, which are taken from this one.
  Result<Reader> sub(std::size_t count, const char* what);
  // Fails as malformed when anything is left: "<what>: 3 octets left over".
  Status expect_end(const char* what) const;

 private:
  Status need(std::size_t count, const char* what) const;
  ByteSpan bytes_;
};

}  // namespace base
