// Small pieces of text that several listings share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace control::listing {

// What stands where a key would, in a listing without secrets.
constexpr std::string_view kRedacted = "[redacted]";

// Text from the network, safe for a terminal: control characters as \xNN, nothing else changed.
std::string printable(std::string_view text);

// "84 B", "1.2 KiB", "3.4 GiB": at most four digits.
std::string human_bytes(std::uint64_t octets);
// "11s", "12m", "22h13m", "3d4h".
std::string human_duration(std::int64_t seconds);

// Hexadecimal of full width as a number; 0 where it is none.
std::uint64_t parse_hex(std::string_view digits);

// "fqdn:vpp.home" -> "fqdn", "vpp.home". An identity without a type is an address.
struct IdentityText {
  std::string type, data;
};
IdentityText split_identity(std::string_view identity);

// One traffic selector "net/bits|proto/ports" as VPP lists them. The text of an address that is none is kept.
struct SelectorText {
  int type = 7;  // TS_IPV4_ADDR_RANGE 7, TS_IPV6_ADDR_RANGE 8 (RFC 7296 3.13.1)
  unsigned protocol = 0, first_port = 0, last_port = 65535;
  std::string first, last;
};
SelectorText parse_selector(std::string_view selector);

// VPP's names of IPsec algorithms ("aes-gcm-256", "sha-256-128") for ours; ours where VPP has none.
std::string vpp_crypto_name(std::string_view encr);
std::string vpp_integ_name(const std::optional<std::string>& integ);
// VPP's names in IKEv2 listings: the same as ours but for a few.
std::string vpp_ike_name(std::string_view algorithm);

}  // namespace control::listing
