// Strong<T, Tag>: numbers of different meaning never mix.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace base {

template <class T, class Tag>
struct Strong {
  T value{};
  constexpr Strong() = default;
  constexpr explicit Strong(T v) : value(v) {}
  constexpr auto operator<=>(const Strong&) const = default;
};

using Spi = Strong<std::uint32_t, struct SpiTag>;              // of ESP and AH, RFC 4301 4.1
using IkeSpi = Strong<std::uint64_t, struct IkeSpiTag>;        // of IKE SAs, RFC 7296 2.6
using MessageId = Strong<std::uint32_t, struct MessageIdTag>;  // RFC 7296 2.2
using ChildId =
    Strong<std::uint64_t, struct ChildIdTag>;  // ours: names one installed pair of SAs, never reused

}  // namespace base

template <class T, class Tag>
struct std::hash<base::Strong<T, Tag>> {
  std::size_t operator()(const base::Strong<T, Tag>& s) const noexcept { return std::hash<T>{}(s.value); }
};
