// INVALID_SPI: the peer has got packets of an SA that it does not know. RFC 7296 1.5.

#include "ikev2/exchange/spi_hint.h"

#include "ikev2/exchange/report.h"
#include "ikev2/exchange/tasks.h"

namespace ikev2 {
namespace {

// How often one IKE SA does something about it (RFC 7296 2.4: "MUST be rate limited").
constexpr base::Duration kPause = std::chrono::seconds(10);
// A child so young may be known on one side alone for a moment.
constexpr base::Duration kYoung = std::chrono::seconds(5);

// The child whose packets the notify is about: its data is the SPI (RFC 7296 3.10.1).
ChildSa* named_child(IkeSa& sa, const NotifyPayload& notify) {
  if (notify.data.size() != 4) return nullptr;
  ChildSa* child = sa.find_child_by_spi_out(base::Spi{base::load_be32(notify.data.data())});
  return child != nullptr && child->state == ChildState::installed && !child->replaced ? child : nullptr;
}

bool may_act(IkeSa& sa, base::Instant now) {
  if (sa.lifecycle != Lifecycle::established) return false;
  if (sa.hinted_at && now - *sa.hinted_at < kPause) return false;
  sa.hinted_at = now;
  return true;
}

}  // namespace

void take_invalid_spi(Context& context, const Message& message) {
  const auto* notify = message.find_notify(NotifyType::invalid_spi);
  ChildSa* child = notify == nullptr ? nullptr : named_child(context.sa, *notify);
  if (child == nullptr || context.now - child->installed_at < kYoung || !may_act(context.sa, context.now))
    return;
  report(context, Report::Kind::log, base::LogLevel::warning, "invalid-spi",
         "the peer does not know child " + child->config.name + " any more (INVALID_SPI): rekeying it");
  enqueue(context, RekeyChild{child->id, {}});
}

bool take_spi_hint(Core& core, const Datagram& datagram, const Header& header, base::Instant now,
                   Actions& out) {
  if (header.exchange != ExchangeType::informational || header.response ||
      header.next_payload == PayloadType::sk || header.next_payload == PayloadType::skf) {
    return false;
  }
  drop(core, IkeCounter::invalid_spi_hint, datagram, "INFORMATIONAL in clear, outside any IKE SA", out);
  const auto payloads = parse_chain(header.next_payload, datagram.message.subspan(kHeaderSize));
  if (payloads.has_error()) return true;
  const Message message{header, *payloads};
  const auto* notify = message.find_notify(NotifyType::invalid_spi);
  if (notify == nullptr) return true;
  for (IkeSa* sa : core.sas.all()) {
    if (sa->remote.address != datagram.remote.address || named_child(*sa, *notify) == nullptr) continue;
    Context context{core, *sa, now, out};
    if (may_act(*sa, now)) enqueue(context, Probe{});
    return true;
  }
  return true;
}

}  // namespace ikev2
