// Addresses, prefixes and host names as single values.
#include <algorithm>
#include <charconv>

#include "config/scalar.h"

namespace config {

namespace {

bool is_multicast(const base::IpAddress& a) {
  return a.is_v4() ? (a.v4_value() >> 28) == 0xe : (a.high() >> 56) == 0xff;
}

bool is_broadcast(const base::IpAddress& a) { return a.is_v4() && a.v4_value() == 0xffffffff; }

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

// RFC 1123 2.1: labels of letters, digits and hyphens. The last is not all digits, or it is a bad address.
bool is_host_name(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) {
      return !std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
    }
    text.remove_prefix(dot + 1);
  }
}

base::Result<ikev2::RemoteAddress> parse_prefix(std::string_view text) {
  if (const auto prefix = base::Prefix::parse(text)) return ikev2::RemoteAddress(*prefix);
  const auto slash = text.find('/');
  const auto address = base::IpAddress::parse(text.substr(0, slash));
  int length = -1;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (address && error == std::errc{} && end == digits.data() + digits.size() && length >= 0 &&
      length <= address->bits()) {
    return base::local_error(quote(text) + " has bits set behind the prefix length");
  }
  return base::local_error(quote(text) + " is no prefix: write net/bits, as 192.0.2.0/24");
}

}  // namespace

base::Result<base::IpAddress> parse_address(std::string_view text, bool unspecified) {
  const auto address = base::IpAddress::parse(text);
  if (!address) return base::local_error(quote(text) + " is no IPv4 or IPv6 address");
  if (is_multicast(*address) || is_broadcast(*address)) {
    return base::local_error(quote(text) + " is not the address of one host");
  }
  if (!unspecified && address->is_unspecified()) {
    return base::local_error(quote(text) + " is not the address of one host: leave the key out for any");
  }
  return *address;
}

base::Result<ikev2::RemoteAddress> parse_remote_address(std::string_view text) {
  if (text == "any" || text == "%any") return ikev2::RemoteAddress(ikev2::AnyPeer{});
  if (text.find('/') != std::string_view::npos) return parse_prefix(text);
  if (base::IpAddress::parse(text)) {
    ASSIGN_OR_RETURN(const base::IpAddress address, parse_address(text, false));
    return ikev2::RemoteAddress(address);
  }
  if (is_host_name(text)) return ikev2::RemoteAddress(ikev2::HostName{std::string(text)});
  return base::local_error(quote(text) + " is no address, prefix or host name");
}

}  // namespace config
