// The status that the interface reference shows, and one with everything in it.
#pragma once

#include "control/model.h"

namespace sample {

inline const char* const kInterface = R"json(
{"version": "0.1.0", "uptime_s": 12,
 "profiles": [{"name": "pr1", "desired": "none", "actual": "up", "last_error": null}],
 "ike_sas": [{"profile": "pr1", "state": "established", "role": "initiator",
   "initiator_spi": "f40329997e6563dd", "responder_spi": "984e52c554274bc6",
   "local":  {"address": "192.168.100.3", "port": 500, "id": "fqdn:vpp.home", "behind_nat": false},
   "remote": {"address": "192.168.100.2", "port": 500, "id": "fqdn:roadwarrior.vpn.example.com", "behind_nat": false},
   "encr": "aes-cbc-256", "integ": "sha1-96", "prf": "hmac-sha1", "ke": ["modp-2048"],
   "established_s": 11, "rekey_in_s": 80000,
   "children": [{"name": "net", "state": "installed", "protocol": "esp", "mode": "tunnel", "encap": "none",
     "spi_in": "c0b24047", "spi_out": "63199535", "encr": "aes-cbc-192", "integ": "sha1-96", "esn": true,
     "local_ts": ["192.168.124.0/24"], "remote_ts": ["192.168.125.0/24"],
     "bytes_in": 84, "packets_in": 1, "bytes_out": 84, "packets_out": 1}]}]}
)json";

inline control::ChildView child() {
  control::ChildView c;
  c.name = "net";
  c.state = "installed";
  c.protocol = "esp";
  c.mode = "tunnel";
  c.encap = "none";
  c.spi_in = "c0b24047";
  c.spi_out = "63199535";
  c.encr = "aes-cbc-192";
  c.integ = "sha1-96";
  c.esn = true;
  c.local_ts = {"192.168.124.0/24"};
  c.remote_ts = {"192.168.125.0/24"};
  c.bytes_in = c.bytes_out = 84;
  c.packets_in = c.packets_out = 1;
  return c;
}

inline control::IkeSaView ike_sa() {
  control::IkeSaView s;
  s.profile = "pr1";
  s.state = "established";
  s.role = "initiator";
  s.initiator_spi = "f40329997e6563dd";
  s.responder_spi = "984e52c554274bc6";
  s.local = {"192.168.100.3", 500, "fqdn:vpp.home", false};
  s.remote = {"192.168.100.2", 500, "fqdn:roadwarrior.vpn.example.com", false};
  s.encr = "aes-cbc-256";
  s.integ = "sha1-96";
  s.prf = "hmac-sha1";
  s.ke = {"modp-2048"};
  s.established_s = 11;
  s.rekey_in_s = 80000;
  s.children = {child()};
  return s;
}

inline control::StatusView status() {
  control::StatusView v;
  v.version = "0.1.0";
  v.uptime_s = 12;
  v.profiles = {{"pr1", "none", "up", std::nullopt}};
  v.ike_sas = {ike_sa()};
  return v;
}

// Every field beyond the fixed interface set, keys included.
inline control::StatusView full() {
  control::StatusView v = status();
  v.profiles.push_back({"pr2", "up", "down", control::LastError{"2026-01-02T03:04:05Z", "no answer"}});
  v.data_path = {"ipsec-mb", 2, {"tso", "gso", "gro"}};
  v.counters = {{"in-integrity", 3}, {"out-no-sa", 18446744073709551615u}};
  control::IkeSaView& s = v.ike_sas[0];
  s.nonce_i = "0a0b";
  s.nonce_r = "0c0d";
  s.established_us = 11'500'000;
  s.stats = control::IkeStatsView{1, 2, 3, 4, 5, 6};
  s.keys = control::IkeKeyView{"d0", "a1", "a2", "e1", "e2", "b1", "b2"};
  control::ChildView& c = s.children[0];
  c.installed_s = 10;
  c.installed_us = 10'250'000;
  c.rekey_in_s = 3400;
  c.sequence_out = 5;
  c.sequence_in = 7;
  c.replay_bits = 0x8000000000000001;
  c.replay_window = 1024;
  c.errors = {3, 2, 1, 4, 5, 6, 7, 8, 9};
  c.errors_out = 11;
  c.outer_local = "192.168.100.3";
  c.outer_remote = "192.168.100.2";
  c.index = 4;
  c.shard = 1;
  c.keys = control::KeyView{"11", "22", "33", "44"};
  return v;
}

}  // namespace sample
