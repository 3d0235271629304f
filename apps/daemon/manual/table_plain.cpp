// tun and comp with no ESP and no AH around: how their packets come in.
#include "apps/daemon/manual/table.h"

namespace daemon_app {

std::vector<std::uint8_t> ManualTable::plain_protocols(const Layers& layers) const {
  const ManualSaEntry& innermost = *layers.front();
  const config::ManualSa& outermost = layers.back()->spec;
  if (is_transform(outermost)) return {};
  std::vector<std::uint8_t> protocols;
  if (outermost.protocol == base::ip_protocol::kComp) protocols.push_back(base::ip_protocol::kComp);
  // What does not become smaller comes without IPComp (RFC 3173 2.2). Inner packets may be of either family.
  if (innermost.spec.mode == ikev2::Mode::tunnel || tunnel_of(innermost) != nullptr) {
    protocols.push_back(base::ip_protocol::kIpIp);
    protocols.push_back(base::ip_protocol::kIpv6);
  }
  return protocols;
}

base::Status ManualTable::receive_plain(const Layers& layers, base::IpFamily outer) {
  ManualSaEntry& carrier = *layers.back();
  for (const std::uint8_t protocol : plain_protocols(layers)) {
    const base::Status open = port_.receive_plain(outer, protocol);
    if (open.has_error()) {
      stop_plain(carrier);
      return open;
    }
    carrier.plain.emplace_back(outer, protocol);
  }
  return {};
}

base::Status ManualTable::claim_inbound(const Layers& layers, base::IpFamily outer) {
  RETURN_IF_ERROR(reserve(layers));
  const base::Status open = receive_plain(layers, outer);
  if (open.has_error()) release(layers);
  return open;
}

void ManualTable::stop_plain(ManualSaEntry& carrier) {
  for (const auto& [outer, protocol] : carrier.plain) port_.stop_plain(outer, protocol);
  carrier.plain.clear();
}

}  // namespace daemon_app
