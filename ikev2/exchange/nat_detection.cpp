#include "ikev2/exchange/nat_detection.h"

#include <algorithm>

#include "ikev2/exchange/mobike.h"

namespace ikev2 {
namespace {

// SHA-1 of SPIi | SPIr | address | port. A request of IKE_SA_INIT has no SPIr yet.
base::Bytes detection_hash(const Context& context, base::IkeSpi spi_r, const base::Endpoint& endpoint) {
  std::array<std::uint8_t, 16> spis;
  base::store_be64(spis.data(), context.sa.spi_i.value);
  base::store_be64(spis.data() + 8, spi_r.value);
  std::array<std::uint8_t, 2> port;
  base::store_be16(port.data(), endpoint.port);
  return base::to_bytes(context.core.provider.sha1({spis, endpoint.address.bytes(), port}));
}

// Whether none of the notifies of that type fits the hash. Wrong lengths are ignored; without any there is no
// answer.
bool contradicts(const Message& message, NotifyType type, const base::Bytes& expected) {
  bool any = false;
  for (const NotifyPayload* notify : message.notifies(type)) {
    if (notify->data.size() != expected.size()) continue;
    if (base::equal(notify->data, expected)) return false;
    any = true;
  }
  return any;
}

}  // namespace

void add_nat_detection(Context& context, std::vector<Payload>& payloads) {
  const IkeSa& sa = context.sa;
  if (sa.peer->encap == Encap::esp) return;
  NotifyPayload source{
      NotifyType::nat_detection_source_ip, ProtocolId::none, {}, detection_hash(context, sa.spi_r, sa.local)};
  if (sa.peer->encap == Encap::udp) source.data = context.core.rng.bytes(20);
  payloads.emplace_back(std::move(source));
  payloads.emplace_back(NotifyPayload{NotifyType::nat_detection_destination_ip,
                                      ProtocolId::none,
                                      {},
                                      detection_hash(context, sa.spi_r, sa.remote)});
}

void detect_nat(Context& context, const Message& message) {
  IkeSa& sa = context.sa;
  if (sa.peer->encap == Encap::esp) return;
  sa.mobility.detects_nat = message.find_notify(NotifyType::nat_detection_source_ip) != nullptr;
  const auto hash = [&](const base::Endpoint& endpoint) {
    return detection_hash(context, message.header.spi_r, endpoint);
  };
  sa.remote_behind_nat = contradicts(message, NotifyType::nat_detection_source_ip, hash(sa.remote));
  sa.local_behind_nat = contradicts(message, NotifyType::nat_detection_destination_ip, hash(sa.local));
}

const base::Bytes& udp_vendor_id() {
  static const base::Bytes kId = base::to_bytes(base::as_bytes("ikev2d udp-encapsulation 1"));
  return kId;
}

bool offers_udp(const Message& message) {
  return std::any_of(message.payloads.begin(), message.payloads.end(), [](const Payload& payload) {
    const auto* vendor = std::get_if<VendorPayload>(&payload);
    return vendor != nullptr && base::equal(vendor->data, udp_vendor_id());
  });
}

void move_to_natt_port(Context& context) {
  IkeSa& sa = context.sa;
  // RFC 4555 3.3: whoever speaks MOBIKE and NAT traversal MUST change, so that no later move needs to.
  const bool natt = sa.local_behind_nat || sa.remote_behind_nat || sa.force_udp || wants_natt_port(sa);
  if (sa.natt || !natt) return;
  // RFC 7296 2.23: "the initiator MUST … move to port 4500" once a NAT is detected.
  const bool standard = sa.remote.port == context.core.config.ike_port;
  sa.natt = true;
  sa.local.port = context.core.config.natt_port;
  sa.remote.port = standard ? context.core.config.natt_port : 4500;
}

}  // namespace ikev2
