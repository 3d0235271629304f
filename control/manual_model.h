// The SAs, groups, policies and SPDs that are keyed by hand, as `manual-list` answers them: the one model
// that KLIPS' and VPP's listings of them are made of. Plain structs; to_json gives the JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "control/model.h"

namespace control {

// What has passed, and the limits; 0: none.
struct LifeView {
  std::uint64_t current = 0, soft = 0, hard = 0;
};
struct ManualKeyView {
  std::string encr, integ;  // hex, the first with its salt behind it
};
struct ManualSaView {
  std::uint64_t index = 0;          // of listings: kept for its life, no two the same
  std::optional<std::uint32_t> id;  // VPP's number
  std::string protocol;             // esp, ah, tun, comp
  std::uint32_t spi = 0;
  std::string source, destination;         // outer; those that are in use where the SA says none; empty: none
  std::string mode;                        // tunnel, transport
  bool inbound = false, outbound = false;  // what it is used for
  std::string encr;                        // as in profiles; empty: none
  std::string integ;
  std::uint32_t encr_bits = 0, integ_bits = 0;  // of the keys, without salt
  bool esn = false, udp_encap = false;
  std::uint32_t source_port = 0, destination_port = 0;  // with udp_encap
  std::uint64_t sequence = 0;                           // the last sent, or the highest received
  std::uint64_t replay_window = 0, replay_bits = 0;     // packets; the newest 64, bit 0 the highest
  std::uint64_t packets = 0, bytes = 0;                 // of inner packets
  SaErrorView errors;
  std::uint64_t plain = 0, compressed = 0;  // octets that IPComp has made smaller, and what became of them
  LifeView allocations, bytes_life, addtime, usetime, packets_life;  // times in seconds
  std::optional<std::uint64_t> idle_s;                               // since the last packet; unset: none yet
  std::uint64_t users = 0;                                           // policies and groups that hold it
  bool grouped = false;
  std::optional<std::string> flow;    // "a->b": what an inbound eroute demands of packets out of this tunnel
  std::optional<ManualKeyView> keys;  // in answers to requests with secrets alone
};
struct ManualPolicyView {
  std::uint64_t index = 0;
  std::optional<std::uint32_t> spd;  // unset: an eroute
  std::string direction;             // outbound, inbound
  std::int32_t priority = 0;
  std::string action;         // bypass, discard, protect, reject, trap, hold
  std::string local, remote;  // selectors as in profiles
  std::optional<std::uint32_t> sa_id;
  std::string said;  // hex form, or magic: where it is an eroute, or the SA has no id
  std::uint64_t packets = 0, bytes = 0;
};
struct ManualBindingView {
  std::string interface;
  std::uint32_t spd = 0;
};
// Our device, and the interface that it is said to send by (KLIPS' tncfg).
struct ManualDeviceView {
  std::string name, physical;               // the second empty: none
  std::uint64_t mtu = 0, physical_mtu = 0;  // octets
};
struct ManualView {
  std::vector<ManualSaView> sas;                 // in order of index
  std::vector<std::vector<std::string>> groups;  // SAIDs in hex form, from inside to outside
  std::vector<std::uint32_t> spds;               // in order
  std::vector<ManualPolicyView> policies;        // in the order in which they are looked at
  std::vector<ManualBindingView> bindings;
  std::vector<ManualDeviceView> devices;
};

nlohmann::json to_json(const ManualSaView& view);
nlohmann::json to_json(const ManualPolicyView& view);
nlohmann::json to_json(const ManualDeviceView& view);
nlohmann::json to_json(const ManualView& view);
// The reverse. Fields that are missing or of a wrong type keep their defaults: never throws.
ManualView manual_from_json(const nlohmann::json& json);
ManualSaView manual_sa_from_json(const nlohmann::json& json);
ManualPolicyView manual_policy_from_json(const nlohmann::json& json);

}  // namespace control
