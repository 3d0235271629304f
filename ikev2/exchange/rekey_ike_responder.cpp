// CREATE_CHILD_SA for a new IKE SA, as responder: RFC 7296 1.3.2, collisions 2.25.2.

#include "ikev2/exchange/collision.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/limits.h"
#include "ikev2/exchange/rekey_ike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"

namespace ikev2 {
namespace {

using RekeyNext = NextResult<Idle, ChildResponding, RekeyResponding>;

// RFC 7296 2.21.3: a request that cannot be understood. The dispatcher answers it, and ends the IKE SA.
base::Error invalid_syntax(std::string reason) {
  base::Error error = base::malformed(std::move(reason));
  error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
  return error;
}

RekeyNext refuse(Context& context, NotifyPayload notify, const std::string& reason) {
  context.core.counters.add(IkeCounter::refused);
  report(context, Report::Kind::log, base::LogLevel::warning, "ike-rekey-refused",
         "rekey of the IKE SA refused with " + name(notify.type) + ": " + reason);
  RETURN_IF_ERROR(send_response(context, ExchangeType::create_child_sa, {std::move(notify)}));
  return Next<Idle, ChildResponding, RekeyResponding>(Idle{});
}

// RFC 7296 2.25.2: whether children are being made, rekeyed or closed by us on this IKE SA at this moment.
bool changes_children(const IkeSa& sa) {
  const State& state = sa.ours.state;
  return std::holds_alternative<ChildGenerating>(state) || std::holds_alternative<ChildSent>(state) ||
         std::holds_alternative<ChildAgreeing>(state) || std::holds_alternative<DeletingChild>(state);
}

}  // namespace

NextResult<Idle, ChildResponding, RekeyResponding> on_ike_rekey_request(Context& context,
                                                                        const Message& request) {
  if (changes_children(context.sa)) {
    return refuse(context, make_notify(NotifyType::temporary_failure), "we are changing a child");
  }
  if (const auto full = no_room_for_successor(context)) {
    context.core.counters.add(IkeCounter::sa_limit);
    return refuse(context, make_notify(NotifyType::no_additional_sas), *full);
  }
  const auto* ke = request.find<KePayload>();
  auto chosen = choose(request.find<SaPayload>()->proposals, context.sa.peer->proposals,
                       ke == nullptr ? crypto::Ke::none : ke->method);
  if (chosen.has_error()) {
    return refuse(context, make_notify(NotifyType::no_proposal_chosen), chosen.error().reason);
  }
  if (ke == nullptr || ke->method != chosen->ke) {
    return refuse(context, invalid_ke(chosen->ke), "we want " + crypto::name(chosen->ke));
  }
  const auto& spi = chosen->proposal.spi;
  if (spi.size() != 8 || base::load_be64(spi.data()) == 0) {
    return invalid_syntax("the new initiator's SPI is zero");  // RFC 7296 2.6
  }
  const JobId job = start_agreeing(context, ke->method, {}, ke->data);
  const base::IkeSpi spi_i{base::load_be64(spi.data())};
  return Next<Idle, ChildResponding, RekeyResponding>(
      RekeyResponding{job, std::move(*chosen), spi_i, request.find<NoncePayload>()->nonce});
}

NextResult<Idle> on_rekey_answer_ke(RekeyResponding& state, KeDone& done, Context& context) {
  if (done.status.has_error()) {
    // RFC 6989 2.5: whoever sends such a value is malicious or broken; its IKE SA ends.
    return invalid_syntax("the peer's public value is refused: " + done.status.error().reason);
  }
  // Our own rekey has come to its end while g^ir was computed: that one stands (RFC 7296 2.25.2).
  if (context.sa.lifecycle != Lifecycle::established) {
    RETURN_IF_ERROR(
        refuse(context, make_notify(NotifyType::temporary_failure), "it has been replaced meanwhile"));
    return Idle{};
  }
  const base::IkeSpi spi_r = draw_ike_spi(context.core);
  RekeyedIke agreed{false,
                    state.spi_i,
                    spi_r,
                    state.nonce_i,
                    context.core.rng.bytes(32),
                    {state.chosen.cipher, state.chosen.prf, state.chosen.ke}};
  auto fresh = make_successor(context, agreed, done.shared_secret.span());
  if (fresh.has_error()) {
    RETURN_IF_ERROR(refuse(context, make_notify(NotifyType::temporary_failure), fresh.error().reason));
    return Idle{};
  }
  Proposal answer = state.chosen.proposal;
  base::store_be64(answer.spi.data(), spi_r.value);
  RETURN_IF_ERROR(send_response(context, ExchangeType::create_child_sa,
                                {SaPayload{{answer}}, NoncePayload{agreed.nonce_r},
                                 KePayload{agreed.suite.ke, std::move(done.public_value)}}));
  if (IkePlan* ours = rekey_plan_of(context.sa)) {
    // RFC 7296 2.25.2: both rekey; which of the two new IKE SAs stays is known once ours is answered.
    ours->collision =
        RekeyCollision<std::uint64_t>{(*fresh)->id, lowest_nonce(agreed.nonce_i, agreed.nonce_r)};
  } else {
    hand_over(context, **fresh, false);
  }
  return Idle{};
}

}  // namespace ikev2
