// Writer: appends in network byte order to a growing buffer; lengths are patched when they are known.
#pragma once

#include "base/bytes.h"

namespace base {

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  void u8(std::uint8_t v) { out_.push_back(v); }
  void u16(std::uint16_t v) { store_be16(grow(2), v); }
  void u32(std::uint32_t v) { store_be32(grow(4), v); }
  void u64(std::uint64_t v) { store_be64(grow(8), v); }
  void bytes(ByteSpan more) { append(out_, more); }
  void zeros(std::size_t count) { out_.resize(out_.size() + count); }

  std::size_t position() const { return out_.size(); }
  void patch_u8(std::size_t at, std::uint8_t v) { out_.at(at) = v; }
  void patch_u16(std::size_t at, std::uint16_t v) {
    (void)out_.at(at + 1);
    store_be16(out_.data() + at, v);
  }
  void patch_u32(std::size_t at, std::uint32_t v) {
    (void)out_.at(at + 3);
    store_be32(out_.data() + at, v);
  }

 private:
  std::uint8_t* grow(std::size_t count) {
    const std::size_t at = out_.size();
    out_.resize(at + count);
    return out_.data() + at;
  }
  Bytes& out_;
};

}  // namespace base
