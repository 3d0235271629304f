// The transforms that a packet can pass, RFC 4301 4.5 ("bundles"), and their order.
#pragma once

#include <cstdint>
#include <string_view>

namespace esp {

// Numbers are those of Protocol IDs where there is one (RFC 7296 3.3.1, RFC 2407 4.4.1 for IPComp).
enum class Transform : std::uint8_t {
  none = 0,
  ah = 2,
  esp = 3,
  comp = 4,  // IPComp with DEFLATE, RFC 3173 and RFC 2394; its SPI is a CPI, of 16 bits
  tun = 5,   // IP in IP, RFC 2003, RFC 2473 and RFC 4213; its SPI does not travel
};

// Places in a bundle, from inside to outside: tun, comp, esp, ah.
constexpr int rank(Transform transform) {
  switch (transform) {
    case Transform::none:
      return 0;
    case Transform::tun:
      return 1;
    case Transform::comp:
      return 2;
    case Transform::esp:
      return 3;
    case Transform::ah:
      return 4;
  }
  return 0;
}

// "tun", "comp", "esp", "ah": as SAIDs begin.
constexpr std::string_view name(Transform transform) {
  constexpr std::string_view kNames[] = {"none", "tun", "comp", "esp", "ah"};
  return kNames[rank(transform)];
}

// Whether keys and sequence numbers belong to it.
constexpr bool has_cipher(Transform transform) {
  return transform == Transform::esp || transform == Transform::ah;
}

}  // namespace esp
