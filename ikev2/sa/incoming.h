// From protected datagrams to messages: whole ones, and those that come in fragments (RFC 7383).
#pragma once

#include <optional>

#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Opens a protected datagram. nullopt: a fragment that is stored, or counted and dropped; there is nothing to
// handle yet. Errors as of open() in message/protect.h. `fragments` is the set that its fragments join; a
// whole message that verifies empties it.
base::Result<std::optional<Message>> open_message(Context& context, const Header& header,
                                                  const Datagram& datagram, Reassembly& fragments);

// RFC 7296 2.1: the same request again gets the same answer, and is not processed twice. Of a request that
// came in fragments the first one alone brings the answer back (RFC 7383 2.6.1). True: that is what it was,
// and it is dealt with.
bool is_repeated_request(Context& context, const Header& header, const Datagram& datagram);
// The request in the peer's slot is complete: what may come again is known from here on.
void remember_request(Context& context, const Header& header, const Datagram& datagram);

}  // namespace ikev2
