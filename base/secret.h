// SecretBytes: key material. Wiped on destruction, never copied by accident, never printed.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace base {

// Overwrites memory in a way that the optimiser may not remove.
void wipe(MutableByteSpan bytes);
// Compares without a data-dependent branch; lengths are not secret.
bool constant_time_equal(ByteSpan a, ByteSpan b);

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);  // zeros
  explicit SecretBytes(ByteSpan bytes);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  SecretBytes clone() const { return SecretBytes(span()); }  // a copy, on purpose
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteSpan span() const { return {data_.get(), size_}; }
  MutableByteSpan mutable_span() { return {data_.get(), size_}; }
  operator ByteSpan() const { return span(); }

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0;
};

}  // namespace base
