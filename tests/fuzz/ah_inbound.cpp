// Hostile octets into the inbound pipeline as whole packets of protocol 51, behind an ICV that is always
// right; in tunnel and in transport mode.
#include <cstdlib>

#include "esp/ah_header.h"
#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

struct Target {
  support::PlainProvider provider{{0, 12, 1, false, true}};
  support::EspEnd end;
  base::PacketPool pool{1};
  base::PacketBatch in, delivered, ike;

  Target() {
    support::SaShape shape;
    shape.protocol = crypto::IpsecProtocol::ah;
    shape.cipher = {crypto::Encr::none, 0, crypto::Integ::sha1_96};
    shape.udp_encap = false;
    shape.spi = 0x100;
    shape.local_net = shape.remote_net = "0.0.0.0/0";
    shape.local_net6 = shape.remote_net6 = "::/0";
    end.receive_by(shape, provider);
    shape.spi = 0x101;
    shape.child = 2;
    shape.mode = esp::Mode::transport;
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > base::kMaxFrame) return 0;
  Target target;
  base::Frame frame = support::frame_of(target.pool, {data, size});
  frame.local = {support::ip("192.0.2.2"), 0};
  require(target.in.push(std::move(frame)));
  target.end.in.process(esp::Arrival::ah, target.in, target.delivered, target.ike);

  // Every packet is delivered or counted exactly once, and what is delivered is a whole packet.
  require(all_counted(target.end.counters) == 1);
  for (auto& out : target.delivered) {
    const auto inner = esp::parse_ip(out.bytes());
    require(inner.has_value() && inner->length == out.length);
  }
  return 0;
}
