// The part of Inbound for packets that no ESP and no AH is around: IP in IP, and IPComp.
#include "esp/admission.h"
#include "esp/inbound.h"
#include "esp/ip_header.h"
#include "esp/traffic_class.h"
#include "esp/transport.h"

namespace esp {
namespace {

bool is_tunnelled(std::uint8_t next_header) {
  return next_header == base::ip_protocol::kIpIp || next_header == base::ip_protocol::kIpv6;
}

}  // namespace

void Inbound::take_plain(base::Frame& frame, base::MutableByteSpan segment) noexcept {
  const auto packet = parse_ip(segment);
  const auto split = split_for_transport(segment);
  if (!packet || !split || packet->fragment) return counters_.add(Counter::in_runt);
  const base::MutableByteSpan front = segment.first(split->header);
  const base::MutableByteSpan text = segment.first(packet->length).subspan(split->header);
  InboundSa* sa = nullptr;
  if (split->next_header == base::ip_protocol::kComp) {
    const auto header = read_comp_header(text);
    if (!header) return counters_.add(Counter::in_comp_header);
    sa = sad_.find(Transform::comp, packet->destination, base::Spi(header->cpi));
    if (sa == nullptr) {
      return counters_.add(sad_.why_not_found(Transform::comp, packet->destination, base::Spi(header->cpi)));
    }
    // Nothing else here says who has sent it.
    if (packet->source != sa->params.remote.address) return counters_.add(Counter::in_no_sa);
  } else if (const auto inner = is_tunnelled(split->next_header) ? parse_ip(text) : std::nullopt) {
    sa = sad_.find_tunnel(packet->destination, packet->source, inner->inbound_key());
  }
  if (sa == nullptr) return counters_.add(Counter::in_no_sa);
  if (has_cipher(sa->params.transform)) {
    bump(sa->traffic.other_errors);
    return counters_.add(Counter::in_bundle);
  }
  frame.traffic_class = packet->traffic_class;
  DecapItem& item = round_.items[round_.size++];
  item.packet = segment;
  item.frame = &frame;
  item.sa = sa;
  item.drop = unwrapper_.unwrap_plain(item, {text, split->next_header, front, split->next_at});
  if (item.drop && item.sa != nullptr) count_drop(item.sa->traffic, *item.drop);
}

void Inbound::process_plain(base::PacketBatch& in, base::PacketBatch& deliver) noexcept {
  for (base::Frame& frame : in) {
    for (std::uint32_t i = 0; i < frame.count; ++i) {
      take_plain(frame, frame.segment(i));
      if (round_.size == round_.items.size()) hand_on(deliver);
    }
  }
  hand_on(deliver);
  in.clear();
}

}  // namespace esp
