#include "ikev2/sa/incoming.h"

#include <algorithm>

#include "ikev2/exchange/report.h"
#include "ikev2/exchange/send.h"
#include "ikev2/message/protect.h"

namespace ikev2 {
namespace {

using Outcome = Reassembly::Outcome;

// Counts and drops a fragment that is not stored.
void drop_fragment(Context& context, const Datagram& datagram, Outcome outcome) {
  switch (outcome) {
    case Outcome::duplicate:
      return drop(context.core, IkeCounter::fragment_duplicate, datagram, "a fragment that is there already",
                  context.out);
    case Outcome::shrunk:
      return drop(context.core, IkeCounter::fragment_shrunk, datagram,
                  "a fragment with a lower total than the ones before", context.out);
    case Outcome::too_many:
      return drop(context.core, IkeCounter::fragment_limit, datagram,
                  "more fragments than a message may have", context.out);
    case Outcome::fits:
    case Outcome::complete:
      return;
  }
}

// A request in small fragments shows that larger packets did not pass: the answer is cut no larger (RFC 7383
// 2.5.2).
void learn_size(IkeSa& sa, const Header& header, const Datagram& datagram, const FragmentNumbers& numbers) {
  // The last fragment is shorter than the others.
  if (header.response || numbers.number == numbers.total) return;
  const std::size_t around = message_overhead(datagram.remote.address, datagram.natt);
  const std::size_t size = std::max<std::size_t>(kLeastFragmentSize, datagram.message.size() + around);
  sa.path_mtu = static_cast<std::uint16_t>(std::min<std::size_t>(size, 0xffff));
}

base::Result<std::optional<Message>> take_fragment(Context& context, const Header& header,
                                                   const Datagram& datagram, const EnvelopePlace& place,
                                                   Reassembly& fragments) {
  Core& core = context.core;
  IkeSa& sa = context.sa;
  if (!sa.fragmentation) {
    drop(core, IkeCounter::fragment_unexpected, datagram, "a fragment, and fragmentation was not negotiated",
         context.out);
    return std::optional<Message>{};
  }
  ASSIGN_OR_RETURN(const FragmentNumbers numbers, fragment_numbers(datagram.message, place));
  if (const Outcome outcome = fragments.preview(header.message_id, numbers); outcome != Outcome::fits) {
    drop_fragment(context, datagram, outcome);
    return std::optional<Message>{};
  }
  // RFC 7383 2.6: authenticated before it is stored, and before it changes anything.
  auto fragment = open_fragment(datagram.message, place, *sa.cipher_in);
  if (fragment.has_error()) {
    if (fragment.error().family != base::ErrorFamily::crypto) core.counters.add(IkeCounter::fragment_invalid);
    return std::move(fragment).error();
  }
  core.counters.add(IkeCounter::fragments_in);
  learn_size(sa, header, datagram, numbers);
  const bool first = fragments.empty();
  const Outcome outcome = fragments.add(header.message_id, std::move(*fragment));
  if (outcome == Outcome::complete) {
    core.counters.add(IkeCounter::reassembled);
    Message message{header, {}};
    ASSIGN_OR_RETURN(message.payloads, fragments.take());
    return std::optional<Message>(std::move(message));
  }
  drop_fragment(context, datagram, outcome);
  // A response is waited for as long as its request is in flight.
  if (first && !header.response) {
    core.deadlines.set(owner_of(sa), DeadlineKind::reassembly, context.now + core.config.fragments.timeout);
  }
  return std::optional<Message>{};
}

void repeat_response(Context& context, const Datagram& datagram) {
  const TheirSlot& slot = context.sa.theirs;
  context.core.counters.add(IkeCounter::retransmitted_request);
  context.out.push_back(SendDatagram{datagram.local, datagram.remote, datagram.natt, slot.response});
  for (const base::Bytes& fragment : slot.response_rest)
    context.out.push_back(SendDatagram{datagram.local, datagram.remote, datagram.natt, fragment});
}

// A fragment of a request that is complete. Cut anew it has other octets, so that its ICV speaks for it.
bool is_repeated_fragment(Context& context, const Header& header, const Datagram& datagram,
                          const EnvelopePlace& place) {
  IkeSa& sa = context.sa;
  const auto numbers = fragment_numbers(datagram.message, place);
  if (numbers.has_error() || sa.theirs.taken != header.message_id) return false;
  if (header.message_id == sa.theirs.expected || sa.theirs.response.empty()) {
    context.core.counters.add(IkeCounter::busy);
    return true;
  }
  // RFC 7383 2.6.1: any other fragment is ignored, or each of them would bring the answer back.
  if (numbers->number != 1 || !sa.cipher_in) {
    context.core.counters.add(IkeCounter::fragment_late);
    return true;
  }
  if (open_fragment(datagram.message, place, *sa.cipher_in).has_error()) {
    drop(context.core, IkeCounter::bad_integrity, datagram, "a repeated fragment does not verify",
         context.out);
    return true;
  }
  repeat_response(context, datagram);
  return true;
}

}  // namespace

base::Result<std::optional<Message>> open_message(Context& context, const Header& header,
                                                  const Datagram& datagram, Reassembly& fragments) {
  ASSIGN_OR_RETURN(const EnvelopePlace place, find_envelope(header, datagram.message));
  if (place.type == PayloadType::skf) return take_fragment(context, header, datagram, place, fragments);
  auto message = open(header, datagram.message, *context.sa.cipher_in);
  if (message.has_error()) return std::move(message).error();
  fragments.clear();  // the message has come whole
  return std::optional<Message>(std::move(*message));
}

bool is_repeated_request(Context& context, const Header& header, const Datagram& datagram) {
  TheirSlot& slot = context.sa.theirs;
  const auto place = find_envelope(header, datagram.message);
  if (place.has_value() && place->type == PayloadType::skf && context.sa.fragmentation) {
    return is_repeated_fragment(context, header, datagram, *place);
  }
  const auto digest = context.core.provider.sha1({datagram.message});
  if (!slot.digest || *slot.digest != digest) return false;
  if (header.message_id.value + 1 == slot.expected.value && !slot.response.empty()) {
    repeat_response(context, datagram);
    return true;
  }
  if (header.message_id != slot.expected) return false;
  context.core.counters.add(IkeCounter::busy);  // its slow work is still under way
  return true;
}

void remember_request(Context& context, const Header& header, const Datagram& datagram) {
  IkeSa& sa = context.sa;
  sa.theirs.digest = context.core.provider.sha1({datagram.message});
  sa.theirs.taken = header.message_id;
  sa.theirs.path = {datagram.local, datagram.remote, datagram.natt};
  context.core.deadlines.cancel(owner_of(sa), DeadlineKind::reassembly);
}

}  // namespace ikev2
