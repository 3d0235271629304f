// The file format that Wireshark writes and reads (pcapng, draft-ietf-opsawg-pcapng), as far as one interface
// of IP packets needs it. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace daemon_app::pcapng {

// One packet: nanoseconds since 1970, and which way it went.
struct Packet {
  std::int64_t at = 0;
  bool inbound = false;
  base::ByteSpan octets;  // begins with its IP header
};

// What a file begins with: the section, and its one interface with timestamps in nanoseconds.
void append_start(base::Bytes& out, std::string_view interface_name);
void append_packet(base::Bytes& out, const Packet& packet);
// How many packets there are, and how many were lost since nobody took them in time.
void append_end(base::Bytes& out, std::uint64_t packets, std::uint64_t lost, std::int64_t at);

}  // namespace daemon_app::pcapng
