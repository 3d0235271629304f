// Memory that will be wanted soon.
#pragma once

#include <cstddef>

namespace base {

// Has it brought into the second-level cache meanwhile; does nothing else, also where the address is none.
inline void prefetch(const void* memory, std::size_t octets) {
  constexpr std::size_t kLine = 64;
  const auto* const at = static_cast<const char*>(memory);
  for (std::size_t i = 0; i < octets; i += kLine) __builtin_prefetch(at + i, 0, 2);
}

}  // namespace base
