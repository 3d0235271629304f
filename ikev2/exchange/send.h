// Sending for an IKE SA: requests with retransmission, responses with their cache.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "ikev2/core.h"
#include "ikev2/message/message.h"

namespace ikev2 {

// Sends a request under the next message id and begins its retransmission. IKE_SA_INIT goes in clear,
// everything else inside SK. One request is in flight at most (RFC 7296 2.3).
base::Status send_request(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads);
// Answers the request that the peer's slot holds, and keeps the answer for retransmitted requests (2.1). It
// goes back between the endpoints that the request came by (RFC 7296 2.11).
base::Status send_response(Context& context, ExchangeType exchange, const std::vector<Payload>& payloads);
// Sends the request in flight once more, or reports false when it is time to give up.
bool retransmit(Context& context);
// The request in flight is given up when it has no answer after that time, at the latest.
void give_up_within(Context& context, base::Duration patience);
// How long an IKE SA that ends waits for the peer's answer.
constexpr base::Duration kDeletionPatience = std::chrono::seconds(4);
// The request in flight has its answer.
void request_answered(Context& context);
// Sends the request in flight to where the SA's endpoints are now, all its fragments with it.
void send_in_flight(Context& context);

// A response in clear to a message that has no SA: COOKIE, INVALID_KE_PAYLOAD, NO_PROPOSAL_CHOSEN, …
// `proved`: the sender has shown that it receives at its address, see ReplyLimiter.
void send_stranger_reply(Core& core, const Datagram& datagram, const Header& request, NotifyPayload notify,
                         base::Instant now, Actions& out, bool proved = false);

// Whether a message of IKE_SA_INIT says that its sender takes fragments, and we do too (RFC 7383 2.3).
bool takes_fragments(const Core& core, const Message& message);
// No IP packet is made smaller than this, octets: IPv4 delivers it everywhere (RFC 791).
constexpr std::size_t kLeastFragmentSize = 576;
// Octets in front of an IKE message in its IP packet: headers of IP and UDP, and the non-ESP marker.
std::size_t message_overhead(const base::IpAddress& remote, bool natt);

NotifyPayload make_notify(NotifyType type, base::Bytes data = {});
// AUTH_LIFETIME in whole seconds, RFC 4478 3; nothing where it is missing or has another length.
NotifyPayload auth_lifetime_notify(base::Duration lifetime);
std::optional<base::Duration> auth_lifetime(const Message& message);

}  // namespace ikev2
