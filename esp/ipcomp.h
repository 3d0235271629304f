// IPComp (RFC 3173) with DEFLATE (RFC 2394): the header, and the two directions of compression.
//
//   | next header 1 | flags 1 | CPI 2 | a DEFLATE stream (RFC 1951) of what followed the IP header |
//
// Each packet is a stream of its own. Both directions have all their memory from the start: nothing is
// allocated for a packet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace esp {

constexpr std::size_t kCompHeader = 4;
constexpr std::size_t kMaxInflated = 65535;  // octets: no IP packet has more

struct CompHeader {
  std::uint8_t next_header = 0;
  std::uint16_t cpi = 0;
};
// nullopt where it is cut off. Flags "MUST be ignored" (RFC 3173 3.3).
std::optional<CompHeader> read_comp_header(base::ByteSpan payload);
// Flags "MUST be set to zero" (RFC 3173 3.3). Writes kCompHeader octets.
void write_comp_header(std::uint8_t* out, const CompHeader& header);

// zlib's memory and one stream in it.
struct CompStream;

class Deflater {
 public:
  Deflater();
  ~Deflater();
  // The payload as a whole stream of fewer than `limit` octets, or nothing where that is not to be had.
  // Stands until the next call.
  base::ByteSpan compress(base::ByteSpan payload, std::size_t limit) noexcept;

 private:
  std::unique_ptr<CompStream> stream_;
  std::unique_ptr<std::uint8_t[]> output_;
};

class Inflater {
 public:
  enum class Outcome : std::uint8_t {
    done,
    broken,  // no whole stream
    large,   // more than kMaxInflated octets
  };
  // Octets that `out` of inflate() has.
  static constexpr std::size_t kRoom = kMaxInflated + 1;

  Inflater();
  ~Inflater();
  // Writes what the stream at the start of `payload` stands for to `out`, of kRoom octets, and its size to
  // `size`. Octets behind the stream are ignored.
  Outcome inflate(base::ByteSpan payload, std::uint8_t* out, std::size_t& size) noexcept;

 private:
  std::unique_ptr<CompStream> stream_;
};

}  // namespace esp
