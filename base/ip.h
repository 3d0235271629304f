// Addresses, endpoints, prefixes and ranges of IPv4 and IPv6, as comparable values.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace base {

// IP protocol numbers that the code names (IANA).
namespace ip_protocol {
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIpIp = 4;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIpv6 = 41;
constexpr std::uint8_t kEsp = 50;
constexpr std::uint8_t kAh = 51;
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kNoNext = 59;
constexpr std::uint8_t kComp = 108;
}  // namespace ip_protocol

enum class IpFamily : std::uint8_t { none = 0, v4 = 4, v6 = 6 };

// One address. IPv4 addresses live in the low 32 bits, so that ranges of one family compare as numbers.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  static constexpr IpAddress v4(std::uint32_t host_order) { return {IpFamily::v4, 0, host_order}; }
  static constexpr IpAddress v6(std::uint64_t high, std::uint64_t low) { return {IpFamily::v6, high, low}; }
  // From 4 or 16 octets in network order; any other length gives a none address.
  static IpAddress from_bytes(ByteSpan bytes);
  // Dotted quad or RFC 4291 text, without zone; nullopt where it is neither.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress any(IpFamily family) { return family == IpFamily::v4 ? v4(0) : v6(0, 0); }
  static IpAddress last(IpFamily family) {
    return family == IpFamily::v4 ? v4(0xffffffff) : v6(~std::uint64_t{0}, ~std::uint64_t{0});
  }

  constexpr IpFamily family() const { return family_; }
  constexpr bool is_v4() const { return family_ == IpFamily::v4; }
  constexpr bool is_v6() const { return family_ == IpFamily::v6; }
  constexpr bool is_set() const { return family_ != IpFamily::none; }
  constexpr bool is_unspecified() const { return high_ == 0 && low_ == 0; }
  constexpr std::uint64_t high() const { return high_; }
  constexpr std::uint64_t low() const { return low_; }
  constexpr std::uint32_t v4_value() const { return static_cast<std::uint32_t>(low_); }
  constexpr int bits() const { return is_v4() ? 32 : 128; }

  // 4 or 16 octets in network order; write() returns how many it wrote.
  std::size_t size() const { return is_v4() ? 4 : 16; }
  std::size_t write(std::uint8_t* out) const;
  Bytes bytes() const;
  std::string text() const;

  constexpr auto operator<=>(const IpAddress&) const = default;

 private:
  constexpr IpAddress(IpFamily family, std::uint64_t high, std::uint64_t low)
      : family_(family), high_(high), low_(low) {}
  IpFamily family_ = IpFamily::none;
  std::uint64_t high_ = 0, low_ = 0;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
  std::string text() const;  // 192.0.2.1:500, [2001:db8::1]:500
};

// An inclusive range of addresses of one family.
struct AddressRange {
  IpAddress first, last;
  auto operator<=>(const AddressRange&) const = default;
  bool contains(const IpAddress& a) const { return a.family() == first.family() && first <= a && a <= last; }
  bool contains(const AddressRange& other) const { return contains(other.first) && contains(other.last); }
  static AddressRange all(IpFamily family) { return {IpAddress::any(family), IpAddress::last(family)}; }
};

struct Prefix {
  IpAddress address;  // host bits are zero
  int length = 0;
  auto operator<=>(const Prefix&) const = default;
  AddressRange range() const;
  bool contains(const IpAddress& a) const { return range().contains(a); }
  std::string text() const;  // 192.0.2.0/24
  // "net/bits" or a bare address; nullopt on nonsense or on set host bits.
  static std::optional<Prefix> parse(std::string_view text);
};

// The prefix of that length that holds the address; the length is at most address.bits().
Prefix prefix_of(const IpAddress& address, int length);
// The prefix that equals the range, where there is one.
std::optional<Prefix> as_prefix(const AddressRange& range);
// The fewest prefixes that together equal the range, in order.
std::vector<Prefix> to_prefixes(const AddressRange& range);

}  // namespace base

template <>
struct std::hash<base::IpAddress> {
  std::size_t operator()(const base::IpAddress& a) const noexcept {
    return static_cast<std::size_t>((a.high() * 0x9e3779b97f4a7c15u) ^ (a.low() * 0xc2b2ae3d27d4eb4fu));
  }
};
