#include "control/model.h"

namespace control {

using nlohmann::json;

namespace {

json optional_text(const std::optional<std::string>& text) { return text ? json(*text) : json(nullptr); }

// Adds a field beyond the fixed interface unless it holds its default.
template <class T>
void add(json& to, const char* key, const T& value) {
  if (value != T()) to[key] = value;
}

json to_json(const SideView& view) {
  return {{"address", view.address}, {"port", view.port}, {"id", view.id}, {"behind_nat", view.behind_nat}};
}

json child_details(const ChildView& view) {
  json details = json::object();
  add(details, "installed_s", view.installed_s);
  add(details, "installed_us", view.installed_us);
  add(details, "rekey_in_s", view.rekey_in_s);
  add(details, "sequence_out", view.sequence_out);
  add(details, "sequence_in", view.sequence_in);
  add(details, "replay_bits", view.replay_bits);
  add(details, "replay_window", view.replay_window);
  add(details, "encr_bits", view.encr_bits);
  add(details, "integ_bits", view.integ_bits);
  visit_errors(view.errors, [&](const char* name, std::uint64_t count) { add(details, name, count); });
  add(details, "errors_out", view.errors_out);
  add(details, "outer_local", view.outer_local);
  add(details, "outer_remote", view.outer_remote);
  add(details, "index", view.index);
  add(details, "shard", view.shard);
  return details;
}

json ike_details(const IkeSaView& view) {
  json details = json::object();
  add(details, "nonce_i", view.nonce_i);
  add(details, "nonce_r", view.nonce_r);
  add(details, "established_us", view.established_us);
  if (view.stats) {
    const IkeStatsView& s = *view.stats;
    details["stats"] = {{"keepalives", s.keepalives},   {"rekeys", s.rekeys},
                        {"sa_init", s.sa_init},         {"sa_init_retransmits", s.sa_init_retransmits},
                        {"retransmits", s.retransmits}, {"sa_auth", s.sa_auth}};
  }
  return details;
}

// Reads fields of one object; what is missing or of a wrong type leaves the target alone.
class Fields {
 public:
  explicit Fields(const json& object) : object_(object) {}

  const json& at(const char* key) const {
    static const json kNothing;
    if (!object_.is_object()) return kNothing;
    const auto found = object_.find(key);
    return found == object_.end() ? kNothing : *found;
  }
  void get(const char* key, std::string& out) const {
    if (at(key).is_string()) out = at(key).get<std::string>();
  }
  void get(const char* key, bool& out) const {
    if (at(key).is_boolean()) out = at(key).get<bool>();
  }
  void get(const char* key, int& out) const {
    if (at(key).is_number_integer()) out = at(key).get<int>();
  }
  void get(const char* key, std::int64_t& out) const {
    if (at(key).is_number_integer()) out = at(key).get<std::int64_t>();
  }
  void get(const char* key, std::uint64_t& out) const {
    if (at(key).is_number_unsigned()) out = at(key).get<std::uint64_t>();
  }
  void get(const char* key, std::optional<std::string>& out) const {
    if (at(key).is_string()) out = at(key).get<std::string>();
  }
  void get(const char* key, std::vector<std::string>& out) const {
    for (const json& item : array(key))
      if (item.is_string()) out.push_back(item.get<std::string>());
  }
  const json& array(const char* key) const {
    static const json kEmpty = json::array();
    return at(key).is_array() ? at(key) : kEmpty;
  }

