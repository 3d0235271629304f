// The name of one security association: protocol, SPI and destination (RFC 2401 4.4.3), as KLIPS writes it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "base/strong.h"

namespace base {

// esp, ah, tun (IP in IP) and comp by their IP protocol numbers. kMagic names no SA but an action.
struct Said {
  static constexpr std::uint8_t kMagic = 61;  // "any host internal protocol"

  std::uint8_t protocol = 0;
  Spi spi;
  IpAddress destination;

  auto operator<=>(const Said&) const = default;
  bool magic() const { return protocol == kMagic; }
};

// What the SPI of a magic name says.
enum class MagicSa : std::uint32_t { pass = 256, drop = 257, reject = 258, hold = 259, trap = 260 };

// The ways in which KLIPS' listings write a name; all are read.
enum class SaidForm : std::uint8_t {
  hex,     // esp0x9a35fc02@192.0.2.1, esp0x9a35fc02@2001:db8::1
  family,  // esp.9a35fc02@192.0.2.1,  esp:9a35fc02@2001:db8::1
};

// "%pass", "%drop", "%reject", "%hold", "%trap" for magic names, which have no address.
std::string said_text(const Said& said, SaidForm form);
// Reads every form, with any number of leading zeros. %passthrough, %passthrough4 and %passthrough6 are read
// as %pass.
Result<Said> parse_said(std::string_view text);

// "ah", "esp", "tun", "comp", "int", "unk<n>".
std::string said_protocol_name(std::uint8_t protocol);
// 0 for a word that names none of the first five.
std::uint8_t said_protocol(std::string_view name);

}  // namespace base
