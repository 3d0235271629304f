// Hostile octets into the inbound pipeline: as a datagram of the NAT-T port, as protocol 50, and as a train;
// and behind the integrity check, with a cipher that accepts every tag.
#include <cstdlib>

#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

struct Target {
  support::PlainProvider provider{{8, 16, 1, false, true}};
  support::EspEnd end;
  base::PacketPool pool{1};
  base::PacketBatch in, delivered, ike;

  Target() {
    support::SaShape shape;
    shape.spi = 0x100;
    shape.local_net = shape.remote_net = "0.0.0.0/0";
    shape.local_net6 = shape.remote_net6 = "::/0";
    end.receive_by(shape, provider);
    shape.spi = 0x101;
    shape.child = 2;
    shape.esn = true;
    end.receive_by(shape, provider);
  }
};

void require(bool holds) {
  if (!holds) std::abort();
}

std::uint64_t all_counted(const esp::Counters& counters) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < esp::kCounters; ++i) {
    const auto counter = static_cast<esp::Counter>(i);
    if (counter != esp::Counter::in_bytes) sum += counters.get(counter);
  }
  return sum;
}

}  // namespace

// First octet: bit 0 raw, bit 1 a train, the rest its stride in units of 8; then the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size - 1 > base::kMaxFrame) return 0;
  Target target;
  const base::ByteSpan payload(data + 1, size - 1);
  base::Frame frame = support::frame_of(target.pool, payload);
  frame.local = {support::ip("192.0.2.2"), 4500};
  const std::uint32_t stride = (data[0] >> 2) * 8u;
  if ((data[0] & 2) != 0 && stride != 0 && payload.size() > stride) {
    frame.stride = stride;
    frame.count = static_cast<std::uint32_t>((payload.size() + stride - 1) / stride);
  }
  const std::uint64_t segments = frame.count;
  require(target.in.push(std::move(frame)));
  target.end.in.process((data[0] & 1) != 0 ? esp::Arrival::raw : esp::Arrival::udp, target.in,
                        target.delivered, target.ike);

  // Every segment is delivered, handed to IKE, or counted exactly once.
  require(all_counted(target.end.counters) + target.ike.size() == segments);
  for (auto& out : target.delivered) {
    const auto inner = esp::parse_ip(out.bytes());
    require(inner.has_value() && inner->length == out.length);
  }
  return 0;
}
