// What a sender does with packets that may be too long for the path.
#pragma once

#include <cstdint>

namespace esp {

// DF of outer IPv4 headers (RFC 4301 8.1). Whatever it says, a packet that does not fit into the path as far
// as that is known leaves without.
enum class DontFragment : std::uint8_t {
  clear,
  copy,  // that of the inner packet; IPv6 counts as set
  set,
};

struct PathOptions {
  DontFragment dont_fragment = DontFragment::clear;
  // Inner IPv4 packets that are too long and may be fragmented are: before encryption, so that the receiver
  // need not put outer packets together; else the outer ones are. Behind selectors with ports always the
  // latter, since later fragments show no ports (RFC 4301 7).
  bool fragment_before = true;
  bool clamp_mss = true;  // of TCP, both ways (esp/mss_clamp.h)
};

}  // namespace esp
