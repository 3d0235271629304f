#include "ikev2/sa/dispatch.h"

#include "ikev2/exchange/handlers.h"
#include "ikev2/exchange/lifecycle.h"
#include "ikev2/exchange/mobike.h"
#include "ikev2/exchange/peer_path.h"
#include "ikev2/exchange/rekey_ike.h"
#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/exchange/spi_hint.h"
#include "ikev2/exchange/tasks.h"
#include "ikev2/message/rules.h"
#include "ikev2/sa/incoming.h"

namespace ikev2 {
namespace {

// Puts a slot into its next state; a Closed one ends the SA.
void enter(Context& context, State& slot, State next) {
  if (auto* closed = std::get_if<Closed>(&next)) {
    const Closed end = std::move(*closed);
    if (end.tell_peer) {
      drop_exchange(context, end.reason);
      return fail_ike_sa(context, end.reason);
    }
    close_sa(context.core, context.sa, end.reason, end.failure, context.now, context.out);
    return;
  }
  slot = std::move(next);
  run_tasks(context);
}

bool is_new_init(const Header& header) {
  return header.exchange == ExchangeType::ike_sa_init && !header.response && header.initiator;
}

// A request for which the content is bad although its ICV is good, or which a handler refuses.
void refuse_request(Context& context, ExchangeType exchange, const base::Error& error) {
  // RFC 7296 2.21.3: INVALID_SYNTAX inside SK; "the sender … MUST delete the IKE SA" that it cannot
  // understand.
  const auto type = error.notify ? static_cast<NotifyType>(*error.notify) : NotifyType::invalid_syntax;
  const bool fatal = type == NotifyType::invalid_syntax || exchange == ExchangeType::ike_auth;
  context.core.counters.add(IkeCounter::refused);
  (void)send_response(context, exchange, {make_notify(type, error.notify_data)});
  const std::string reason = ikev2::name(exchange) + " refused with " + name(type) + ": " + error.reason;
  if (fatal) {
    close_sa(context.core, context.sa, reason, true, context.now, context.out);
  } else {
    report(context, Report::Kind::log, base::LogLevel::warning, "ike-refused", reason);
  }
}

void handle_request(Context& context, const Header& header, const Datagram& datagram) {
  Core& core = context.core;
  IkeSa& sa = context.sa;
  if (is_repeated_request(context, header, datagram)) return;
  // RFC 7296 2.3: window size 1; the window moves only with what is authenticated.
  if (header.message_id != sa.theirs.expected) {
    return drop(core, IkeCounter::bad_message_id, datagram, "request with an unexpected message id",
                context.out);
  }
  if (!sa.cipher_in) {
    return drop(core, IkeCounter::unexpected_exchange, datagram, "request before the keys are known",
                context.out);
  }
  const Row* row = find_row(Trigger::request, header.exchange, sa.theirs.state);
  if (row == nullptr && sa.lifecycle == Lifecycle::connecting) {
    return drop(core, IkeCounter::unexpected_exchange, datagram, name(header.exchange) + " before IKE_AUTH",
                context.out);
  }
  auto message = open_message(context, header, datagram, sa.theirs.fragments);
  if (message.has_error() && !message.error().notify) {
    const bool icv = message.error().family == base::ErrorFamily::crypto;
    return drop(core, icv ? IkeCounter::bad_integrity : IkeCounter::malformed_packet, datagram,
                message.error().reason, context.out);
  }
  if (message.has_value() && !*message) return;  // a fragment
  remember_request(context, header, datagram);
  follow_peer(context, datagram);
  heard_from_peer(context);
  if (message.has_error()) return refuse_request(context, header.exchange, message.error());
  if (const auto status = check_rules(**message); status.has_error()) {
    return refuse_request(context, header.exchange, status.error());
  }
  if (row == nullptr) {
    return refuse_request(context, header.exchange, base::misbehaved("this exchange does not fit here"));
  }
  core.counters.add(IkeCounter::processed);
  auto next = row->run(sa.theirs.state, &**message, context);
  if (next.has_error()) return refuse_request(context, header.exchange, next.error());
  enter(context, sa.theirs.state, std::move(*next));
}

base::Result<std::optional<Message>> open_response(Context& context, const Header& header,
                                                   const Datagram& datagram) {
  if (header.exchange != ExchangeType::ike_sa_init)
    return open_message(context, header, datagram, context.sa.ours.fragments);
  Message message{header, {}};
  ASSIGN_OR_RETURN(message.payloads, parse_chain(header.next_payload, datagram.message.subspan(kHeaderSize)));
  return std::optional<Message>(std::move(message));
}

// A response that cannot be used. In clear it may be forged: it is noted, and a better one waited for.
void fail_response(Context& context, const base::Error& error, bool authentic, const Datagram& datagram) {
  if (authentic) {
    // RFC 7296 2.21.3: a response is not answered, and the peer does not have the state that we have: "it
    // might be good to delete the IKE SA to clean up state and start over".
    const std::string reason = "the peer's response is unusable: " + error.reason;
    follow_rekey(context);
    if (context.sa.lifecycle != Lifecycle::connecting) drop_exchange(context, reason);
    return fail_ike_sa(context, reason);
  }
  drop(context.core, IkeCounter::malformed_packet, datagram, "response: " + error.reason, context.out);
  auto* sent = std::get_if<InitSent>(&context.sa.ours.state);
  if (sent == nullptr || sent->refusal) return;
  sent->refusal = error;
  context.core.deadlines.set(owner_of(context.sa), DeadlineKind::refusal,
                             context.now + std::chrono::seconds(1));
}

// RFC 7296 2.21.3: INVALID_SYNTAX "is considered fatal in both peers, meaning that the IKE SA is deleted
// without needing an explicit Delete payload".
bool ends_by_invalid_syntax(Context& context, const Message& message) {
  IkeSa& sa = context.sa;
  if (message.header.exchange == ExchangeType::ike_sa_init ||
      message.find_notify(NotifyType::invalid_syntax) == nullptr) {
    return false;
  }
  context.core.counters.add(IkeCounter::processed);
  follow_rekey(context);  // what the peer has made of the IKE SA meanwhile is sound
  const bool stood = sa.lifecycle == Lifecycle::established || sa.lifecycle == Lifecycle::connecting;
  close_sa(context.core, sa,
           "the peer answers " + name(message.header.exchange) +
               " with INVALID_SYNTAX: it cannot read our request, which ends the IKE SA",
           stood, context.now, context.out);
  return true;
}

void handle_response(Context& context, const Header& header, const Datagram& datagram) {
  Core& core = context.core;
  IkeSa& sa = context.sa;
  const bool init = header.exchange == ExchangeType::ike_sa_init;
  if (sa.ours.wire.empty() || header.message_id != sa.ours.next_id || header.exchange != sa.ours.exchange ||
      (!init && !sa.cipher_in)) {
    return drop(core, IkeCounter::unexpected_response, datagram, "response to no request of ours",
                context.out);
  }
  auto message = open_response(context, header, datagram);
  const bool authentic = !init && (message.has_value() || message.error().notify);
  if (message.has_error() && !init && !authentic) {
    const bool icv = message.error().family == base::ErrorFamily::crypto;
    return drop(core, icv ? IkeCounter::bad_integrity : IkeCounter::malformed_packet, datagram,
                message.error().reason, context.out);
  }
  if (message.has_value() && !*message) return;  // a fragment
  if (authentic) {
    follow_peer(context, datagram);
    heard_from_peer(context);
  }
  if (message.has_error()) return fail_response(context, message.error(), authentic, datagram);
  if (const auto status = check_rules(**message); status.has_error()) {
    return fail_response(context, status.error(), authentic, datagram);
  }
  if (ends_by_invalid_syntax(context, **message)) return;
  const Row* row = find_row(Trigger::response, header.exchange, sa.ours.state);
  if (row == nullptr) {
    return drop(core, IkeCounter::unexpected_response, datagram, "response in a state that awaits none",
                context.out);
  }
  core.counters.add(IkeCounter::processed);
  auto next = row->run(sa.ours.state, &**message, context);
  if (next.has_error()) return fail_response(context, next.error(), authentic, datagram);
  enter(context, sa.ours.state, std::move(*next));
}

void handle_new_init(Core& core, const Header& header, const Datagram& datagram, base::Instant now,
                     Actions& out) {
  // RFC 7296 3.1: SPIi is not zero, SPIr is zero and the message id is zero in the first message.
  if (header.spi_i.value == 0 || header.spi_r.value != 0 || header.message_id.value != 0) {
    return drop(core, IkeCounter::bad_flags, datagram,
                "IKE_SA_INIT request with impossible SPIs or message id", out);
  }
  IkeSa* known = core.sas.find_by_initiator(header.spi_i, datagram.remote);
  if (known == nullptr) {
    if (core.shutting_down) return drop(core, IkeCounter::refused, datagram, "the daemon stops", out);
    return respond_to_init(core, datagram, header, now, out);
  }
  Context context{core, *known, now, out};
  if (known->lifecycle != Lifecycle::connecting || !is_repeated_request(context, header, datagram)) {
    drop(core, IkeCounter::bad_message_id, datagram, "IKE_SA_INIT request for an SA that exists", out);
  }
}

// Whether the header's flags and the other SPI belong to this SA.
bool fits(const IkeSa& sa, const Header& header) {
  if (header.initiator == sa.initiator) return false;  // our own message, reflected
  const bool first_answer =
      header.exchange == ExchangeType::ike_sa_init && header.response && sa.initiator && sa.spi_r.value == 0;
  return sa.initiator ? first_answer || header.spi_r == sa.spi_r : header.spi_i == sa.spi_i;
}

JobId job_of(const State& state) {
  return std::visit(
      [](const auto& s) {
        if constexpr (requires { s.job; }) return s.job;
        return JobId{};
      },
      state);
}

// Slow work has shown that an exchange cannot go on. A request of the peer is answered with the notify that
// the error carries; an answer of the peer that cannot be used ends the IKE SA with it.
void fail_completion(Context& context, State& slot, ExchangeType exchange, const base::Error& error) {
  IkeSa& sa = context.sa;
  if (sa.lifecycle == Lifecycle::connecting)
    return close_sa(context.core, sa, error.reason, true, context.now, context.out);
  if (&slot == &sa.theirs.state) {
    slot = Idle{};
    if (error.notify) return refuse_request(context, exchange, error);
    return close_sa(context.core, sa, error.reason, true, context.now, context.out);
  }
  follow_rekey(context);
  drop_exchange(context, error.reason);
  fail_ike_sa(context, error.reason);
}

template <class Done>
void complete(Core& core, Done done, base::Instant now, Actions& out) {
  const auto job = core.jobs.find(done.job);
  if (job == core.jobs.end()) return;  // its SA is gone
  IkeSa* sa = core.sas.find(job->second);
  core.jobs.erase(job);
  if (sa == nullptr) return;
  if constexpr (std::is_same_v<Done, ResolveDone>) {
    if (sa->mobility.route_job == done.job) {
      Context context{core, *sa, now, out};
      return on_route(context, done);
    }
  }
  State& slot = job_of(sa->ours.state) == done.job ? sa->ours.state : sa->theirs.state;
  const Row* row = job_of(slot) == done.job ? find_row(completion_trigger<Done>(), slot) : nullptr;
  if (row == nullptr) return;
  Context context{core, *sa, now, out};
  auto next = row->run(slot, &done, context);
  if (next.has_error()) return fail_completion(context, slot, row->exchange, next.error());
  enter(context, slot, std::move(*next));
}

}  // namespace

void dispatch_datagram(Core& core, const Datagram& datagram, base::Instant now, Actions& out) {
  if (datagram.message.size() > core.config.longest_message) {
    return drop(core, IkeCounter::too_long, datagram,
                "message of more than " + std::to_string(core.config.longest_message) + " octets", out);
  }
  const auto header = parse_header(datagram.message);
  if (header.has_error())
    return drop(core, IkeCounter::malformed_header, datagram, header.error().reason, out);
  if (header->major != 2) {
    drop(core, IkeCounter::not_ikev2, datagram, "IKE major version " + std::to_string(header->major), out);
    // RFC 7296 2.5: answer a higher major version with INVALID_MAJOR_VERSION; IKEv1 is not spoken to.
    if (header->major > 2 && !header->response) {
      send_stranger_reply(core, datagram, *header, make_notify(NotifyType::invalid_major_version), now, out);
    }
    return;
  }
  if (is_new_init(*header)) return handle_new_init(core, *header, datagram, now, out);
  IkeSa* sa = core.sas.find_by_spi(header->initiator ? header->spi_r : header->spi_i);
  if (sa == nullptr && take_spi_hint(core, datagram, *header, now, out)) return;
  if (sa == nullptr || !fits(*sa, *header)) {
    drop(core, sa == nullptr ? IkeCounter::unknown_spi : IkeCounter::bad_flags, datagram,
         "no IKE SA has these SPIs", out);
    // RFC 7296 2.21.4: a request outside any known IKE SA may be answered with INVALID_IKE_SPI, in clear.
    if (sa == nullptr && !header->response && header->exchange != ExchangeType::ike_sa_init) {
      send_stranger_reply(core, datagram, *header, make_notify(NotifyType::invalid_ike_spi), now, out);
    }
    return;
  }
  Context context{core, *sa, now, out, datagram.message};
  if (header->response) return handle_response(context, *header, datagram);
  if (header->exchange == ExchangeType::ike_sa_init) {
    return drop(core, IkeCounter::bad_flags, datagram, "IKE_SA_INIT request without the initiator flag", out);
  }
  handle_request(context, *header, datagram);
}

void dispatch_completion(Core& core, Completion completion, base::Instant now, Actions& out) {
  std::visit([&](auto& done) { complete(core, std::move(done), now, out); }, completion);
}

}  // namespace ikev2
