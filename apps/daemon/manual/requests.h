// The requests of manual keying over the control socket, and what they become.
//
// A request is {"v": 1, "command": NAME, "args": {…}} (control/protocol.h). An SA is named by {"id": 10}, as
// VPP does, or by {"said": "esp0x3e8@192.168.100.2"}, as KLIPS does, in any form that base/said.h reads.
// Answers to all but manual-list are {"warnings": ["…", …]}, and what is said below. A refusal has the code
// "usage" (the arguments make no sense), "not-found", "exists", "in-use" or "failed".
//
//   manual-sa-add      one SA:
//       "id": 10                          or left out: then protocol, spi and destination name the SA
//       "protocol": "esp"                 esp, ah, tun, comp
//       "spi": 1000
//       "source", "destination": "192.168.100.3"    outer addresses; left out with an id in transport mode:
//                                         those of the policies that use it
//       "mode": "transport"               or tunnel
//       "direction": "inbound"            or outbound; left out: as policies use it, or, without an id,
//                                         inbound where the destination is one of our addresses
//       "encr": "aes-cbc-128", "integ": "sha1-96"   any name that profiles take; left out: none
//       "encr_key", "integ_key": "4a50…"  hex; the first with its salt behind it, where it has one
//       "esn": false, "replay_window": 64, "udp_encap": false, "source_port": 4500, "destination_port": 4500
//       "alone": false                    tun and comp: carries packets without a group, in clear
//       "life": {"bytes": [soft, hard], "packets": …, "addtime": …, "usetime": …, "allocations": …}
//   manual-sa-replace  the same; an SA of that name goes first, with its group
//   manual-sa-delete   "id" or "said". By id it is refused while policies use the SA; by said policies stay,
//                      and drop what they match. Members of a group go together
//   manual-sa-clear    {}: all of them, groups too
//   manual-sa-keys     "id" or "said", "encr_key", "integ_key": new keys for a live SA; numbers go on
//   manual-group-add   "members": ["tun0x3d0@…", "esp0x3e8@…", …], from inside to outside
//   manual-group-delete  "said": one of the members: ungroups all of them
//
//   manual-spd-add, manual-spd-delete   "spd": 1
//   manual-spd-bind, manual-spd-unbind  "interface": "GigabitEthernet0/8/0", "spd": 1; the policies of an SPD
//                      hold while it is bound somewhere
//   manual-policy-add  "spd": 1, "direction": "inbound", "priority": -10, "action": "protect",
//                      "local": "192.168.100.3", "remote": "10.0.0.1-10.0.0.9|tcp/443" (as in profiles),
//                      and "id" or "said" for protect. Actions: bypass, discard, protect, reject.
//                      Answers {"index": N} too
//   manual-policy-delete  the same arguments; all must fit
//   manual-policy-clear   "spd": 1
//   manual-eroute-add  "direction": "outbound", "source": "10.0.0.0/8", "destination": "10.1.0.0/16|tcp/443",
//                      "said": "esp0x3e8@…", or %pass %drop %reject %trap %hold. The SA may come later: until
//                      then packets are dropped. With direction inbound, `source` is the remote side
//   manual-eroute-replace, manual-eroute-delete (without said), manual-eroute-clear
//
//   manual-device-attach  "virtual": "ipsec0", "physical": "eth0": says by which interface our device sends;
//   for
//                      listings alone, since the host's routes decide
//   manual-device-detach  "virtual", or {} for all
//
//   manual-list        {}: the model of control/manual_model.h; keys where the request has "secrets"
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/manual.h"

namespace daemon_app {

// Each fails with family local where an argument is missing, unknown, of a wrong type, or senseless.
base::Result<config::ManualSa> read_manual_sa(const nlohmann::json& args);
base::Result<config::ManualPolicy> read_manual_policy(const nlohmann::json& args);
// An eroute; without its SA where `names_sa` is false.
base::Result<config::ManualPolicy> read_manual_eroute(const nlohmann::json& args, bool names_sa);
base::Result<config::ManualBinding> read_manual_binding(const nlohmann::json& args);
// "id" or "said"; both, or none, are an error.
base::Result<config::ManualSaRef> read_manual_ref(const nlohmann::json& args);
base::Result<std::vector<base::Said>> read_manual_members(const nlohmann::json& args);
// The number `spd`.
base::Result<std::uint32_t> read_manual_spd(const nlohmann::json& args);

// `physical` is needed with `attaches`; both are empty where the arguments are.
struct ManualAttachment {
  std::string device, physical;
};
base::Result<ManualAttachment> read_manual_attachment(const nlohmann::json& args, bool attaches);

struct ManualKeys {
  config::ManualSaRef sa;
  base::SecretBytes encr, integ;
};
base::Result<ManualKeys> read_manual_keys(const nlohmann::json& args);

}  // namespace daemon_app
