#include "ikev2/exchange/send.h"

#include <algorithm>

#include "ikev2/message/protect.h"
#include "ikev2/sa/retransmit.h"

namespace ikev2 {
namespace {

Header header_of(const IkeSa& sa, ExchangeType exchange, bool response, base::MessageId id) {
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.exchange = exchange;
  header.initiator = sa.initiator;
  header.response = response;
  header.message_id = id;
  return header;
}

base::Result<base::Bytes> encode(Context& context, const Header& header,
                                 const std::vector<Payload>& payloads) {
  if (header.exchange == ExchangeType::ike_sa_init) return write_clear(header, payloads);
  IkeSa& sa = context.sa;
  if (!sa.cipher_out) return base::local_error("there are no keys yet to protect a message with");
  return seal(header, payloads, *sa.cipher_out, sa.iv_counter, context.core.rng);
}

void arm_retransmit(Context& context) {
  IkeSa& sa = context.sa;
  const auto wait = retransmit_wait(context.core.config.retransmit, sa.ours.sends, context.core.rng);
  base::Instant at = context.now + wait;
  if (sa.ours.give_up_at) at = std::min(at, *sa.ours.give_up_at);
  context.core.deadlines.set(owner_of(sa), DeadlineKind::retransmit, at);
}

}  // namespace

NotifyPayload make_notify(NotifyType type, base::Bytes data) {
  return {type, ProtocolId::none, {}, std::move(data)};
}

NotifyPayload auth_lifetime_notify(base::Duration lifetime) {
  base::Bytes seconds(4);
  base::store_be32(seconds.data(), static_cast<std::uint32_t>(base::whole_seconds(lifetime)));
  return make_notify(NotifyType::auth_lifetime, std::move(seconds));
}

std::optional<base::Duration> auth_lifetime(const Message& message) {
  const auto* notify = message.find_notify(NotifyType::auth_lifetime);
  if (notify == nullptr || notify->data.size() != 4) return {};
  return std::chrono::seconds(base::load_be32(notify->data.data()));
}

void send_datagram(Context& context, const base::Bytes& message) {
  context.out.push_back(SendDatagram{context.sa.local, context.sa.remote, context.sa.natt, message});
}

base::Status send_request(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads) {
  OurSlot& slot = context.sa.ours;
  ASSIGN_OR_RETURN(slot.wire,
                   encode(context, header_of(context.sa, exchange, false, slot.next_id), payloads));
  slot.exchange = exchange;
  slot.sends = 1;
  slot.give_up_at.reset();
  send_datagram(context, slot.wire);
  arm_retransmit(context);
  return {};
}

base::Status send_response(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads) {
  TheirSlot& slot = context.sa.theirs;
  ASSIGN_OR_RETURN(slot.response,
                   encode(context, header_of(context.sa, exchange, true, slot.expected), payloads));
  slot.expected.value += 1;
  send_datagram(context, slot.response);
  return {};
}

bool retransmit(Context& context) {
  OurSlot& slot = context.sa.ours;
  const bool enough =
      slot.give_up_at ? context.now >= *slot.give_up_at : slot.sends >= context.core.config.retransmit.tries;
  if (enough) return false;
  slot.sends += 1;
  context.core.counters.add(IkeCounter::retransmits);
  send_datagram(context, slot.wire);
  arm_retransmit(context);
  return true;
}

void request_answered(Context& context) {
  OurSlot& slot = context.sa.ours;
  slot.next_id.value += 1;
  slot.wire.clear();
  slot.sends = 0;
  context.core.deadlines.cancel(owner_of(context.sa), DeadlineKind::retransmit);
}

void send_stranger_reply(Core& core, const Datagram& datagram, const Header& request, NotifyPayload notify,
                         base::Instant now, Actions& out, bool proved) {
  // RFC 7296 2.21.4: the rate MUST be limited. COOKIE is exempt: it is what keeps honest initiators alive
  // during a flood, and it is shorter than any request that asks for it.
  if (notify.type != NotifyType::cookie && !core.replies.allow(datagram.remote.address, proved, now)) {
    core.counters.add(IkeCounter::reply_limited);
    return;
  }
  Header header = request;
  header.response = true;
  header.initiator = !request.initiator;
  header.major = 2;
  header.minor = 0;
  out.push_back(
      SendDatagram{datagram.local, datagram.remote, datagram.natt, write_clear(header, {std::move(notify)})});
}

}  // namespace ikev2