 private:
  const json& object_;
};

SideView side_from_json(const json& object) {
  SideView view;
  const Fields f(object);
  f.get("address", view.address);
  f.get("port", view.port);
  f.get("id", view.id);
  f.get("behind_nat", view.behind_nat);
  return view;
}

void read_child_details(const Fields& d, ChildView& view) {
  d.get("installed_s", view.installed_s);
  d.get("installed_us", view.installed_us);
  d.get("rekey_in_s", view.rekey_in_s);
  d.get("sequence_out", view.sequence_out);
  d.get("sequence_in", view.sequence_in);
  d.get("replay_bits", view.replay_bits);
  d.get("replay_window", view.replay_window);
  d.get("encr_bits", view.encr_bits);
  d.get("integ_bits", view.integ_bits);
  visit_errors(view.errors, [&](const char* name, std::uint64_t& count) { d.get(name, count); });
  d.get("errors_out", view.errors_out);
  d.get("outer_local", view.outer_local);
  d.get("outer_remote", view.outer_remote);
  d.get("index", view.index);
  d.get("shard", view.shard);
}

void read_ike_details(const Fields& d, IkeSaView& view) {
  d.get("nonce_i", view.nonce_i);
  d.get("nonce_r", view.nonce_r);
  d.get("established_us", view.established_us);
  if (!d.at("stats").is_object()) return;
  const Fields s(d.at("stats"));
  view.stats.emplace();
  s.get("keepalives", view.stats->keepalives);
  s.get("rekeys", view.stats->rekeys);
  s.get("sa_init", view.stats->sa_init);
  s.get("sa_init_retransmits", view.stats->sa_init_retransmits);
  s.get("retransmits", view.stats->retransmits);
  s.get("sa_auth", view.stats->sa_auth);
}

void read_ike_keys(const Fields& k, IkeKeyView& keys) {
  k.get("sk_d", keys.sk_d);
  k.get("sk_ai", keys.sk_ai);
  k.get("sk_ar", keys.sk_ar);
  k.get("sk_ei", keys.sk_ei);
  k.get("sk_er", keys.sk_er);
  k.get("sk_pi", keys.sk_pi);
  k.get("sk_pr", keys.sk_pr);
}

}  // namespace

json to_json(const ProfileView& view) {
  json last_error = nullptr;
  if (view.last_error) last_error = {{"at", view.last_error->at}, {"reason", view.last_error->reason}};
  return {{"name", view.name},
          {"desired", view.desired},
          {"actual", view.actual},
          {"last_error", std::move(last_error)}};
}

json to_json(const ChildView& view) {
  json out = {{"name", view.name},
              {"state", view.state},
              {"protocol", view.protocol},
              {"mode", view.mode},
              {"encap", view.encap},
              {"spi_in", view.spi_in},
              {"spi_out", view.spi_out},
              {"encr", view.encr},
              {"integ", optional_text(view.integ)},
              {"esn", view.esn},
              {"local_ts", view.local_ts},
              {"remote_ts", view.remote_ts},
              {"bytes_in", view.bytes_in},
              {"packets_in", view.packets_in},
              {"bytes_out", view.bytes_out},
              {"packets_out", view.packets_out}};
  if (json details = child_details(view); !details.empty()) out["details"] = std::move(details);
  if (view.keys) {
    out["keys"] = {{"encr_in", view.keys->encr_in},
                   {"encr_out", view.keys->encr_out},
                   {"integ_in", view.keys->integ_in},
                   {"integ_out", view.keys->integ_out}};
  }
  return out;
}

json to_json(const IkeSaView& view) {
  json children = json::array();
  for (const ChildView& child : view.children) children.push_back(to_json(child));
  json out = {{"profile", view.profile},
              {"state", view.state},
              {"role", view.role},
              {"initiator_spi", view.initiator_spi},
              {"responder_spi", view.responder_spi},
              {"local", to_json(view.local)},
              {"remote", to_json(view.remote)},
              {"encr", view.encr},
              {"integ", optional_text(view.integ)},
              {"prf", view.prf},
              {"ke", view.ke},
              {"established_s", view.established_s},
              {"rekey_in_s", view.rekey_in_s},
              {"children", std::move(children)}};
  if (json details = ike_details(view); !details.empty()) out["details"] = std::move(details);
  if (view.sums) {
    const ChildSums& s = *view.sums;
    out["sums"] = {{"children", s.children},
                   {"bytes_in", s.bytes_in},
                   {"bytes_out", s.bytes_out},
                   {"rekey_in_s", s.rekey_in_s}};
  }
  if (view.keys) {
    const IkeKeyView& k = *view.keys;
    out["keys"] = {{"sk_d", k.sk_d},   {"sk_ai", k.sk_ai}, {"sk_ar", k.sk_ar}, {"sk_ei", k.sk_ei},
                   {"sk_er", k.sk_er}, {"sk_pi", k.sk_pi}, {"sk_pr", k.sk_pr}};
  }
  return out;
}

json to_json(const StatusView& view) {
  json profiles = json::array(), ike_sas = json::array();
  for (const ProfileView& profile : view.profiles) profiles.push_back(to_json(profile));
  for (const IkeSaView& ike_sa : view.ike_sas) ike_sas.push_back(to_json(ike_sa));
  json out = {{"version", view.version},
              {"uptime_s", view.uptime_s},
              {"profiles", std::move(profiles)},
              {"ike_sas", std::move(ike_sas)}};
  if (view.data_path.threads != 0) {
    out["data_path"] = {{"crypto", view.data_path.crypto},
                        {"threads", view.data_path.threads},
                        {"offloads", view.data_path.offloads}};
    if (!view.data_path.device.empty()) out["data_path"]["device"] = view.data_path.device;
  }
  if (!view.counters.empty()) {
    json counters = json::object();
    for (const CounterView& counter : view.counters) counters[counter.name] = counter.value;
    out["counters"] = std::move(counters);
  }
  return out;
}

ProfileView profile_from_json(const json& object) {
  ProfileView view;
  const Fields f(object);
  f.get("name", view.name);
  f.get("desired", view.desired);
  f.get("actual", view.actual);
  if (f.at("last_error").is_object()) {
    const Fields e(f.at("last_error"));
    view.last_error.emplace();
    e.get("at", view.last_error->at);
    e.get("reason", view.last_error->reason);
  }
  return view;
}

ChildView child_from_json(const json& object) {
  ChildView view;
  const Fields f(object);
  f.get("name", view.name);
  f.get("state", view.state);
  f.get("protocol", view.protocol);
  f.get("mode", view.mode);
  f.get("encap", view.encap);
  f.get("spi_in", view.spi_in);
  f.get("spi_out", view.spi_out);
  f.get("encr", view.encr);
  f.get("integ", view.integ);
  f.get("esn", view.esn);
  f.get("local_ts", view.local_ts);
  f.get("remote_ts", view.remote_ts);
  f.get("bytes_in", view.bytes_in);
  f.get("packets_in", view.packets_in);
  f.get("bytes_out", view.bytes_out);
  f.get("packets_out", view.packets_out);
  read_child_details(Fields(f.at("details")), view);
  if (f.at("keys").is_object()) {
    const Fields k(f.at("keys"));
    view.keys.emplace();
    k.get("encr_in", view.keys->encr_in);
    k.get("encr_out", view.keys->encr_out);
    k.get("integ_in", view.keys->integ_in);
    k.get("integ_out", view.keys->integ_out);
  }
  return view;
}

IkeSaView ike_sa_from_json(const json& object) {
  IkeSaView view;
  const Fields f(object);
  f.get("profile", view.profile);
  f.get("state", view.state);
  f.get("role", view.role);
  f.get("initiator_spi", view.initiator_spi);
  f.get("responder_spi", view.responder_spi);
  view.local = side_from_json(f.at("local"));
  view.remote = side_from_json(f.at("remote"));
  f.get("encr", view.encr);
  f.get("integ", view.integ);
  f.get("prf", view.prf);
  f.get("ke", view.ke);
  f.get("established_s", view.established_s);
  f.get("rekey_in_s", view.rekey_in_s);
  for (const json& child : f.array("children")) view.children.push_back(child_from_json(child));
  read_ike_details(Fields(f.at("details")), view);
  if (f.at("keys").is_object()) read_ike_keys(Fields(f.at("keys")), view.keys.emplace());
  if (f.at("sums").is_object()) {
    const Fields s(f.at("sums"));
    view.sums.emplace();
    s.get("children", view.sums->children);
    s.get("bytes_in", view.sums->bytes_in);
    s.get("bytes_out", view.sums->bytes_out);
    s.get("rekey_in_s", view.sums->rekey_in_s);
  }
  return view;
}

StatusView status_from_json(const json& object) {
  StatusView view;
  const Fields f(object);
  f.get("version", view.version);
  f.get("uptime_s", view.uptime_s);
  for (const json& profile : f.array("profiles")) view.profiles.push_back(profile_from_json(profile));
  for (const json& ike_sa : f.array("ike_sas")) view.ike_sas.push_back(ike_sa_from_json(ike_sa));
  const Fields data_path(f.at("data_path"));
  data_path.get("crypto", view.data_path.crypto);
  data_path.get("threads", view.data_path.threads);
  data_path.get("offloads", view.data_path.offloads);
  data_path.get("device", view.data_path.device);
  const json& counters = f.at("counters");
  if (!counters.is_object()) return view;
  for (const auto& [name, value] : counters.items())
    if (value.is_number_unsigned()) view.counters.push_back({name, value.get<std::uint64_t>()});
  return view;
}

}  // namespace control
