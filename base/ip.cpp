#include "base/ip.h"

#include <arpa/inet.h>

#include <charconv>

namespace base {

IpAddress IpAddress::from_bytes(ByteSpan bytes) {
  if (bytes.size() == 4) return v4(load_be32(bytes.data()));
  if (bytes.size() == 16) return v6(load_be64(bytes.data()), load_be64(bytes.data() + 8));
  return {};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return {};
  const std::string copy(text);
  std::array<std::uint8_t, 16> raw{};
  if (inet_pton(AF_INET, copy.c_str(), raw.data()) == 1) return from_bytes(ByteSpan(raw).first(4));
  if (inet_pton(AF_INET6, copy.c_str(), raw.data()) == 1) return from_bytes(raw);
  return {};
}

std::size_t IpAddress::write(std::uint8_t* out) const {
  if (is_v4()) {
    store_be32(out, v4_value());
    return 4;
  }
  store_be64(out, high_);
  store_be64(out + 8, low_);
  return 16;
}

Bytes IpAddress::bytes() const {
  Bytes out(size());
  write(out.data());
  return out;
}

std::string IpAddress::text() const {
  if (!is_set()) return "%any";
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes().data(), buffer, sizeof buffer);
  return buffer;
}

std::string Endpoint::text() const {
  const std::string host = address.is_v6() ? "[" + address.text() + "]" : address.text();
  return host + ":" + std::to_string(port);
}

namespace {

// An address whose low `count` bits are all one.
IpAddress low_ones(IpFamily family, int count) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  if (family == IpFamily::v4) return IpAddress::v4(count >= 32 ? 0xffffffff : (1u << count) - 1);
  if (count >= 128) return IpAddress::v6(kOnes, kOnes);
  if (count >= 64) return IpAddress::v6(count == 64 ? 0 : (std::uint64_t{1} << (count - 64)) - 1, kOnes);
  return IpAddress::v6(0, (std::uint64_t{1} << count) - 1);
}

IpAddress with_bits(const IpAddress& a, const IpAddress& bits) {
  if (a.is_v4()) return IpAddress::v4(a.v4_value() | bits.v4_value());
  return IpAddress::v6(a.high() | bits.high(), a.low() | bits.low());
}

bool overlaps(const IpAddress& a, const IpAddress& bits) {
  return ((a.high() & bits.high()) | (a.low() & bits.low())) != 0;
}

// The address after `a`, which is not the last one.
IpAddress next(const IpAddress& a) {
  if (a.is_v4()) return IpAddress::v4(a.v4_value() + 1);
  return IpAddress::v6(a.high() + (a.low() == ~std::uint64_t{0} ? 1 : 0), a.low() + 1);
}

}  // namespace

AddressRange Prefix::range() const {
  return {address, with_bits(address, low_ones(address.family(), address.bits() - length))};
}

std::string Prefix::text() const { return address.text() + "/" + std::to_string(length); }

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return {};
  Prefix prefix{*address, address->bits()};
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix.length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  }
  if (prefix.length < 0 || prefix.length > address->bits()) return {};
  if (overlaps(*address, low_ones(address->family(), address->bits() - prefix.length))) return {};
  return prefix;
}

std::vector<Prefix> to_prefixes(const AddressRange& range) {
  std::vector<Prefix> out;
  if (range.last < range.first || range.first.family() != range.last.family()) return out;
  IpAddress start = range.first;
  const int bits = start.bits();
  while (true) {
    // The longest run that starts here, is aligned, and does not pass the end.
    int host = bits;
    while (host > 0 && (overlaps(start, low_ones(start.family(), host)) ||
                        range.last < with_bits(start, low_ones(start.family(), host)))) {
      --host;
    }
    out.push_back({start, bits - host});
    const IpAddress end = with_bits(start, low_ones(start.family(), host));
    if (end == range.last) return out;
    start = next(end);
  }
}

Prefix prefix_of(const IpAddress& address, int length) {
  const IpAddress host = low_ones(address.family(), address.bits() - length);
  if (address.is_v4()) return {IpAddress::v4(address.v4_value() & ~host.v4_value()), length};
  return {IpAddress::v6(address.high() & ~host.high(), address.low() & ~host.low()), length};
}

std::optional<Prefix> as_prefix(const AddressRange& range) {
  if (range.last < range.first || range.first.family() != range.last.family()) return {};
  const int bits = range.first.bits();
  for (int length = 0; length <= bits; ++length) {
    const IpAddress mask = low_ones(range.first.family(), bits - length);
    if (!overlaps(range.first, mask) && with_bits(range.first, mask) == range.last) {
      return Prefix{range.first, length};
    }
  }
  return {};
}

}  // namespace base
