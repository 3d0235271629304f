// Fragments: how a message is cut, and how it is put together again. RFC 7383 2.5 and 2.6.
#include "ikev2/message/fragment.h"

#include <algorithm>

namespace ikev2 {
namespace {

constexpr std::size_t kNumbers = 4;  // fragment number and total

base::Bytes preamble_of(std::size_t number, std::size_t total) {
  base::Bytes preamble(kNumbers);
  base::store_be16(preamble.data(), static_cast<std::uint16_t>(number));
  base::store_be16(preamble.data() + 2, static_cast<std::uint16_t>(total));
  return preamble;
}

}  // namespace

base::Result<std::vector<base::Bytes>> seal_within(const Header& header, const std::vector<Payload>& payloads,
                                                   crypto::Cipher& cipher, std::uint64_t& iv_counter,
                                                   base::Rng& rng, std::optional<std::size_t> limit) {
  base::Bytes text;
  base::Writer inner(text);
  const PayloadType first = write_chain(payloads, inner);
  std::vector<base::Bytes> messages;
  if (!limit || sealed_size(text.size(), 0, cipher) <= *limit) {
    ASSIGN_OR_RETURN(auto whole,
                     seal_text(header, {PayloadType::sk, first, {}}, text, cipher, iv_counter, rng));
    messages.push_back(std::move(whole));
    return messages;
  }
  const std::size_t room = text_room(*limit, kNumbers, cipher);
  if (room == 0 || text.size() > room * kMaxFragments) {
    return base::local_error("a message of " + std::to_string(text.size()) + " octets needs more than " +
                             std::to_string(kMaxFragments) + " fragments");
  }
  const std::size_t total = (text.size() + room - 1) / room;
  for (std::size_t i = 0; i < total; ++i) {
    // RFC 7383 2.5: the first fragment names the first payload inside, the others MUST say none.
    Envelope envelope{PayloadType::skf, i == 0 ? first : PayloadType::none, preamble_of(i + 1, total)};
    const auto part = base::ByteSpan(text).subspan(i * room, std::min(room, text.size() - i * room));
    ASSIGN_OR_RETURN(auto message, seal_text(header, envelope, part, cipher, iv_counter, rng));
    messages.push_back(std::move(message));
  }
  return messages;
}

base::Result<FragmentNumbers> fragment_numbers(base::ByteSpan datagram, const EnvelopePlace& place) {
  base::Reader in(datagram.subspan(place.body));
  FragmentNumbers numbers;
  ASSIGN_OR_RETURN(numbers.number, in.u16("fragment number"));
  ASSIGN_OR_RETURN(numbers.total, in.u16("total fragments"));
  return numbers;
}

base::Result<Fragment> open_fragment(base::ByteSpan datagram, const EnvelopePlace& place,
                                     crypto::Cipher& cipher) {
  ASSIGN_OR_RETURN(const FragmentNumbers numbers, fragment_numbers(datagram, place));
  // RFC 7383 2.5: both MUST be greater than zero, and the number at most the total.
  if (numbers.number == 0 || numbers.number > numbers.total) {
    return base::malformed("fragment " + std::to_string(numbers.number) + " of " +
                           std::to_string(numbers.total));
  }
  auto text = open_text(datagram, place, kNumbers, cipher);
  if (text.has_error()) {
    base::Error error = std::move(text).error();
    error.notify.reset();  // dropped whatever it is: the message may still come whole
    return error;
  }
  return Fragment{numbers.number, numbers.total, place.first, std::move(*text)};
}

Reassembly::Outcome Reassembly::preview(base::MessageId id, const FragmentNumbers& numbers) const {
  if (numbers.total > kMaxFragments) return Outcome::too_many;
  if (empty() || id != id_ || numbers.total > parts_.size()) return Outcome::fits;
  // RFC 7383 2.6: "Total Fragments … less than" that of the fragments received: it MUST be discarded.
  if (numbers.total < parts_.size()) return Outcome::shrunk;
  const std::size_t at = numbers.number - std::size_t{1};
  return at < parts_.size() && parts_[at] ? Outcome::duplicate : Outcome::fits;
}

Reassembly::Outcome Reassembly::add(base::MessageId id, Fragment fragment) {
  const Outcome outcome = preview(id, {fragment.number, fragment.total});
  if (outcome != Outcome::fits) return outcome;
  if (empty() || id != id_ || fragment.total > parts_.size()) {
    clear();
    id_ = id;
    parts_.resize(fragment.total);
  }
  if (octets_ + fragment.text.size() > kMaxMessage) return Outcome::too_many;
  if (fragment.number == 1) first_ = fragment.first;
  octets_ += fragment.text.size();
  received_ += 1;
  parts_[fragment.number - std::size_t{1}] = std::move(fragment.text);
  return received_ == parts_.size() ? Outcome::complete : Outcome::fits;
}

base::Result<std::vector<Payload>> Reassembly::take() {
  base::Bytes text;
  text.reserve(octets_);
  for (const auto& part : parts_) base::append(text, *part);
  const PayloadType first = first_;
  clear();
  return parse_chain(first, text);
}

void Reassembly::clear() {
  parts_.clear();
  parts_.shrink_to_fit();
  first_ = PayloadType::none;
  received_ = octets_ = 0;
}

}  // namespace ikev2
