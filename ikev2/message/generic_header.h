// The generic payload header, RFC 7296 3.2, for those who walk chains.
#pragma once

#include "base/reader.h"
#include "ikev2/types.h"

namespace ikev2 {

constexpr std::size_t kGenericHeaderSize = 4;
// Where fields stand that are known only when the message is complete.
constexpr std::size_t kNextPayloadOffset = 16, kLengthOffset = 24;

struct GenericPayload {
  PayloadType next = PayloadType::none;
  bool critical = false;
  base::ByteSpan body;
};

// Takes one payload, of the type that the header before it named. Malformed when its length is below four or
// passes the end.
base::Result<GenericPayload> take_payload(base::Reader& in, PayloadType type);

}  // namespace ikev2
