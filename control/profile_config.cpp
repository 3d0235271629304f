#include "control/profile_config.h"

namespace control {

using nlohmann::json;

namespace {

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The objects in the list below `key`.
std::vector<const json*> objects_of(const json& object, const char* key) {
  std::vector<const json*> out;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return out;
  for (const json& item : *found) {
    if (item.is_object()) out.push_back(&item);
  }
  return out;
}

std::vector<std::string> texts_of(const json& object, const char* key) {
  std::vector<std::string> out;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return out;
  for (const json& item : *found) {
    if (item.is_string()) out.push_back(item.get<std::string>());
  }
  return out;
}

json null_or(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json to_json(const std::optional<AuthText>& auth) {
  if (!auth) return nullptr;
  return {{"method", auth->method}, {"data", auth->data ? json(*auth->data) : json(nullptr)}};
}

json to_json(const std::vector<TransformText>& list) {
  json out = json::array();
  for (const TransformText& one : list)
    out.push_back({{"crypto", one.crypto}, {"integ", null_or(one.integ)}, {"dh", null_or(one.dh)}});
  return out;
}

json to_json(const ChildConfigView& child) {
  return {{"name", child.name},
          {"local_ts", child.local_ts},
          {"remote_ts", child.remote_ts},
          {"esp", to_json(child.esp)},
          {"lifetime_s", child.lifetime_s},
          {"jitter_s", child.jitter_s},
          {"handover_s", child.handover_s},
          {"lifetime_bytes", child.lifetime_bytes}};
}

std::optional<AuthText> auth_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return std::nullopt;
  AuthText out{text_of(*found, "method"), std::nullopt};
  if (const auto data = found->find("data"); data != found->end() && data->is_string())
    out.data = data->get<std::string>();
  return out;
}

std::vector<TransformText> transforms_of(const json& object, const char* key) {
  std::vector<TransformText> out;
  for (const json* one : objects_of(object, key))
    out.push_back({text_of(*one, "crypto"), text_of(*one, "integ"), text_of(*one, "dh")});
  return out;
}

ChildConfigView child_of(const json& object) {
  ChildConfigView out;
  out.name = text_of(object, "name");
  out.local_ts = texts_of(object, "local_ts");
  out.remote_ts = texts_of(object, "remote_ts");
  out.esp = transforms_of(object, "esp");
  out.lifetime_s = number_of(object, "lifetime_s");
  out.jitter_s = number_of(object, "jitter_s");
  out.handover_s = number_of(object, "handover_s");
  out.lifetime_bytes = number_of(object, "lifetime_bytes");
  return out;
}

ProfileConfigView profile_of(const json& object) {
  ProfileConfigView out;
  out.name = text_of(object, "name");
  out.origin = text_of(object, "origin");
  out.missing = text_of(object, "missing");
  out.local_auth = auth_of(object, "local_auth");
  out.remote_auth = auth_of(object, "remote_auth");
  out.local_id = text_of(object, "local_id");
  out.remote_id = text_of(object, "remote_id");
  out.tunnel = text_of(object, "tunnel");
  out.responder_interface = text_of(object, "responder_interface");
  out.responder_address = text_of(object, "responder_address");
  out.responder_host = text_of(object, "responder_host");
  out.udp_encap = flag_of(object, "udp_encap");
  out.natt_disabled = flag_of(object, "natt_disabled");
  out.ipsec_udp_port = static_cast<std::uint16_t>(number_of(object, "ipsec_udp_port") & 0xffff);
  out.ike = transforms_of(object, "ike");
  for (const json* child : objects_of(object, "children")) out.children.push_back(child_of(*child));
  return out;
}

}  // namespace

json to_json(const ProfileConfigView& view) {
  json children = json::array();
  for (const ChildConfigView& child : view.children) children.push_back(to_json(child));
  return {{"name", view.name},
          {"origin", view.origin},
          {"missing", null_or(view.missing)},
          {"local_auth", to_json(view.local_auth)},
          {"remote_auth", to_json(view.remote_auth)},
          {"local_id", null_or(view.local_id)},
          {"remote_id", null_or(view.remote_id)},
          {"tunnel", null_or(view.tunnel)},
          {"responder_interface", null_or(view.responder_interface)},
          {"responder_address", null_or(view.responder_address)},
          {"responder_host", null_or(view.responder_host)},
          {"udp_encap", view.udp_encap},
          {"natt_disabled", view.natt_disabled},
          {"ipsec_udp_port", view.ipsec_udp_port},
          {"ike", to_json(view.ike)},
          {"children", std::move(children)}};
}

std::vector<ProfileConfigView> profile_configs_from_json(const json& list) {
  std::vector<ProfileConfigView> out;
  if (!list.is_array()) return out;
  for (const json& item : list) {
    if (item.is_object()) out.push_back(profile_of(item));
  }
  return out;
}

}  // namespace control
