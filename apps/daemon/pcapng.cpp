#include "apps/daemon/pcapng.h"

namespace daemon_app::pcapng {
namespace {

// Types of blocks, of options, and the kind of link (packets that begin with an IP header).
constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kStatistics = 5, kPacket = 6;
constexpr std::uint16_t kEnd = 0, kInterfaceName = 2, kResolution = 9, kFlags = 2, kReceived = 4,
                        kDropped = 5;
constexpr std::uint16_t kLinkRaw = 101;
constexpr std::uint32_t kInbound = 1, kOutbound = 2;
constexpr std::uint8_t kNanoseconds = 9;  // 10^-9 s

// Numbers stand least octet first, as the section says.
template <class T>
void put(base::Bytes& out, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void pad(base::Bytes& out) {
  while (out.size() % 4 != 0) out.push_back(0);
}

void put_option(base::Bytes& out, std::uint16_t code, base::ByteSpan value) {
  put(out, code);
  put(out, static_cast<std::uint16_t>(value.size()));
  base::append(out, value);
  pad(out);
}

template <class T>
void put_number(base::Bytes& out, std::uint16_t code, T value) {
  base::Bytes octets;
  put(octets, value);
  put_option(out, code, octets);
}

void put_time(base::Bytes& out, std::int64_t at) {
  put(out, static_cast<std::uint32_t>(static_cast<std::uint64_t>(at) >> 32));
  put(out, static_cast<std::uint32_t>(at));
}

// A block is its type, its length, what `fill` writes, and its length again.
template <class F>
void put_block(base::Bytes& out, std::uint32_t type, F&& fill) {
  const std::size_t begin = out.size();
  put(out, type);
  put(out, std::uint32_t{0});
  fill();
  const auto length = static_cast<std::uint32_t>(out.size() - begin + 4);
  put(out, length);
  for (std::size_t i = 0; i < 4; ++i) out[begin + 4 + i] = static_cast<std::uint8_t>(length >> (8 * i));
}

}  // namespace

void append_start(base::Bytes& out, std::string_view interface_name) {
  put_block(out, kSection, [&] {
    put(out, std::uint32_t{0x1a2b3c4d});  // tells the order of octets
    put(out, std::uint16_t{1});
    put(out, std::uint16_t{0});
    put(out, ~std::uint64_t{0});  // length of the section: not told
  });
  put_block(out, kInterface, [&] {
    put(out, kLinkRaw);
    put(out, std::uint16_t{0});
    put(out, std::uint32_t{0});  // packets are whole
    put_option(out, kInterfaceName, base::as_bytes(interface_name));
    put_number(out, kResolution, kNanoseconds);
    put(out, std::uint32_t{kEnd});
  });
}

void append_packet(base::Bytes& out, const Packet& packet) {
  put_block(out, kPacket, [&] {
    put(out, std::uint32_t{0});  // of the one interface
    put_time(out, packet.at);
    const auto length = static_cast<std::uint32_t>(packet.octets.size());
    put(out, length);
    put(out, length);
    base::append(out, packet.octets);
    pad(out);
    put_number(out, kFlags, packet.inbound ? kInbound : kOutbound);
    put(out, std::uint32_t{kEnd});
  });
}

void append_end(base::Bytes& out, std::uint64_t packets, std::uint64_t lost, std::int64_t at) {
  put_block(out, kStatistics, [&] {
    put(out, std::uint32_t{0});
    put_time(out, at);
    put_number(out, kReceived, packets + lost);
    put_number(out, kDropped, lost);
    put(out, std::uint32_t{kEnd});
  });
}

}  // namespace daemon_app::pcapng
