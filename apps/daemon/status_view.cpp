#include "apps/daemon/status_view.h"

#include <algorithm>

#include "base/bytes.h"

namespace daemon_app {
namespace {

std::optional<std::string> integ_name(const crypto::CipherSpec& spec) {
  if (spec.integ == crypto::Integ::none) return {};  // AEAD
  return crypto::name(spec.integ);
}

// Of the key, without its salt.
std::uint64_t encr_bits(const crypto::CipherSpec& spec) {
  const crypto::EncrInfo* const row = crypto::find(spec.encr);
  return row == nullptr ? 0 : (crypto::encr_key_size(spec) - row->salt) * std::uint64_t{8};
}

std::vector<std::string> texts(const spd::TrafficSelectors& selectors) {
  std::vector<std::string> out;
  for (const auto& selector : selectors) out.push_back(selector.text());
  return out;
}

// Seconds from `from` to `to`; 0 where one of them is not set, or the moment has passed.
std::int64_t seconds_between(base::Instant from, base::Instant to) {
  if (from == base::Instant{} || to == base::Instant{}) return 0;
  return std::max<std::int64_t>(0, base::whole_seconds(to - from));
}

std::int64_t microseconds_between(base::Instant from, base::Instant to) {
  if (from == base::Instant{} || to < from) return 0;
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

control::KeyView key_view(const ikev2::ChildKeys& keys, bool we_initiated) {
  const auto& out = we_initiated ? keys.initiator_to_responder : keys.responder_to_initiator;
  const auto& in = we_initiated ? keys.responder_to_initiator : keys.initiator_to_responder;
  return {base::to_hex(in.encr), base::to_hex(out.encr), base::to_hex(in.integ), base::to_hex(out.integ)};
}

control::IkeKeyView key_view(const ikev2::IkeKeys& keys) {
  return {base::to_hex(keys.sk_d),  base::to_hex(keys.sk_ai), base::to_hex(keys.sk_ar),
          base::to_hex(keys.sk_ei), base::to_hex(keys.sk_er), base::to_hex(keys.sk_pi),
          base::to_hex(keys.sk_pr)};
}

control::SideView side_view(const ikev2::PeerSideStatus& side) {
  control::SideView view;
  view.address = side.endpoint.address.is_set() ? side.endpoint.address.text() : "";
  view.port = side.endpoint.port;
  view.id = side.id.data.empty() ? "" : side.id.text();  // not known yet
  view.behind_nat = side.behind_nat;
  return view;
}

void add_traffic(control::ChildView& view, const ChildTraffic& traffic) {
  view.bytes_in = traffic.bytes_in;
  view.packets_in = traffic.packets_in;
  view.bytes_out = traffic.bytes_out;
  view.packets_out = traffic.packets_out;
  view.sequence_in = traffic.sequence_in;
  view.sequence_out = traffic.sequence_out;
  view.replay_bits = traffic.replay_bits;
  view.replay_window = traffic.replay_window;
  view.errors = traffic.errors;
  view.errors_out = traffic.errors_out;
  view.outer_local = traffic.outer_local.address.text();
  view.outer_remote = traffic.outer_remote.address.text();
}

control::ProfileView profile_view(const ikev2::ProfileStatus& profile, const StatusTimes& times) {
  control::ProfileView view{profile.name, profile.desired, profile.actual, {}};
  if (profile.last_error) {
    const auto age = std::chrono::duration_cast<WallTime::duration>(times.now - profile.last_error->at);
    view.last_error = control::LastError{iso_time(times.wall_now - age), profile.last_error->reason};
  }
  return view;
}

}  // namespace

control::ChildView make_child_view(const ikev2::ChildStatus& child, const DataplaneStatus& dataplane,
                                   base::Instant now) {
  control::ChildView view;
  view.name = child.name;
  view.state = child.state;
  view.mode = child.mode == ikev2::Mode::transport ? "transport" : "tunnel";
  const bool ah = child.suite.protocol == crypto::IpsecProtocol::ah;
  view.protocol = ah ? "ah" : "esp";
  view.encap = child.udp_encap && !ah ? "udp" : "none";
  view.spi_in = base::to_hex(child.spi_in.value, 8);
  view.spi_out = base::to_hex(child.spi_out.value, 8);
  view.encr = ah ? "none" : crypto::name(child.suite.cipher.encr, child.suite.cipher.key_bits);
  view.integ = integ_name(child.suite.cipher);
  view.encr_bits = ah ? 0 : encr_bits(child.suite.cipher);
  view.integ_bits = crypto::integ_key_size(child.suite.cipher) * 8;
  view.esn = child.suite.esn;
  view.local_ts = texts(child.selectors.local);
  view.remote_ts = texts(child.selectors.remote);
  view.installed_s = seconds_between(child.installed_at, now);
  view.installed_us = microseconds_between(child.installed_at, now);
  view.rekey_in_s = seconds_between(now, child.rekey_at);
  view.index = child.id.value;
  if (child.keys) view.keys = key_view(*child.keys, child.we_initiated);
  const auto traffic = dataplane.children.find(child.id);
  if (traffic != dataplane.children.end()) add_traffic(view, traffic->second);
  return view;
}

control::IkeSaView make_ike_sa_view(const ikev2::IkeSaStatus& sa, const DataplaneStatus& dataplane,
                                    base::Instant now) {
  control::IkeSaView view;
  view.profile = sa.profile;
  view.state = sa.state;
  view.role = sa.initiator ? "initiator" : "responder";
  view.initiator_spi = base::to_hex(sa.spi_i.value, 16);
  view.responder_spi = base::to_hex(sa.spi_r.value, 16);
  view.local = side_view(sa.local);
  view.remote = side_view(sa.remote);
  view.encr = crypto::name(sa.suite.cipher.encr, sa.suite.cipher.key_bits);
  view.integ = integ_name(sa.suite.cipher);
  view.prf = crypto::name(sa.suite.prf);
  if (sa.suite.ke != crypto::Ke::none) view.ke.push_back(crypto::name(sa.suite.ke));
  view.established_s = seconds_between(sa.established_at, now);
  view.established_us = microseconds_between(sa.established_at, now);
  view.rekey_in_s = seconds_between(now, sa.rekey_at);
  for (const auto& child : sa.children) view.children.push_back(make_child_view(child, dataplane, now));
  view.nonce_i = base::to_hex(sa.nonce_i);
  view.nonce_r = base::to_hex(sa.nonce_r);
  if (sa.keys) view.keys = key_view(*sa.keys);
  return view;
}

control::StatusView make_status_view(const ikev2::EngineStatus& engine, const DataplaneStatus& dataplane,
                                     const StatusTimes& times) {
  control::StatusView view;
  view.version = IKEV2D_VERSION;
  view.uptime_s = base::whole_seconds(times.now - times.started);
  for (const auto& profile : engine.profiles) view.profiles.push_back(profile_view(profile, times));
  for (const auto& sa : engine.ike_sas) {
    view.ike_sas.push_back(make_ike_sa_view(sa, dataplane, times.now));
  }
  view.data_path = dataplane.data_path;
  view.counters = dataplane.counters;
  for (const auto& [name, value] : engine.counters) view.counters.push_back({"ike-" + name, value});
  return view;
}

}  // namespace daemon_app
