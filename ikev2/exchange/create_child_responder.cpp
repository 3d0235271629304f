// CREATE_CHILD_SA as responder: which of its three uses is meant, and a child new or rekeyed. RFC 7296 1.3.1,
// 1.3.3, collisions 2.8.1 and 2.25.

#include "ikev2/exchange/child_setup.h"
#include "ikev2/exchange/children.h"
#include "ikev2/exchange/collision.h"
#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/key_exchange.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/limits.h"
#include "ikev2/exchange/rekey_ike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/traps.h"

namespace ikev2 {
namespace {

using ChildNext = NextResult<Idle, ChildResponding, RekeyResponding>;

// RFC 7296 2.21.3: a request that cannot be understood. The dispatcher answers it, and ends the IKE SA.
base::Error invalid_syntax(std::string reason) {
  base::Error error = base::malformed(std::move(reason));
  error.notify = static_cast<std::uint16_t>(NotifyType::invalid_syntax);
  return error;
}

ChildNext refuse(Context& context, NotifyPayload notify, const std::string& reason) {
  context.core.counters.add(IkeCounter::refused);
  report(context, Report::Kind::log, base::LogLevel::warning, "create-child-refused",
         "CREATE_CHILD_SA refused with " + name(notify.type) + ": " + reason);
  RETURN_IF_ERROR(send_response(context, ExchangeType::create_child_sa, {std::move(notify)}));
  return Next<Idle, ChildResponding, RekeyResponding>(Idle{});
}

bool rekeys_ike_sa(const Message& message) {
  const auto* sa = message.find<SaPayload>();
  return !sa->proposals.empty() && sa->proposals.front().protocol == ProtocolId::ike;
}

bool we_rekey_ike_sa(const IkeSa& sa) {
  const State& state = sa.ours.state;
  return std::holds_alternative<RekeyGenerating>(state) || std::holds_alternative<RekeySent>(state) ||
         std::holds_alternative<RekeyAgreeing>(state);
}

// The child that REKEY_SA names by the SPI of what the peer receives on (RFC 7296 1.3.3).
ChildSa* named_child(IkeSa& sa, const NotifyPayload& rekey) {
  if (rekey.spi.size() != 4) return nullptr;
  ChildSa* child = sa.find_child_by_spi_out(base::Spi{base::load_be32(rekey.spi.data())});
  const bool fits = child != nullptr && static_cast<ProtocolId>(child->suite.protocol) == rekey.protocol;
  return fits ? child : nullptr;
}

// The children of the profile that the peer may mean: those that are not up yet before the others.
std::vector<const ChildConfig*> candidates(const IkeSa& sa, const Message& request) {
  auto configs = near_children(*sa.peer, request);
  const auto installed = configs.size() > 1 ? sa.installed_names() : std::unordered_set<std::string_view>();
  std::stable_partition(configs.begin(), configs.end(),
                        [&](const ChildConfig* config) { return installed.count(config->name) == 0; });
  return configs;
}

// Answers, and installs. The old child carries what is under way until the peer deletes it.
base::Status answer(Context& context, const AgreedChild& agreed, std::optional<base::ChildId> rekeys,
                    base::ByteSpan nonce_i, base::ByteSpan secret, const base::Bytes& public_value) {
  const base::Bytes nonce_r = context.core.rng.bytes(32);  // RFC 7296 2.10
  std::vector<Payload> payloads, between;
  between.emplace_back(NoncePayload{nonce_r});
  if (agreed.chosen.ke != crypto::Ke::none) between.emplace_back(KePayload{agreed.chosen.ke, public_value});
  write_child_choice(agreed, std::move(between), payloads);

  // Installed first: the peer may send as soon as it has the answer.
  ChildSa* old = rekeys ? context.sa.find_child(*rekeys) : nullptr;
  const bool later = old != nullptr || packets_wait(context, agreed.config.name);
  ChildMaking making{nonce_i, nonce_r, secret, false, later, rekeys};
  const base::ChildId id = install_child(context, agreed, making);
  ChildPlan* ours = rekey_plan_of(context.sa, rekeys);
  if (ours != nullptr) {
    // RFC 7296 2.8.1: both rekey the same child; which of the two new ones stays is known once ours is
    // answered.
    ours->collision = RekeyCollision<base::ChildId>{id, lowest_nonce(base::to_bytes(nonce_i), nonce_r)};
  } else if (old != nullptr) {
    mark_replaced(context, *context.sa.find_child(*rekeys));
  }
  RETURN_IF_ERROR(send_response(context, ExchangeType::create_child_sa, payloads));
  child_came_up(context, agreed.config.name);
  return {};
}

// Whether the peer may know of a child that we are only about to install: its answer to our request is on the
// way, or being computed with.
bool is_creating_child(const IkeSa& sa) {
  return std::holds_alternative<ChildSent>(sa.ours.state) ||
         std::holds_alternative<ChildAgreeing>(sa.ours.state);
}

ChildNext take(Context& context, const Message& request, AgreedChild agreed,
               std::optional<base::ChildId> rekeys) {
  const auto* ke = request.find<KePayload>();
  const base::Bytes& nonce_i = request.find<NoncePayload>()->nonce;
  if (agreed.chosen.ke == crypto::Ke::none) {
    RETURN_IF_ERROR(answer(context, agreed, rekeys, nonce_i, {}, {}));
    return Next<Idle, ChildResponding, RekeyResponding>(Idle{});
  }
  if (ke == nullptr || ke->method != agreed.chosen.ke) {
    context.core.spis.release(agreed.spi_in);
    // RFC 7296 1.3: "the responder MUST reject the message with … INVALID_KE_PAYLOAD" naming its group.
    return refuse(context, invalid_ke(agreed.chosen.ke),
                  "child " + agreed.config.name + " wants " + crypto::name(agreed.chosen.ke));
  }
  const JobId job = start_agreeing(context, ke->method, {}, ke->data);
  return Next<Idle, ChildResponding, RekeyResponding>(
      ChildResponding{job, std::move(agreed), rekeys, nonce_i});
}

// What a REKEY_SA notify that names no child, or one that goes, is answered with; nothing where `old` stands.
std::optional<ChildNext> refuse_rekey(Context& context, const NotifyPayload& rekey, const ChildSa* old) {
  if (old == nullptr && is_creating_child(context.sa)) {
    return refuse(context, make_notify(NotifyType::temporary_failure),
                  "the peer rekeys a child that may be the one that we are creating");
  }
  if (old == nullptr) {
    // RFC 7296 2.25.1: "a CHILD_SA_NOT_FOUND error notification", with the SPI that was named.
    NotifyPayload notify = make_notify(NotifyType::child_sa_not_found);
    notify.protocol = rekey.protocol;
    notify.spi = rekey.spi;
    return refuse(context, std::move(notify), "the peer rekeys a child that is not there");
  }
  if (old->state == ChildState::installed) return {};
  // RFC 7296 2.25.1: a child that we are closing is not rekeyed.
  return refuse(context, make_notify(NotifyType::temporary_failure),
                "child " + old->config.name + " is being deleted");
}

ChildNext on_child_request(Context& context, const Message& request) {
  IkeSa& sa = context.sa;
  const auto* rekey = request.find_notify(NotifyType::rekey_sa);
  const ChildSa* const old = rekey != nullptr ? named_child(sa, *rekey) : nullptr;
  if (rekey != nullptr) {
    if (auto refused = refuse_rekey(context, *rekey, old)) return std::move(*refused);
  }
  const std::optional<base::ChildId> rekeys = old != nullptr ? std::optional(old->id) : std::nullopt;
  // The version that it was made with.
  const ChildConfig config = old != nullptr ? with_selectors_of(*old) : ChildConfig{};
  auto agreed = choose_child(
      context, request, old != nullptr ? std::vector<const ChildConfig*>{&config} : candidates(sa, request),
      false);
  if (agreed.has_error()) {
    const base::Error& error = agreed.error();
    if (error.family == base::ErrorFamily::malformed) return invalid_syntax(error.reason);
    return refuse(context, make_notify(static_cast<NotifyType>(*error.notify), error.notify_data),
                  error.reason);
  }
  // RFC 7296 2.9.2: a rekeyed child is no narrower than the one that it replaces.
  if (old != nullptr) {
    if (const auto kept = check_not_narrower(*old, agreed->selectors); kept.has_error()) {
      context.core.spis.release(agreed->spi_in);
      return refuse(context, make_notify(NotifyType::ts_unacceptable), kept.error().reason);
    }
  }
  return take(context, request, std::move(*agreed), rekeys);
}

}  // namespace

ChildPlan* rekey_plan_of(IkeSa& sa, std::optional<base::ChildId> child) {
  ChildPlan* plan = nullptr;
  if (auto* generating = std::get_if<ChildGenerating>(&sa.ours.state)) plan = generating->plan.get();
  if (auto* sent = std::get_if<ChildSent>(&sa.ours.state)) plan = sent->plan.get();
  if (auto* agreeing = std::get_if<ChildAgreeing>(&sa.ours.state)) plan = agreeing->plan.get();
  return plan != nullptr && child && plan->rekeys == child ? plan : nullptr;
}

NextResult<Idle, ChildResponding, RekeyResponding> on_create_child_request(Idle&, Message& message,
                                                                           Context& context) {
  IkeSa& sa = context.sa;
  // RFC 7296 2.25.2: nothing is created on an IKE SA that is going away.
  if (sa.lifecycle != Lifecycle::established || sa.delete_pending) {
    return refuse(context, make_notify(NotifyType::temporary_failure), "the IKE SA is going away");
  }
  if (is_storm(context)) {
    context.core.counters.add(IkeCounter::sa_limit);
    return refuse(context, make_notify(NotifyType::temporary_failure), "too many of them in a short time");
  }
  if (rekeys_ike_sa(message)) return on_ike_rekey_request(context, message);
  if (const auto full = no_room_for_child(context, message.find_notify(NotifyType::rekey_sa) != nullptr)) {
    context.core.counters.add(IkeCounter::sa_limit);
    return refuse(context, make_notify(NotifyType::no_additional_sas), *full);
  }
  // RFC 7296 2.25.2: no child while we are replacing the IKE SA.
  if (we_rekey_ike_sa(sa)) {
    return refuse(context, make_notify(NotifyType::temporary_failure), "we are rekeying the IKE SA");
  }
  return on_child_request(context, message);
}

NextResult<Idle> on_child_answer_ke(ChildResponding& state, KeDone& done, Context& context) {
  if (done.status.has_error()) {
    context.core.spis.release(state.agreed.spi_in);
    // RFC 6989 2.5: whoever sends such a value is malicious or broken; its IKE SA ends.
    return invalid_syntax("the peer's public value is refused: " + done.status.error().reason);
  }
  // Nothing is made any more on an IKE SA that ends.
  if (context.sa.lifecycle != Lifecycle::established) {
    context.core.spis.release(state.agreed.spi_in);
    RETURN_IF_ERROR(refuse(context, make_notify(NotifyType::temporary_failure), "the IKE SA is going away"));
    return Idle{};
  }
  // Our own rekey of the same child may have come to its end while g^ir was computed: that one stands, and
  // the peer learns so as from a child that is being closed (RFC 7296 2.25.1).
  const ChildSa* old = state.rekeys ? context.sa.find_child(*state.rekeys) : nullptr;
  if (state.rekeys && (old == nullptr || old->state != ChildState::installed)) {
    context.core.spis.release(state.agreed.spi_in);
    RETURN_IF_ERROR(refuse(context, make_notify(NotifyType::temporary_failure),
                           "child " + state.agreed.config.name + " has been replaced meanwhile"));
    return Idle{};
  }
  RETURN_IF_ERROR(answer(context, state.agreed, state.rekeys, state.nonce_i, done.shared_secret.span(),
                         done.public_value));
  return Idle{};
}

}  // namespace ikev2
