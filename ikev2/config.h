// What the engine is configured with: plain structs. Each SA keeps the version that it was made with.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/signature.h"
#include "ikev2/identity.h"
#include "ikev2/negotiate/proposal.h"
#include "spd/selector.h"

namespace ikev2 {

using namespace std::chrono_literals;

enum class Mode : std::uint8_t { tunnel, transport };
enum class Start : std::uint8_t { none, up, trap };
enum class Encap : std::uint8_t { automatic, udp, esp };
enum class LivenessAction : std::uint8_t { clear, restart, trap };

// Names a secret that the key worker holds; the engine never sees the secret itself.
using CredentialId = base::Strong<std::uint64_t, struct CredentialIdTag>;

struct ChildConfig {
  std::string name;
  spd::TrafficSelectors local_ts, remote_ts;  // empty: the local, the remote address
  Proposals proposals;
  Mode mode = Mode::tunnel;
  Start start = Start::none;
  base::Duration lifetime = 1h;
  std::uint64_t lifetime_bytes = 0;    // 0: no limit
  std::uint64_t lifetime_packets = 0;  // 0: no limit
  std::uint32_t replay_window = 1024;  // packets
  // What number 12 (hmac-sha2-256-128) means for this child's packets: an ICV of 96 bits, as peers have it
  // that were made before RFC 4868.
  bool sha2_256_96 = false;
  // How much before the end of the lifetime rekeying may start, at a random point; unset: 5 to 10 % of it.
  std::optional<base::Duration> jitter;
  // How long the old child lives on after a rekey, before it is deleted with the peer; unset: one second.
  std::optional<base::Duration> handover;
  // Rekeys also offer and accept a key exchange with the group of the IKE SA: the proposals say nothing of
  // it.
  bool ike_group_on_rekey = false;
  base::Duration inactivity{};  // deleted after that long without a packet; 0: never
  // ESP in tunnel mode: each packet is padded to so many octets, as far as the path takes that, and behind
  // each so many of them goes a dummy (RFC 4303 2.7, 2.6); 0: neither.
  std::uint32_t tfc_size = 0, dummy_every = 0;
  bool operator==(const ChildConfig&) const = default;

  // What protects the packets of a child for which `negotiated` was chosen.
  crypto::CipherSpec cipher_for(crypto::CipherSpec negotiated) const;
};

enum class AuthKind : std::uint8_t { shared_key, signature };

// One way to sign: the number in the AUTH payload, and what is computed.
struct SignatureChoice {
  AuthMethod method = AuthMethod::digital_signature;
  crypto::SignatureScheme scheme;
  bool operator==(const SignatureChoice&) const = default;
};

// How one side of a profile proves who it is.
struct AuthConfig {
  AuthKind kind = AuthKind::shared_key;
  CredentialId credential;
  // What follows is public, and of signatures alone.
  crypto::KeyInfo key;  // ours, or the pinned one of the peer; none: its certificate will tell
  std::optional<SignatureChoice> scheme;  // this way alone; unset: what both sides can do, without SHA-1
  std::vector<base::Bytes> certificates;  // DER: ours, then the intermediate ones; sent in CERT
  base::Bytes authorities;  // SHA-1 of the keys of our CAs, one after the other; sent in CERTREQ
  bool operator==(const AuthConfig&) const = default;
};

// How a profile with start: up is tried again after a failure: the pause doubles from `initial` to `max`.
struct RetryConfig {
  base::Duration initial = 1s, max = 5min;
  std::uint32_t tries = 0;  // in a row; 0: for ever
  bool operator==(const RetryConfig&) const = default;
};

struct HostName {
  std::string name;
  bool operator==(const HostName&) const = default;
};
struct AnyPeer {
  bool operator==(const AnyPeer&) const = default;
};
using RemoteAddress = std::variant<AnyPeer, base::IpAddress, base::Prefix, HostName>;

struct PeerConfig {
  std::string name;
  std::optional<base::IpAddress> local_address;  // any where left out
  std::optional<Identity> local_id;              // the local address where left out
  AuthConfig local_auth;
  RemoteAddress remote_address;
  std::uint16_t remote_port = 500;
  std::optional<IdentityPattern> remote_id;  // the remote address where left out
  AuthConfig remote_auth;
  Proposals proposals;
  base::Duration lifetime = 24h;
  base::Duration reauth{};  // peers prove again who they are before that much time has passed; 0: never
  bool childless = false;   // as initiator: no child in IKE_AUTH where the peer can do that (RFC 6023)
  Encap encap = Encap::automatic;
  // RFC 7296 2.4: INITIAL_CONTACT is sent and believed. Not where several hosts share one identity.
  bool initial_contact = true;
  bool mobike = true;  // RFC 4555: announced, and used where the peer speaks it too
  base::Duration liveness_delay = 30s, liveness_timeout = 150s;
  LivenessAction liveness_action = LivenessAction::clear;
  RetryConfig retry;
  std::vector<ChildConfig> children;
  bool operator==(const PeerConfig&) const = default;

  const ChildConfig* find_child(const std::string& name) const;
  bool can_initiate() const {
    return std::holds_alternative<base::IpAddress>(remote_address) ||
           std::holds_alternative<HostName>(remote_address);
  }
};
using PeerConfigPtr = std::shared_ptr<const PeerConfig>;

// Retransmission: attempt n follows after initial * factor^n, jitter of up to a tenth (RFC 7296 2.4).
struct RetransmitConfig {
  base::Duration initial = 500ms;
  double factor = 1.8;
  int tries = 8;  // sends in all; then the peer is given up
};

// How large an IP packet with an IKE message may be before the message goes in fragments (RFC 7383 2.5.1).
// The fallback is taken where larger ones find no answer: 576 octets pass everywhere with IPv4; with IPv6
// 1280 do, and nothing smaller is of use.
struct FragmentConfig {
  bool enabled = true;                           // else it is not announced, and fragments are dropped
  std::uint16_t size_v4 = 1280, size_v6 = 1280;  // octets, headers of IP and UDP included
  std::uint16_t fallback_v4 = 576;
  base::Duration timeout = 30s;  // for the fragments of one request to arrive
};

// Half-open SAs are a responder's between IKE_SA_INIT and a verified IKE_AUTH (RFC 8019).
struct EngineConfig {
  std::uint16_t ike_port = 500, natt_port = 4500;
  RetransmitConfig retransmit;
  base::Duration half_open_timeout = 30s;         // how long one waits for IKE_AUTH
  base::Duration loaded_half_open_timeout = 10s;  // and that while COOKIE is asked for
  std::size_t cookie_threshold = 64;              // half-open SAs from which on COOKIE is asked for
  std::size_t half_open_limit = 4096;             // and from which on requests are dropped
  std::size_t half_open_per_source = 256;         // of one IPv4 address, or one IPv6 /64
  std::size_t half_open_octets = 32u << 20;       // what all of them may hold
  std::size_t children_per_ike = 256;             // of one IKE SA, those that are being replaced aside
  std::size_t ike_per_identity = 16;              // IKE SAs that stand with one peer identity of a profile
  std::size_t ike_per_profile = 10000;            // and with all identities of it
  std::size_t longest_message = 10000;            // octets; longer ones are dropped unread
  FragmentConfig fragments;
  base::Duration cookie_lifetime = 60s;  // rotation of the cookie secret
};

}  // namespace ikev2
