// Messages in fragments, RFC 7383: each fragment is a protected message of its own, in an Encrypted Fragment
// payload, and joins the others behind its ICV.
#pragma once

#include <optional>

#include "ikev2/message/envelope.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Bounds on what is put together: fragments of one message, whatever total they claim, and octets of it.
constexpr std::size_t kMaxFragments = 64;

struct Fragment {
  std::uint16_t number = 0, total = 0;    // number counts from 1
  PayloadType first = PayloadType::none;  // of the payloads inside; of fragment 1 alone
  base::Bytes text;
};

// Protects a message: whole where that takes at most `limit` octets, or where there is no limit; else in
// fragments of at most `limit` octets each (RFC 7383 2.5). An error where that takes more than kMaxFragments.
base::Result<std::vector<base::Bytes>> seal_within(const Header& header, const std::vector<Payload>& payloads,
                                                   crypto::Cipher& cipher, std::uint64_t& iv_counter,
                                                   base::Rng& rng, std::optional<std::size_t> limit);

// The number and total of a fragment; nothing is checked but that they are there.
struct FragmentNumbers {
  std::uint16_t number = 0, total = 0;
};
base::Result<FragmentNumbers> fragment_numbers(base::ByteSpan datagram, const EnvelopePlace& place);

// Checks and opens one fragment. Every error is one to drop it for (RFC 7383 2.6): malformed, also where the
// numbers are impossible, or crypto where the ICV is wrong.
base::Result<Fragment> open_fragment(base::ByteSpan datagram, const EnvelopePlace& place,
                                     crypto::Cipher& cipher);

// The fragments of one message that have arrived so far.
class Reassembly {
 public:
  enum class Outcome : std::uint8_t {
    fits,       // not yet there, and may be stored
    duplicate,  // there already
    shrunk,     // its total is lower than that of what is there (RFC 7383 2.6)
    too_many,   // its total is above kMaxFragments, or the message would exceed kMaxMessage octets
    complete,   // it was the last that was missing: take()
  };

  // What would become of a fragment, before its ICV is looked at: what is there already, or cannot be taken,
  // costs no cryptography.
  Outcome preview(base::MessageId id, const FragmentNumbers& numbers) const;
  // Takes an authentic fragment. One of another message, or with a higher total, empties the set first (RFC
  // 7383 2.6: the peer has begun anew with smaller fragments).
  Outcome add(base::MessageId id, Fragment fragment);
  // The payloads of the complete message; empty afterwards. Errors are malformed with INVALID_SYNTAX.
  base::Result<std::vector<Payload>> take();
  void clear();
  bool empty() const { return received_ == 0; }

 private:
  base::MessageId id_;
  PayloadType first_ = PayloadType::none;
  std::vector<std::optional<base::Bytes>> parts_;  // by number - 1
  std::size_t received_ = 0, octets_ = 0;
};

}  // namespace ikev2
