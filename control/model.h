// The one model of the running daemon that every view is made of: exactly `ikectl --json status`, and beside
// it what the listings need in addition. Plain structs; to_json gives the JSON of the interface reference.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace control {

struct LastError {
  std::string at;  // ISO 8601, UTC
  std::string reason;
};
struct ProfileView {
  std::string name, desired, actual;
  std::optional<LastError> last_error;
};
struct SideView {
  std::string address;
  int port = 0;
  std::string id;
  bool behind_nat = false;
};
// Key material of one pair of SAs, in hex, each encryption key with its salt behind it; present only in
// answers to requests with secrets.
struct KeyView {
  std::string encr_in, encr_out, integ_in, integ_out;
};
// Packets that an SA did not take, by reason, and how those that it took have arrived.
struct SaErrorView {
  std::uint64_t integrity = 0, replays = 0, selector = 0;
  std::uint64_t padding = 0, size = 0, other = 0;
  std::uint64_t late = 0;        // came behind one with a higher sequence number
  std::uint64_t lost = 0;        // sequence numbers that have left the window and never came
  std::uint64_t widest_gap = 0;  // the most numbers left out in front of a packet
};
// Calls f(name in JSON, field) for each.
template <class View, class F>
void visit_errors(View& errors, F&& f) {
  f("integrity_errors", errors.integrity);
  f("replays", errors.replays);
  f("selector_errors", errors.selector);
  f("padding_errors", errors.padding);
  f("size_errors", errors.size);
  f("other_errors", errors.other);
  f("late", errors.late);
  f("lost", errors.lost);
  f("widest_gap", errors.widest_gap);
}
struct ChildView {
  std::string name, state, protocol, mode, encap, spi_in, spi_out, encr;
  std::optional<std::string> integ;
  bool esn = false;
  std::vector<std::string> local_ts, remote_ts;
  std::uint64_t bytes_in = 0, packets_in = 0, bytes_out = 0, packets_out = 0;
  // Beyond the fixed interface, used by listings; in the JSON they stand in "details", without the zeros.
  std::int64_t installed_s = 0, rekey_in_s = 0;
  std::uint64_t sequence_out = 0, sequence_in = 0;   // the last sent, the highest received
  std::uint64_t replay_bits = 0, replay_window = 0;  // newest 64 numbers, bit 0 the highest; size in packets
  SaErrorView errors;                                // of the inbound SA
  std::uint64_t errors_out = 0;                      // packets that the outbound SA did not send
  std::uint64_t encr_bits = 0, integ_bits = 0;       // of the keys, without salt
  std::string outer_local, outer_remote;             // addresses alone; the IKE SA's where empty
  std::uint64_t index = 0;        // of the pair in listings: kept for its life, no two the same
  std::int64_t installed_us = 0;  // microseconds since installed; installed_s counts where it is 0
  std::uint64_t shard = 0;        // the thread that owns the inbound SA
  std::optional<KeyView> keys;
};
// Exchanges of one IKE SA, for `show ikev2 sa details`.
struct IkeStatsView {
  std::uint64_t keepalives = 0, rekeys = 0, sa_init = 0, sa_init_retransmits = 0, retransmits = 0,
                sa_auth = 0;
};
struct IkeKeyView {
  std::string sk_d, sk_ai, sk_ar, sk_ei, sk_er, sk_pi, sk_pr;
};
// Of all children of an IKE SA, where they are not listed one by one.
struct ChildSums {
  std::uint64_t children = 0, bytes_in = 0, bytes_out = 0;
  std::int64_t rekey_in_s = 0;  // of the child whose turn is next; 0: none
};
struct IkeSaView {
  std::string profile, state, role, initiator_spi, responder_spi;
  SideView local, remote;
  std::string encr;
  std::optional<std::string> integ;
  std::string prf;
  std::vector<std::string> ke;
  std::int64_t established_s = 0, rekey_in_s = 0;
  std::vector<ChildView> children;
  // Beyond the fixed interface; in the JSON they stand in "details".
  std::string nonce_i, nonce_r;       // hex, for `show ikev2 sa details`
  std::int64_t established_us = 0;    // microseconds since established; established_s counts where it is 0
  std::optional<IkeStatsView> stats;  // nothing where the daemon does not count them
  std::optional<IkeKeyView> keys;
  std::optional<ChildSums> sums;  // in the place of `children`
};
struct CounterView {
  std::string name;
  std::uint64_t value = 0;
};
// Who carries packets, and how.
struct DataPathView {
  std::string crypto;                 // the engine that encrypts them
  std::uint64_t threads = 0;          // 0: not told
  std::vector<std::string> offloads;  // at work: tso, uso, gso, gro
  std::string device = {};            // the TUN or TAP device
};
struct StatusView {
  std::string version;
  std::int64_t uptime_s = 0;
  std::vector<ProfileView> profiles;
  std::vector<IkeSaView> ike_sas;
  DataPathView data_path;
  std::vector<CounterView> counters;  // those that are not zero
};

// Exactly the fields of the interface reference, and beside them "details", "keys" and "counters" where there
// is something to say in them. `integ` is null with AEAD.
nlohmann::json to_json(const StatusView& view);
nlohmann::json to_json(const ProfileView& view);
nlohmann::json to_json(const IkeSaView& view);
nlohmann::json to_json(const ChildView& view);
// The reverse. Fields that are missing or of a wrong type keep their defaults: never throws.
StatusView status_from_json(const nlohmann::json& json);
ProfileView profile_from_json(const nlohmann::json& json);
IkeSaView ike_sa_from_json(const nlohmann::json& json);
ChildView child_from_json(const nlohmann::json& json);

}  // namespace control
