#include "base/reader.h"

namespace base {

Status Reader::need(std::size_t count, const char* what) const {
  if (bytes_.size() >= count) return {};
  return malformed(std::string(what) + ": needs " + std::to_string(count) + " octets, " +
                   std::to_string(bytes_.size()) + " left");
}

Result<ByteSpan> Reader::take(std::size_t count, const char* what) {
  RETURN_IF_ERROR(need(count, what));
  const ByteSpan taken = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return taken;
}

Result<std::uint8_t> Reader::u8(const char* what) {
  ASSIGN_OR_RETURN(const ByteSpan p, take(1, what));
  return p[0];
}
Result<std::uint16_t> Reader::u16(const char* what) {
  ASSIGN_OR_RETURN(const ByteSpan p, take(2, what));
  return load_be16(p.data());
}
Result<std::uint32_t> Reader::u32(const char* what) {
  ASSIGN_OR_RETURN(const ByteSpan p, take(4, what));
  return load_be32(p.data());
}
Result<std::uint64_t> Reader::u64(const char* what) {
  ASSIGN_OR_RETURN(const ByteSpan p, take(8, what));
  return load_be64(p.data());
}

Result<Reader> Reader::sub(std::size_t count, const char* what) {
  ASSIGN_OR_RETURN(const ByteSpan p, take(count, what));
  return Reader(p);
}

Status Reader::expect_end(const char* what) const {
  if (bytes_.empty()) return {};
  return malformed(std::string(what) + ": " + std::to_string(bytes_.size()) + " octets left over");
}

}  // namespace base
