#include "ikev2/exchange/send.h"

#include <algorithm>

#include "ikev2/message/fragment.h"
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

// The largest message that may go as one datagram; none where fragments are not spoken.
std::optional<std::size_t> message_limit(const Context& context, const Path& path) {
  const IkeSa& sa = context.sa;
  if (!sa.fragmentation) return {};
  const FragmentConfig& config = context.core.config.fragments;
  std::size_t packet = path.remote.address.is_v6() ? config.size_v6 : config.size_v4;
  if (sa.path_mtu) packet = std::min<std::size_t>(packet, *sa.path_mtu);
  return packet - std::min(packet, message_overhead(path.remote.address, path.natt));
}

// The datagrams of a message: one, or its fragments (RFC 7383 2.5). IKE_SA_INIT is never cut.
base::Result<std::vector<base::Bytes>> encode(Context& context, const Header& header,
                                              const std::vector<Payload>& payloads, const Path& path) {
  if (header.exchange == ExchangeType::ike_sa_init)
    return std::vector<base::Bytes>{write_clear(header, payloads)};
  IkeSa& sa = context.sa;
  if (!sa.cipher_out) return base::local_error("there are no keys yet to protect a message with");
  auto datagrams = seal_within(header, payloads, *sa.cipher_out, sa.iv_counter, context.core.rng,
                               message_limit(context, path));
  if (datagrams.has_value() && datagrams->size() > 1) {
    for (std::size_t i = 0; i < datagrams->size(); ++i) context.core.counters.add(IkeCounter::fragments_out);
  }
  return datagrams;
}

void send_on(Context& context, const Path& path, const base::Bytes& first,
             const std::vector<base::Bytes>& rest) {
  context.out.push_back(SendDatagram{path.local, path.remote, path.natt, first});
  for (const base::Bytes& fragment : rest)
    context.out.push_back(SendDatagram{path.local, path.remote, path.natt, fragment});
}

// Puts the datagrams of a request into our slot.
base::Status fill_slot(Context& context, const std::vector<Payload>& payloads) {
  const IkeSa& sa = context.sa;
  OurSlot& slot = context.sa.ours;
  ASSIGN_OR_RETURN(auto datagrams, encode(context, header_of(sa, slot.exchange, false, slot.next_id),
                                          payloads, {sa.local, sa.remote, sa.natt}));
  slot.wire = std::move(datagrams.front());
  datagrams.erase(datagrams.begin());
  slot.rest = std::move(datagrams);
  return {};
}

// RFC 7383 2.5.2: where large packets find no answer, smaller ones may. The responder drops what it has of
// the larger fragments; had it answered already, the first fragment brings its answer back.
void cut_smaller(Context& context) {
  constexpr int kTriesBefore = 3;
  IkeSa& sa = context.sa;
  OurSlot& slot = sa.ours;
  const FragmentConfig& config = context.core.config.fragments;
  if (!sa.fragmentation || slot.exchange == ExchangeType::ike_sa_init || slot.sends != kTriesBefore) return;
  if (sa.path_mtu || !sa.remote.address.is_v4() || config.fallback_v4 >= config.size_v4) return;
  if (slot.wire.size() + message_overhead(sa.remote.address, sa.natt) <= config.fallback_v4) return;
  sa.path_mtu = config.fallback_v4;
  (void)fill_slot(context, slot.payloads);  // what cannot be cut goes on as it is
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

bool takes_fragments(const Core& core, const Message& message) {
  return core.config.fragments.enabled &&
         message.find_notify(NotifyType::ikev2_fragmentation_supported) != nullptr;
}

std::size_t message_overhead(const base::IpAddress& remote, bool natt) {
  constexpr std::size_t kIpv4 = 20, kIpv6 = 40, kUdp = 8, kMarker = 4;
  return (remote.is_v6() ? kIpv6 : kIpv4) + kUdp + (natt ? kMarker : 0);
}

void send_in_flight(Context& context) {
  const IkeSa& sa = context.sa;
  send_on(context, {sa.local, sa.remote, sa.natt}, sa.ours.wire, sa.ours.rest);
}

base::Status send_request(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads) {
  OurSlot& slot = context.sa.ours;
  slot.exchange = exchange;
  RETURN_IF_ERROR(fill_slot(context, payloads));
  slot.payloads = payloads;
  slot.fragments.clear();
  slot.sends = 1;
  slot.give_up_at.reset();
  send_in_flight(context);
  arm_retransmit(context);
  return {};
}

base::Status send_response(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads) {
  TheirSlot& slot = context.sa.theirs;
  ASSIGN_OR_RETURN(auto datagrams, encode(context, header_of(context.sa, exchange, true, slot.expected),
                                          payloads, slot.path));
  slot.response = std::move(datagrams.front());
  datagrams.erase(datagrams.begin());
  slot.response_rest = std::move(datagrams);
  slot.expected.value += 1;
  send_on(context, slot.path, slot.response, slot.response_rest);
  return {};
}

bool retransmit(Context& context) {
  OurSlot& slot = context.sa.ours;
  const bool enough =
      slot.give_up_at ? context.now >= *slot.give_up_at : slot.sends >= context.core.config.retransmit.tries;
  if (enough) return false;
  slot.sends += 1;
  context.core.counters.add(IkeCounter::retransmits);
  cut_smaller(context);
  send_in_flight(context);
  arm_retransmit(context);
  return true;
}

void give_up_within(Context& context, base::Duration patience) {
  OurSlot& slot = context.sa.ours;
  slot.give_up_at = std::min(slot.give_up_at.value_or(base::Instant::max()), context.now + patience);
  arm_retransmit(context);
}

void request_answered(Context& context) {
  OurSlot& slot = context.sa.ours;
  slot.next_id.value += 1;
  slot.wire.clear();
  slot.rest.clear();
  slot.payloads.clear();
  slot.fragments.clear();
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
