// INVALID_SPI, RFC 7296 1.5: the peer has got ESP or AH packets of an SA that it does not know.
#pragma once

#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// From the peer, inside the IKE SA: the child is rekeyed, which shows whether the peer has it
// (CHILD_SA_NOT_FOUND, 2.25.1). At most once in ten seconds.
void take_invalid_spi(Context& context, const Message& message);

// In clear, outside any IKE SA, where it "should only be used … as a 'hint'": an IKE SA with that peer and
// that child asks for a sign of life, at most once in ten seconds. True: the datagram is such a one-way
// message, which "MUST NOT" be answered.
bool take_spi_hint(Core& core, const Datagram& datagram, const Header& header, base::Instant now,
                   Actions& out);

}  // namespace ikev2
