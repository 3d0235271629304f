#include "control/manual_model.h"

#include <type_traits>

namespace control {
namespace {

using nlohmann::json;

// One list of fields a struct; a Writer and a Reader go through it.
template <class F>
void visit(LifeView& v, F& f) {
  f("current", v.current);
  f("soft", v.soft);
  f("hard", v.hard);
}
template <class F>
void visit(ManualKeyView& v, F& f) {
  f("encr", v.encr);
  f("integ", v.integ);
}
template <class F>
void visit(ManualSaView& v, F& f) {
  f("index", v.index);
  f("id", v.id);
  f("protocol", v.protocol);
  f("spi", v.spi);
  f("source", v.source);
  f("destination", v.destination);
  f("mode", v.mode);
  f("inbound", v.inbound);
  f("outbound", v.outbound);
  f("encr", v.encr);
  f("integ", v.integ);
  f("encr_bits", v.encr_bits);
  f("integ_bits", v.integ_bits);
  f("esn", v.esn);
  f("udp_encap", v.udp_encap);
  f("source_port", v.source_port);
  f("destination_port", v.destination_port);
  f("sequence", v.sequence);
  f("replay_window", v.replay_window);
  f("replay_bits", v.replay_bits);
  f("packets", v.packets);
  f("bytes", v.bytes);
  visit_errors(v.errors, f);
  f("plain", v.plain);
  f("compressed", v.compressed);
  f("allocations", v.allocations);
  f("bytes_life", v.bytes_life);
  f("addtime", v.addtime);
  f("usetime", v.usetime);
  f("packets_life", v.packets_life);
  f("idle_s", v.idle_s);
  f("users", v.users);
  f("grouped", v.grouped);
  f("flow", v.flow);
  f("keys", v.keys);
}
template <class F>
void visit(ManualPolicyView& v, F& f) {
  f("index", v.index);
  f("spd", v.spd);
  f("direction", v.direction);
  f("priority", v.priority);
  f("action", v.action);
  f("local", v.local);
  f("remote", v.remote);
  f("sa_id", v.sa_id);
  f("said", v.said);
  f("packets", v.packets);
  f("bytes", v.bytes);
}
template <class F>
void visit(ManualBindingView& v, F& f) {
  f("interface", v.interface);
  f("spd", v.spd);
}
template <class F>
void visit(ManualDeviceView& v, F& f) {
  f("name", v.name);
  f("physical", v.physical);
  f("mtu", v.mtu);
  f("physical_mtu", v.physical_mtu);
}
template <class F>
void visit(ManualView& v, F& f) {
  f("sas", v.sas);
  f("groups", v.groups);
  f("spds", v.spds);
  f("policies", v.policies);
  f("bindings", v.bindings);
  f("devices", v.devices);
}

template <class T>
constexpr bool is_plain = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

class Writer {
 public:
  template <class T>
  void operator()(const char* key, T& value) {
    object_[key] = write(value);
  }
  // Left out where unset.
  template <class T>
  void operator()(const char* key, std::optional<T>& value) {
    if (value) object_[key] = write(*value);
  }
  template <class T>
  static json write(T& value) {
    if constexpr (is_plain<T>) {
      return value;
    } else {
      Writer inner;
      visit(value, inner);
      return std::move(inner.object_);
    }
  }
  template <class T>
  static json write(std::vector<T>& list) {
    json out = json::array();
    for (T& item : list) out.push_back(write(item));
    return out;
  }

 private:
  json object_ = json::object();
};

class Reader {
 public:
  explicit Reader(const json& object) : object_(object) {}

  template <class T>
  void operator()(const char* key, T& value) {
    if (const json* found = at(key)) read(*found, value);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& value) {
    const json* const found = at(key);
    if (found != nullptr && !found->is_null()) read(*found, value.emplace());
  }

 private:
  const json* at(const char* key) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  template <class T>
  static void read(const json& from, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      if (from.is_string()) value = from.get<std::string>();
    } else if constexpr (std::is_same_v<T, bool>) {
      if (from.is_boolean()) value = from.get<bool>();
    } else if constexpr (std::is_signed_v<T>) {
      if (from.is_number_integer()) value = static_cast<T>(from.get<std::int64_t>());
    } else if constexpr (std::is_unsigned_v<T>) {
      if (from.is_number_unsigned()) value = static_cast<T>(from.get<std::uint64_t>());
    } else {
      Reader inner(from);
      visit(value, inner);
    }
  }
  template <class T>
  static void read(const json& from, std::vector<T>& list) {
    if (!from.is_array()) return;
    for (const json& item : from) read(item, list.emplace_back());
  }

  const json& object_;
};

// The lists of fields serve both ways, so they take what can be written to.
template <class T>
json written(T view) {
  return Writer::write(view);
}

template <class T>
T read(const json& object) {
  T view;
  Reader reader(object);
  visit(view, reader);
  return view;
}

}  // namespace

json to_json(const ManualSaView& view) { return written(view); }
json to_json(const ManualPolicyView& view) { return written(view); }
json to_json(const ManualDeviceView& view) { return written(view); }
json to_json(const ManualView& view) { return written(view); }
ManualView manual_from_json(const json& object) { return read<ManualView>(object); }
ManualSaView manual_sa_from_json(const json& object) { return read<ManualSaView>(object); }
ManualPolicyView manual_policy_from_json(const json& object) { return read<ManualPolicyView>(object); }

}  // namespace control
