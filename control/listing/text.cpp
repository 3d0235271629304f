#include "control/listing/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/ip.h"

namespace control::listing {

namespace {

using NamePair = std::pair<std::string_view, std::string_view>;

template <std::size_t N>
std::string replaced(const std::array<NamePair, N>& table, std::string_view name) {
  for (const auto& [ours, vpp] : table)
    if (ours == name) return std::string(vpp);
  return std::string(name);
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

unsigned protocol_number(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 12> kProtocols = {{{"icmp", 1},
                                                                                 {"igmp", 2},
                                                                                 {"ipip", 4},
                                                                                 {"tcp", 6},
                                                                                 {"udp", 17},
                                                                                 {"ipv6", 41},
                                                                                 {"gre", 47},
                                                                                 {"esp", 50},
                                                                                 {"ah", 51},
                                                                                 {"icmpv6", 58},
                                                                                 {"ospf", 89},
                                                                                 {"sctp", 132}}};
  for (const auto& [text, value] : kProtocols)
    if (text == name) return value;
  return number(name).value_or(0);
}

void read_ports(std::string_view text, SelectorText& out) {
  if (text == "opaque") {  // RFC 7296 3.13.1: start 65535, end 0
    out.first_port = 65535;
    out.last_port = 0;
    return;
  }
  const std::size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  if (!first) return;
  out.first_port = out.last_port = *first;
  if (dash != std::string_view::npos) out.last_port = number(text.substr(dash + 1)).value_or(*first);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    // C1 controls in UTF-8 are C2 80 to C2 9F.
    const bool c1 = c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c1) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string human_bytes(std::uint64_t octets) {
  if (octets < 1024) return fmt::format("{} B", octets);
  constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(octets) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return value < 100 ? fmt::format("{:.1f} {}", value, kUnits[unit])
                     : fmt::format("{:.0f} {}", value, kUnits[unit]);
}

std::string human_duration(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 60) return fmt::format("{}s", seconds);
  if (seconds < 3600) return fmt::format("{}m{}s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{}h{}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{}h", seconds / 86400, seconds / 3600 % 24);
}

std::uint64_t parse_hex(std::string_view digits) {
  if (starts_with(digits, "0x")) digits.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

IdentityText split_identity(std::string_view identity) {
  constexpr std::array<std::string_view, 8> kTypes = {"ip4-addr",    "fqdn",        "rfc822", "ip6-addr",
                                                      "der-asn1-dn", "der-asn1-gn", "key-id", "null"};
  for (const std::string_view type : kTypes) {
    if (starts_with(identity, type) && identity.substr(type.size(), 1) == ":")
      return {std::string(type), printable(identity.substr(type.size() + 1))};
  }
  const bool v6 = identity.find(':') != std::string_view::npos;
  return {v6 ? "ip6-addr" : "ip4-addr", printable(identity)};
}

SelectorText parse_selector(std::string_view selector) {
  SelectorText out;
  const std::size_t bar = selector.find('|');
  const std::string_view addresses = selector.substr(0, bar);
  if (bar != std::string_view::npos) {
    const std::string_view rest = selector.substr(bar + 1);
    const std::size_t slash = rest.find('/');
    out.protocol = protocol_number(rest.substr(0, slash));
    if (slash != std::string_view::npos) read_ports(rest.substr(slash + 1), out);
  }
  out.type = addresses.find(':') == std::string_view::npos ? 7 : 8;
  if (const auto prefix = base::Prefix::parse(addresses)) {
    out.first = prefix->range().first.text();
    out.last = prefix->range().last.text();
    return out;
  }
  const std::size_t dash = addresses.find('-');
  out.first = printable(addresses.substr(0, dash));
  out.last = dash == std::string_view::npos ? out.first : printable(addresses.substr(dash + 1));
  return out;
}

std::string vpp_crypto_name(std::string_view encr) {
  constexpr std::array<NamePair, 6> kNames = {{{"null", "none"},
                                               {"des", "des-cbc"},
                                               {"3des", "3des-cbc"},
                                               {"aes-gmac-128", "aes-null-gmac-128"},
                                               {"aes-gmac-192", "aes-null-gmac-192"},
                                               {"aes-gmac-256", "aes-null-gmac-256"}}};
  if (starts_with(encr, "aes-gcm-16-")) return "aes-gcm-" + std::string(encr.substr(11));
  return replaced(kNames, encr);
}

std::string vpp_integ_name(const std::optional<std::string>& integ) {
  constexpr std::array<NamePair, 4> kNames = {{{"hmac-sha2-256-128", "sha-256-128"},
                                               {"hmac-sha2-384-192", "sha-384-192"},
                                               {"hmac-sha2-512-256", "sha-512-256"},
                                               {"sha2-256-96", "sha-256-96"}}};
  return integ ? replaced(kNames, *integ) : "none";
}

std::string vpp_ike_name(std::string_view algorithm) {
  constexpr std::array<NamePair, 1> kNames = {{{"aes-cmac-96", "cmac-96"}}};
  return replaced(kNames, algorithm);
}

}  // namespace control::listing
