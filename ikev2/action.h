// What the engine wants done. apps/daemon/action_runner is the only executor; tests look at them instead.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/key_exchange.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/status.h"
#include "spd/selector.h"

namespace ikev2 {

// Names slow work whose result comes back as a Completion.
using JobId = base::Strong<std::uint64_t, struct JobIdTag>;
// Names a command of the control socket that waits for its outcome.
using RequestId = base::Strong<std::uint64_t, struct RequestIdTag>;

// An IKE message to send. natt: from the 4500 socket, behind a non-ESP marker (RFC 3948 2.2) that the sender
// adds.
struct SendDatagram {
  base::Endpoint local, remote;
  bool natt = false;
  base::Bytes message;
};

// Both SAs of a child, inbound and outbound. The policy for its selectors points at the bundle `id`; where
// several children have the same selectors, the one installed or used last carries what goes out, and when it
// is removed the one before it.
struct InstallChild {
  base::ChildId id;
  std::string profile, child;  // names
  base::IkeSpi ike_spi_i, ike_spi_r;
  crypto::ChildSuite suite;
  Mode mode = Mode::tunnel;
  base::Spi spi_in, spi_out;
  DirectionKeys keys_in, keys_out;
  spd::SelectorPair selectors;
  base::Endpoint local, remote;  // outer; ports are those of the IKE SA, and matter with udp_encap
  bool udp_encap = false;
  std::uint32_t replay_window = 1024;
  std::uint32_t tfc_size = 0, dummy_every = 0;  // as in ChildConfig
  // Hard limits, at which the SA is dead, and earlier ones, at which Expired{hard: false} asks for a rekey.
  // In octets of inner packets, and packets, of either direction; 0: none.
  std::uint64_t lifetime_bytes = 0, lifetime_packets = 0;
  std::uint64_t soft_bytes = 0, soft_packets = 0;
  // Inactive{id} is wanted once neither direction has carried a packet for that long; 0: never.
  base::Duration inactivity{};
  // A responder's child that takes over from another: inbound at once, outbound when UseChild says so, since
  // the initiator cannot receive on it before the response has arrived (RFC 7296 2.8).
  bool outbound_later = false;
};
// Outbound packets of its selectors go to this child from now on, before any child that was installed or used
// earlier. Ends the waiting of a child that was installed with outbound_later.
struct UseChild {
  base::ChildId id;
};
struct RemoveChild {
  base::ChildId id;
};
// A trap: packets of these selectors that no SA takes wait, and the first of them raises Acquire (RFC 4301
// 4.4.1.2). It stands below the policies of installed children, until RemoveTrap. Replaces that child's trap.
struct InstallTrap {
  std::string profile, child;
  spd::SelectorPair selectors;
  base::Endpoint local, remote;  // outer, as far as they are known
};
struct RemoveTrap {
  std::string profile, child;
};
// What Acquire has asked for is done, or has failed: what waits is sent where a policy takes it by now, and
// dropped where it still meets the trap, which raises no other Acquire before `pause` has passed.
struct AnswerAcquire {
  std::string profile, child;
  base::Duration pause{};
};
// The outer addresses of a child have changed (NAT rebinding, MOBIKE).
struct MoveChild {
  base::ChildId id;
  base::Endpoint local, remote;
  bool udp_encap = false;
};

// Makes a key pair for `method`; with a peer_public also agrees. Answered by KeDone.
struct StartKe {
  JobId job;
  crypto::Ke method = crypto::Ke::none;
  std::unique_ptr<crypto::KeyExchange> own;  // set: agree with this one
  base::Bytes peer_public;                   // empty: only generate
};
// Computes our AUTH value over the octets (RFC 7296 2.15). Answered by AuthDone.
struct StartAuth {
  JobId job;
  CredentialId credential;
  crypto::Prf prf = crypto::Prf::none;  // with a shared secret
  crypto::SignatureScheme scheme;       // none: with a shared secret
  base::Bytes octets;
};
// Checks the peer's AUTH value, and where it signs, that the key is its own: pinned, or certified for `id`.
// One verdict on all of it. Answered by VerifyDone. Credential 0 fits nothing, at about the same cost.
struct StartVerify {
  JobId job;
  CredentialId credential;
  crypto::Prf prf = crypto::Prf::none;
  std::vector<crypto::SignatureScheme> schemes;  // any of these; empty: a shared secret
  base::Bytes octets;
  base::Bytes proof;                      // the MIC or the signature
  std::vector<base::Bytes> certificates;  // DER, as the peer sent them: its own first (RFC 7296 3.6)
  Identity id;
};
// Finds out where a peer is (a host name or an address in text) and which of our addresses faces it, off the
// IKE thread. Answered by ResolveDone.
struct StartResolve {
  JobId job;
  std::string host;
};

// Something for people and for `monitor`.
struct Report {
  enum class Kind : std::uint8_t {
    log,
    ike_up,
    ike_down,
    ike_rekeyed,
    child_up,
    child_down,
    child_rekeyed,
    failure,
    address_changed,
    acquire
  };
  Kind kind = Kind::log;
  base::LogEvent log;  // always filled: every report is logged
  std::string profile, child;
  // The SAs that it is about, as they were then and without secrets; only while somebody watches
  // (Engine::watch).
  std::shared_ptr<const IkeSaStatus> ike_sa;
  std::shared_ptr<const ChildStatus> child_sa;
};
// Progress and outcome of a command.
struct RequestStep {
  RequestId request;
  std::string text;
};
struct RequestDone {
  RequestId request;
  base::Status outcome;
};
// Shutdown is complete: every SA is gone.
struct AllClosed {};

using Action = std::variant<SendDatagram, InstallChild, UseChild, RemoveChild, MoveChild, InstallTrap,
                            RemoveTrap, AnswerAcquire, StartKe, StartAuth, StartVerify, StartResolve, Report,
                            RequestStep, RequestDone, AllClosed>;
using Actions = std::vector<Action>;

}  // namespace ikev2
