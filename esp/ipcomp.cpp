#include "esp/ipcomp.h"

#include <zlib.h>

#include <algorithm>

namespace esp {
namespace {

// Of what zlib asks for with the numbers below, with room to spare: some 50 KiB and some 42 KiB.
constexpr std::size_t kArena = std::size_t{128} << 10;

// Linux opens with a window of 2 KiB, so no reference reaches back further. Memory for matches is small as
// well, since all of it is cleared for each packet.
constexpr int kDeflateWindow = -11, kDeflateMemory = 6, kDeflateLevel = Z_BEST_SPEED;
constexpr int kInflateWindow = -15;  // whatever RFC 1951 allows; negative: no header of zlib's

}  // namespace

struct CompStream {
  z_stream z{};
  std::unique_ptr<std::uint8_t[]> arena = std::make_unique<std::uint8_t[]>(kArena);
  std::size_t used = 0;
  bool ready = false;

  CompStream() {
    z.opaque = this;
    z.zalloc = [](void* opaque, unsigned items, unsigned size) -> void* {
      return static_cast<CompStream*>(opaque)->take(std::size_t{items} * size);
    };
    z.zfree = [](void*, void*) {};  // all at once, with the arena
  }
  void* take(std::size_t size) {
    constexpr std::size_t kAlign = 64;
    const std::size_t whole = (size + kAlign - 1) / kAlign * kAlign;
    if (whole > kArena - used) return Z_NULL;
    used += whole;
    return arena.get() + used - whole;
  }
  void feed(base::ByteSpan in, std::uint8_t* out, std::size_t room) {
    z.next_in = const_cast<Bytef*>(in.data());  // zlib reads only
    z.avail_in = static_cast<uInt>(in.size());
    z.next_out = out;
    z.avail_out = static_cast<uInt>(room);
  }
};

std::optional<CompHeader> read_comp_header(base::ByteSpan payload) {
  if (payload.size() < kCompHeader) return {};
  return CompHeader{payload[0], base::load_be16(&payload[2])};
}

void write_comp_header(std::uint8_t* out, const CompHeader& header) {
  out[0] = header.next_header;
  out[1] = 0;
  base::store_be16(out + 2, header.cpi);
}

Deflater::Deflater()
    : stream_(std::make_unique<CompStream>()), output_(std::make_unique<std::uint8_t[]>(kMaxInflated)) {
  stream_->ready = deflateInit2(&stream_->z, kDeflateLevel, Z_DEFLATED, kDeflateWindow, kDeflateMemory,
                                Z_DEFAULT_STRATEGY) == Z_OK;
}
Deflater::~Deflater() = default;

base::ByteSpan Deflater::compress(base::ByteSpan payload, std::size_t limit) noexcept {
  if (!stream_->ready || limit < 2 || deflateReset(&stream_->z) != Z_OK) return {};
  const std::size_t room = std::min(limit - 1, kMaxInflated);
  stream_->feed(payload, output_.get(), room);
  if (deflate(&stream_->z, Z_FINISH) != Z_STREAM_END) return {};
  return {output_.get(), room - stream_->z.avail_out};
}

Inflater::Inflater() : stream_(std::make_unique<CompStream>()) {
  stream_->ready = inflateInit2(&stream_->z, kInflateWindow) == Z_OK;
}
Inflater::~Inflater() = default;

Inflater::Outcome Inflater::inflate(base::ByteSpan payload, std::uint8_t* out, std::size_t& size) noexcept {
  if (!stream_->ready || inflateReset(&stream_->z) != Z_OK) return Outcome::broken;
  stream_->feed(payload, out, kRoom);
  const int result = ::inflate(&stream_->z, Z_FINISH);
  size = kRoom - stream_->z.avail_out;
  if (size > kMaxInflated) return Outcome::large;
  return result == Z_STREAM_END ? Outcome::done : Outcome::broken;
}

}  // namespace esp
