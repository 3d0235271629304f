// A message: header and payload chain, RFC 7296 3.2.
#pragma once

#include <vector>

#include "ikev2/message/header.h"
#include "ikev2/payload/payload.h"

namespace ikev2 {

struct Message {
  Header header;
  std::vector<Payload> payloads;

  // The only payload of that type, or nullptr. message/rules has made sure that there are not two.
  template <class T>
  const T* find() const {
    for (const auto& p : payloads) {
      if (const T* found = std::get_if<T>(&p)) return found;
    }
    return nullptr;
  }
  const IdPayload* find_id(PayloadType role) const;
  const TsPayload* find_ts(PayloadType role) const;
  const NotifyPayload* find_notify(NotifyType type) const;
  std::vector<const NotifyPayload*> notifies(NotifyType type) const;
  // The first error notify (type below 16384), or nullptr.
  const NotifyPayload* first_error() const;
};

// Bounds on what is looked at.
constexpr std::size_t kMaxMessage = 16384;
constexpr std::size_t kMaxPayloads = 64;

// Parses a chain that begins with a payload of type `first`. Unknown payloads are kept as UnknownPayload.
// Errors are malformed with INVALID_SYNTAX. Payloads SK and SKF never stand in a chain that is given here.
base::Result<std::vector<Payload>> parse_chain(PayloadType first, base::ByteSpan bytes);
// Writes the chain; returns the type of its first payload (none for an empty chain).
PayloadType write_chain(const std::vector<Payload>& payloads, base::Writer& out);
// A message in clear: IKE_SA_INIT, and what may answer it.
base::Bytes write_clear(const Header& header, const std::vector<Payload>& payloads);

}  // namespace ikev2
