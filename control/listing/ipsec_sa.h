// `show ipsec sa`, in the form of current VPP: SAs of IKEv2 and SAs made by hand in one list.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/manual_model.h"
#include "control/model.h"

namespace control::listing {

// One direction of one child, or one SA that was made by hand. The pair of SAs with the number k of a child
// is listed as [4k], outbound, and [4k + 1], inbound; their SA numbers are 0x80000000 + k and 0xc0000000 + k,
// those that VPP gives to IKEv2's SAs. SAs made by hand have the indexes in between.
struct IpsecSa {
  std::uint64_t index = 0;
  std::uint64_t id = 0;  // 0: made by hand, and named by its SAID alone
  bool inbound = false, outbound = false;
  std::uint64_t spi = 0;
  std::string protocol, mode;
  bool esn = false, udp = false, protects_tunnel = false;
  std::string source, destination;                    // outer
  int source_port = 65535, destination_port = 65535;  // 65535 is VPP's "none"
  std::string encr;
  std::optional<std::string> integ;
  std::optional<std::string> encr_key, integ_key;  // hex, the first with its salt behind it; unset: not told
  std::uint64_t locks = 1, shard = 0, sequence = 0;
  std::uint64_t replay_window = 0, replay_bits = 0;
  std::uint64_t packets = 0, bytes = 0;
  SaErrorView errors;
  // Of children alone.
  std::string profile, child, state;
  std::vector<std::string> local_ts, remote_ts;

  bool tunnel() const { return mode == "tunnel"; }
};

// All SAs in order of index. Where two children of the view have one index, children are counted instead.
std::vector<IpsecSa> ipsec_sas(const StatusView& view, const ManualView& manual = {});

// Both directions of one child, outbound first; one that is keyed by hand.
std::vector<IpsecSa> ipsec_sas(const IkeSaView& ike_sa, const ChildView& child);
IpsecSa ipsec_sa(const ManualSaView& manual);
// Where they stand: of a child the outbound one, and the inbound one behind it.
constexpr std::uint64_t child_sa_index(std::uint64_t child) { return 4 * child; }
constexpr std::uint64_t manual_sa_index(std::uint64_t manual) { return 4 * (manual / 2) + 2 + manual % 2; }

std::string ipsec_sa_brief(const IpsecSa& sa);                  // one line
std::string ipsec_sa_detail(const IpsecSa& sa, bool secrets);   // keys and salts [redacted] without secrets
nlohmann::json ipsec_sa_json(const IpsecSa& sa, bool secrets);  // one element of `--json show ipsec sa`

// An encryption key without the salt behind it, and that salt ("0x0" where the cipher has none).
struct KeyParts {
  std::string key, salt;
};
KeyParts split_key(const std::string& encr, const std::string& key);
// A replay window in VPP's 64 characters: the newest number first.
std::string window_text(std::uint64_t bits);

}  // namespace control::listing
