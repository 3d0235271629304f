// One IKE SA: lifecycle, two exchange slots, keys, children.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/ip.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/cipher.h"
#include "crypto/prf.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "ikev2/keys/ike_keys.h"
#include "ikev2/message/fragment.h"
#include "ikev2/sa/child_sa.h"
#include "ikev2/sa/mobility.h"
#include "ikev2/sa/state.h"
#include "ikev2/sa/tasks.h"

namespace ikev2 {

enum class Lifecycle : std::uint8_t {
  connecting,
  established,
  rekeyed,  // another IKE SA has taken over its children; waits for its DELETE
  deleting,
};

// Between which endpoints messages travel. natt: on the NAT-T port, behind non-ESP markers.
struct Path {
  base::Endpoint local, remote;
  bool natt = false;
  bool operator==(const Path&) const = default;
};

// The request that we have in flight, at most one (window size 1, RFC 7296 2.3).
struct OurSlot {
  State state = Idle{};
  base::MessageId next_id;        // of the next request
  ExchangeType exchange{};        // of the request in flight
  base::Bytes wire;               // it, for retransmission bit by bit (2.1); empty: nothing in flight
  std::vector<base::Bytes> rest;  // in fragments: wire is the first, these are the others (RFC 7383)
  std::vector<Payload> payloads;  // what it holds, to be cut smaller where that may help (RFC 7383 2.5.2)
  Reassembly fragments;           // of its response
  int sends = 0;
  std::optional<base::Instant> give_up_at;  // instead of a number of tries
};

// The peer's requests.
struct TheirSlot {
  State state = Idle{};
  base::MessageId expected;                            // of the next request
  std::optional<std::array<std::uint8_t, 20>> digest;  // SHA-1 of the latest request
  base::Bytes response;                                // its answer, repeated for a retransmitted request
  std::vector<base::Bytes> response_rest;              // fragments 2 and on of the answer
  std::optional<base::MessageId> taken;                // the request that is complete: answered or at work
  Path path;                                           // of the latest request: its answer goes back there
  Reassembly fragments;                                // of the next request
};

// What only the handshake needs: gone once the SA stands.
struct Handshake {
  std::vector<PeerConfigPtr>
      candidates;    // responder: profiles that fit so far, best first (1a: choose at AUTH)
  std::string host;  // initiator: whom to resolve
  std::optional<std::string> wanted_child;
  base::Bytes nonce_i, nonce_r;
  base::Bytes init_request, init_response;  // as they travelled, for AUTH
  base::Bytes cookie;                       // to return to the responder
  int cookie_rounds = 0;
  std::vector<crypto::Ke> tried;  // groups that INVALID_KE_PAYLOAD has refused, and the one in use
  crypto::Ke method = crypto::Ke::none;
  base::Bytes peer_public;
  Proposals offered;  // initiator: exactly what was sent
  std::optional<ChosenProposal> chosen;
  bool peer_takes_childless = false;  // RFC 6023
  // Of the peer's SIGNATURE_HASH_ALGORITHMS (RFC 7427 4); empty: it sent none.
  std::vector<crypto::Hash> peer_hashes;
  SignatureChoice own_signature;          // with which our AUTH is made, where it is a signature
  bool peer_is_ikev2d = false;            // its vendor ID says that UDP encapsulation is welcome
  std::optional<ChildOffer> child_offer;  // initiator: the first child
};

struct IkeSa {
  std::uint64_t id = 0;    // ours, never used again
  bool initiator = false;  // of the exchange that made it (RFC 7296 2.2)
  Lifecycle lifecycle = Lifecycle::connecting;
  PeerConfigPtr peer;  // responder: the first candidate until AUTH has chosen
  base::IkeSpi spi_i, spi_r;
  base::Endpoint local, remote;
  bool natt = false;  // on the NAT-T port, behind non-ESP markers
  bool local_behind_nat = false, remote_behind_nat = false, force_udp = false;
  bool fragmentation = false;             // both sides speak RFC 7383
  Mobility mobility;                      // MOBIKE
  std::optional<std::uint16_t> path_mtu;  // of IP packets with IKE, where it is known to be small (RFC 7383)
  Identity local_id, remote_id;

  crypto::IkeSuite suite;
  IkeKeys keys;
  std::unique_ptr<crypto::PrfFunction> prf;
  std::unique_ptr<crypto::Cipher> cipher_out, cipher_in;
  std::uint64_t iv_counter = 1;
  base::Bytes nonce_i, nonce_r;

  OurSlot ours;
  TheirSlot theirs;
  std::unique_ptr<Handshake> handshake;
  std::vector<ChildSa> children;
  std::vector<RequestId> waiting;              // commands that wait for it to come up
  std::vector<RequestId> waiting_deletion;     // commands that wait for it to be gone
  std::optional<std::string> delete_pending;   // reason; sent as soon as our slot is free
  std::deque<Task> tasks;                      // for our slot, once it is free
  std::deque<Task> deferred;                   // that the peer could not do for the moment
  std::set<std::string> coming_up;             // children that `waiting` waits for
  std::optional<base::Error> coming_up_error;  // what the first of them that failed failed for
  bool user_terminated = false;
  bool replaced = false;                         // another IKE SA does its work: its end starts nothing new
  std::optional<std::uint64_t> reauthenticates;  // the IKE SA that goes once this one stands

  std::optional<base::Instant> refused_since;  // TEMPORARY_FAILURE and nothing else since then
  std::optional<base::Instant> hinted_at;      // when INVALID_SPI last led to anything
  // CREATE_CHILD_SA requests of the peer in the present window of time.
  base::Instant requests_from{};
  std::size_t requests = 0;

  // RFC 4478: when we authenticate again, and when this authentication ends; they outlive rekeys.
  std::optional<base::Instant> reauth_at, auth_ends;

  base::Instant created_at, established_at, rekey_at, expires_at, last_heard;

  base::IkeSpi our_spi() const { return initiator ? spi_i : spi_r; }
  bool udp_encap() const { return natt && (local_behind_nat || remote_behind_nat || force_udp); }
  ChildSa* find_child(base::ChildId child);
  ChildSa* find_child_by_spi_out(base::Spi spi);
  // The newest of that name that carries traffic, or nullptr.
  const ChildSa* find_installed(const std::string& child_name) const;
  // The names of all children that carry traffic, for whoever asks for many; valid while `children` stays.
  std::unordered_set<std::string_view> installed_names() const;
};

// A new IKE SA between the same two peers: who and where they are, what they can do. Nothing of keys,
// exchanges and children.
std::unique_ptr<IkeSa> successor_of(const IkeSa& old);

// Who we are, and whom a profile admits, on this SA: the outer address where the profile says nothing.
Identity local_identity(const IkeSa& sa, const PeerConfig& peer);
IdentityPattern remote_pattern(const IkeSa& sa, const PeerConfig& peer);

}  // namespace ikev2
