// A picture of the engine for status and listings. Secrets are in it only where asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/strong.h"
#include "base/time.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "ikev2/keys/child_keys.h"
#include "ikev2/keys/ike_keys.h"
#include "spd/selector.h"

namespace ikev2 {

struct ChildStatus {
  base::ChildId id;
  std::string name;
  std::string state;  // installing, installed, rekeying, deleting
  crypto::ChildSuite suite;
  Mode mode = Mode::tunnel;
  bool udp_encap = false;
  base::Spi spi_in, spi_out;
  spd::SelectorPair selectors;
  base::Instant installed_at;
  base::Instant rekey_at;
  bool we_initiated = false;
  std::optional<ChildKeys> keys;  // with secrets only
};

struct PeerSideStatus {
  base::Endpoint endpoint;
  Identity id;
  bool behind_nat = false;
};

struct IkeSaStatus {
  std::string profile;
  std::string state;  // connecting, established, rekeying, deleting
  bool initiator = false;
  base::IkeSpi spi_i, spi_r;
  PeerSideStatus local, remote;
  crypto::IkeSuite suite;
  base::Instant established_at;
  base::Instant rekey_at;
  base::Bytes nonce_i, nonce_r;
  std::optional<IkeKeys> keys;  // with secrets only
  std::vector<ChildStatus> children;
};

// An IKE SA and its children by name, for whoever goes through many of them a few at a time.
struct IkeSaOutline {
  std::uint64_t id = 0;  // for Engine::ike_sa()
  std::string profile;   // empty: not known yet
  base::IkeSpi spi_r;
  std::vector<base::ChildId> children;
  std::vector<base::Instant> rekey_at;       // of each of them
  std::vector<spd::SelectorPair> selectors;  // of each of them, where asked for
};
// Where a peer is to whom we talk from behind a NAT.
struct NatPath {
  base::Endpoint local, remote;
};

struct LastError {
  base::Instant at;
  std::string reason;
};
struct ProfileStatus {
  std::string name;
  std::string desired;  // none, on-demand, up
  std::string actual;   // up, connecting, down
  std::optional<LastError> last_error;
};

struct EngineStatus {
  std::vector<ProfileStatus> profiles;
  std::vector<IkeSaStatus> ike_sas;
  std::size_t half_open = 0;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // those that are not zero
};

}  // namespace ikev2
