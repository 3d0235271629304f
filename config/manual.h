// SAs and policies that are keyed by hand, as plain structs: what `manual:` in profiles.yaml says, and what
// requests over the control socket carry (apps/daemon/manual/requests.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/said.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "ikev2/config.h"
#include "spd/policy.h"

namespace config {

// A soft limit is told of, a hard one ends the SA; 0: none.
struct ManualLimit {
  std::uint64_t soft = 0, hard = 0;
  bool operator==(const ManualLimit&) const = default;
};

// Allocations, octets of inner packets, seconds since the SA was made and since its first packet, packets
// (RFC 2367 2.3.3, RFC 4301 4.4.2.1).
struct ManualLife {
  ManualLimit allocations, bytes, addtime, usetime, packets;
  bool operator==(const ManualLife&) const = default;
};

// One SA. It is named by `id` (VPP), or by its protocol, SPI and destination (KLIPS), which then no other SA
// without an id has.
struct ManualSa {
  std::optional<std::uint32_t> id;
  std::uint8_t protocol = base::ip_protocol::kEsp;  // esp, ah; tun and comp in groups, or alone
  base::Spi spi;
  // Outer. Unset with an id in transport mode: then those of the policies that use the SA.
  base::IpAddress source, destination;
  ikev2::Mode mode = ikev2::Mode::transport;
  // Unset: outbound or inbound as policies use it; without an id and without policies inbound where the
  // destination is one of our addresses.
  std::optional<spd::Direction> direction;
  crypto::CipherSpec cipher;
  base::SecretBytes encr_key, integ_key;  // the first with its salt behind it
  bool esn = false;
  std::uint32_t replay_window = 64;  // packets; 0: numbers are not looked at
  bool udp_encap = false;
  std::uint16_t source_port = 4500, destination_port = 4500;  // with udp_encap
  // tun and comp: carries packets by itself, which are in clear then. Else it waits for a group.
  bool alone = false;
  ManualLife life;
};

// The SA of a policy: by id, by name, or none.
using ManualSaRef = std::variant<std::monostate, std::uint32_t, base::Said>;

// A rule of one SPD. Of SPDs with an id those that are bound to an interface hold; that of `kEroutes` always.
struct ManualPolicy {
  static constexpr std::uint32_t kEroutes = 0xffffffff;

  std::uint32_t spd = kEroutes;
  spd::Direction direction = spd::Direction::outbound;
  std::optional<std::int32_t> priority;  // unset: by the length of prefixes, as children have it
  spd::Action action = spd::Action::protect;
  spd::TrafficSelector local, remote;
  ManualSaRef sa;  // for protect
};

struct ManualBinding {
  std::string interface;  // as the user names it
  std::uint32_t spd = 0;
};

// The section `manual:`.
struct Manual {
  std::string state = "/var/lib/ikev2d/manual-counters";  // where counters of used keys are kept
  std::vector<ManualSa> sas;
  std::vector<std::vector<base::Said>> groups;  // from inside to outside
  std::vector<std::uint32_t> spds;
  std::vector<ManualPolicy> policies;
  std::vector<ManualBinding> bindings;
  bool empty() const { return sas.empty() && policies.empty() && spds.empty(); }
};

}  // namespace config
