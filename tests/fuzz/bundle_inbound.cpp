// Hostile octets into bundles, behind integrity checks that are always right: AH around ESP around IPComp
// around IP in IP; ESP around IPComp in transport mode; and IPComp and IP in IP in clear.
#include <cstdlib>

#include "tests/support/bundle_pair.h"
#include "tests/support/plain_cipher.h"

namespace {

using esp::Transform;

struct Target {
  support::PlainProvider provider{{0, 12, 1, false, true}};
  support::EspEnd end;
  base::PacketPool pool{2};  // for the packet, and for what is decompressed
  base::PacketBatch in, delivered, ike;

  void add(support::BundleShape shape, std::uint64_t child, std::uint32_t spi) {
    shape.child = child;
    shape.spi = spi;
    shape.ah = {crypto::Encr::none, 0, crypto::Integ::sha1_96};
    auto members = support::inbound_members(shape, provider);
    for (auto* side : {&members[0]->params.selectors.local, &members[0]->params.selectors.remote}) {
      if (shape.transport) break;
      *side = {spd::TrafficSelector::parse("0.0.0.0/0").value(), spd::TrafficSelector::parse("::/0").value()};
    }
    if (!end.sad.add(esp::make_bundle(base::ChildId(child), std::move(members)).value())) std::abort();
  }
  Target() {
    add({{Transform::tun, Transform::comp, Transform::esp, Transform::ah}}, 1, 0x100);
    support::BundleShape transport{{Transform::comp, Transform::esp}};
    transport.transport = true;
    add(transport, 2, 0x200);
    add({{Transform::tun, Transform::comp}}, 3, 0x300);
    end.in.set_pool(&pool);
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

// First octet: how the packet arrives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size - 1 > base::kMaxFrame) return 0;
  constexpr std::array kArrivals{esp::Arrival::ah, esp::Arrival::raw, esp::Arrival::ip};
  Target target;
  base::Frame frame = support::frame_of(target.pool, {data + 1, size - 1});
  frame.local = {support::ip("192.0.2.2"), 0};
  frame.remote = {support::ip("192.0.2.1"), 0};
  require(target.in.push(std::move(frame)));
  target.end.in.process(kArrivals[data[0] % kArrivals.size()], target.in, target.delivered, target.ike);

  // Every packet is delivered or counted exactly once, and what is delivered is a whole packet.
  require(all_counted(target.end.counters) == 1);
  for (auto& out : target.delivered) {
    const auto inner = esp::parse_ip(out.bytes());
    require(inner.has_value() && inner->length == out.length);
  }
  return 0;
}
