// What happens to the engine.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ikev2/action.h"

namespace ikev2 {

// One IKE datagram. On the NAT-T port the non-ESP marker is stripped already and natt is set.
struct Datagram {
  base::Endpoint local, remote;
  bool natt = false;
  base::ByteSpan message;
};

// Configuration. Untouched peers keep their SAs; a replaced peer's SAs keep the version they were made with.
struct AddPeer {
  PeerConfigPtr peer;
};
struct ReplacePeer {
  PeerConfigPtr peer;
  // SAs that stand take this version too, from their next rekeying and the next question of liveness on;
  // their selectors and identities stay. For changes that need no new SA, or a rekeying at most.
  bool standing_too = false;
};
struct RemovePeer {
  std::string name;
};
// Brings up the IKE SA and its children, or that child alone. Outcome by RequestDone; none without a request.
struct Initiate {
  std::optional<RequestId> request;
  std::string peer;
  std::optional<std::string> child;
};
// Deletes with the peer: the IKE SA, or that child.
struct Terminate {
  std::optional<RequestId> request;
  std::string peer;
  std::optional<std::string> child;
};
// The same for one IKE SA of those that a profile has, by its initiator's SPI; for one child.
struct TerminateIkeSa {
  std::optional<RequestId> request;
  base::IkeSpi spi_i;
};
struct TerminateChild {
  std::optional<RequestId> request;
  base::ChildId child;
};
// Replaces the keys now: of the IKE SA, or of that child. Outcome by RequestDone.
struct Rekey {
  std::optional<RequestId> request;
  std::string peer;
  std::optional<std::string> child;
};
// The same for one IKE SA of those that a profile has, by its initiator's SPI; for one child.
struct RekeyIkeSa {
  std::optional<RequestId> request;
  base::IkeSpi spi_i;
};
struct RekeyOneChild {
  std::optional<RequestId> request;
  base::ChildId child;
};
// Makes a new IKE SA with the same children, then deletes the old one. Outcome by RequestDone.
struct Reauthenticate {
  std::optional<RequestId> request;
  std::string peer;
};
// Deletes everything; AllClosed follows.
struct Shutdown {};

using Command = std::variant<AddPeer, ReplacePeer, RemovePeer, Initiate, Terminate, TerminateIkeSa,
                             TerminateChild, Rekey, RekeyIkeSa, RekeyOneChild, Reauthenticate, Shutdown>;

// Results of Start… actions.
struct KeDone {
  JobId job;
  base::Status status;
  std::unique_ptr<crypto::KeyExchange> own;  // for a later agree
  base::Bytes public_value;
  base::SecretBytes shared_secret;  // empty when only generated
};
struct AuthDone {
  JobId job;
  base::Status status;
  base::Bytes auth;
};
struct VerifyDone {
  JobId job;
  base::Status status;  // the error's reason says what is wrong, for our log alone
};
struct ResolvedAddress {
  base::IpAddress remote;
  base::IpAddress local;  // ours that faces it, by the kernel's routing
};
struct ResolveDone {
  JobId job;
  base::Status status;
  std::vector<ResolvedAddress> addresses;  // in order of preference
};
using Completion = std::variant<KeDone, AuthDone, VerifyDone, ResolveDone>;

// From the data path.
// A packet met the trap of that child. Answered once by AnswerAcquire; until then further ones for the same
// child change nothing.
struct Acquire {
  std::string profile, child;
  // Of that packet: one selector on each side, as narrow as it says of itself. Empty where none is known.
  spd::SelectorPair packet;
};
struct Expired {  // a limit in bytes, packets or sequence numbers, each told once; hard: the SA is dead
                  // already
  base::ChildId child;
  bool hard = false;
};
struct Inactive {  // InstallChild::inactivity has passed without a packet
  base::ChildId child;
};
struct PacketSeen {  // an authenticated packet arrived on this child: the peer is alive (RFC 7296 2.4)
  base::ChildId child;
};
// The newest authenticated packet of this child came in UDP from another endpoint than the one that it has: a
// NAT in front of the peer has changed its mapping (RFC 7296 2.23).
struct PeerMoved {
  base::ChildId child;
  base::Endpoint remote;
};
// Addresses or routes of this host have changed. `addresses`: all those from which peers may be reached, none
// of loopback or of our own device.
struct NetworkChanged {
  std::vector<base::IpAddress> addresses;
};

using ChildEvent = std::variant<Acquire, Expired, Inactive, PacketSeen, PeerMoved>;

}  // namespace ikev2
