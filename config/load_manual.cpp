// The section `manual`: SAs and policies that are keyed by hand.
#include <algorithm>

#include "config/loaders.h"
#include "config/manual_check.h"
#include "config/scalar.h"

namespace config {

namespace {

using spd::Action;
using spd::Direction;

base::Result<std::uint32_t> parse_u32(std::string_view text) {
  ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 0, 0xfffffffe));
  return static_cast<std::uint32_t>(value);
}
base::Result<base::Spi> parse_spi(std::string_view text) {
  ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 1, 0xffffffff));
  return base::Spi(static_cast<std::uint32_t>(value));
}
base::Result<std::uint8_t> parse_protocol(std::string_view text) {
  return parse_word<std::uint8_t>(text, {{"esp", base::ip_protocol::kEsp},
                                         {"ah", base::ip_protocol::kAh},
                                         {"tun", base::ip_protocol::kIpIp},
                                         {"comp", base::ip_protocol::kComp}});
}
base::Result<ikev2::Mode> parse_mode_word(std::string_view text) {
  return parse_word<ikev2::Mode>(text,
                                 {{"tunnel", ikev2::Mode::tunnel}, {"transport", ikev2::Mode::transport}});
}
base::Result<Direction> parse_direction(std::string_view text) {
  return parse_word<Direction>(text, {{"outbound", Direction::outbound}, {"inbound", Direction::inbound}});
}
base::Result<Action> parse_action(std::string_view text) {
  return parse_word<Action>(text, {{"bypass", Action::bypass},
                                   {"discard", Action::discard},
                                   {"protect", Action::protect},
                                   {"reject", Action::reject}});
}
base::Result<base::IpAddress> parse_host(std::string_view text) { return parse_address(text, false); }
base::Result<std::string> parse_text(std::string_view text) { return std::string(text); }
base::Result<std::uint64_t> parse_count(std::string_view text) {
  return parse_number(text, 0, ~std::uint64_t{0});
}
base::Result<std::uint64_t> parse_seconds(std::string_view text) {
  ASSIGN_OR_RETURN(const base::Duration value, parse_duration(text));
  return static_cast<std::uint64_t>(base::whole_seconds(value));
}
base::Result<std::int32_t> parse_priority(std::string_view text) {
  const bool negative = text.starts_with("-");
  ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(negative ? text.substr(1) : text, 0,
                                                           negative ? 1ull << 31 : (1ull << 31) - 1));
  const auto number = static_cast<std::int64_t>(value);
  return static_cast<std::int32_t>(negative ? -number : number);
}
base::Result<spd::TrafficSelector> parse_selector(std::string_view text) {
  return spd::TrafficSelector::parse(text);
}
// A number is VPP's id, everything else a name in KLIPS' form.
base::Result<ManualSaRef> parse_reference(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    ASSIGN_OR_RETURN(const std::uint32_t id, parse_u32(text));
    return ManualSaRef(id);
  }
  ASSIGN_OR_RETURN(const base::Said said, base::parse_said(text));
  return ManualSaRef(said);
}

template <class Parse>
void read_limit(MapReader& life, std::string_view key, ManualLimit& out, Parse parse) {
  const YamlEntry* const entry = life.find_entry(key);
  if (entry == nullptr) return;
  MapReader limit(*entry->value, std::string(key), entry->place, life.diagnostics());
  read(limit, "soft", out.soft, parse);
  read(limit, "hard", out.hard, parse);
  limit.finish();
}

void read_life(MapReader life, ManualLife& out) {
  read_limit(life, "allocations", out.allocations, parse_count);
  read_limit(life, "bytes", out.bytes, parse_size);
  read_limit(life, "addtime", out.addtime, parse_seconds);
  read_limit(life, "usetime", out.usetime, parse_seconds);
  read_limit(life, "packets", out.packets, parse_count);
  life.finish();
}

void read_algorithms(MapReader& map, Credentials& credentials, ManualSa& sa) {
  for (const bool integ : {false, true}) {
    std::string name;
    const char* const key = integ ? "integ" : "encr";
    // The cipher of that name is a word of YAML too.
    const YamlNode* const node = map.find(key);
    const bool null = node != nullptr && node->is_null();
    if (null) name = "null";
    const bool given = null || read(map, key, name, parse_text);
    const base::Status set = set_algorithms(sa, integ ? "" : name, integ ? name : "");
    if (given && set.has_error()) report(*map.find(key), key, set.error(), map.diagnostics());
  }
  if (const YamlEntry* key = map.find_entry("encr_key")) sa.encr_key = credentials.read_key(*key);
  if (const YamlEntry* key = map.find_entry("integ_key")) sa.integ_key = credentials.read_key(*key);
}

// One item of a list that has to be a map.
MapReader item_reader(const YamlNode& item, const char* what, Diagnostics& diagnostics) {
  return {item, what, item.place, diagnostics};
}

void load_sa(const YamlNode& item, Credentials& credentials, Diagnostics& diagnostics, Manual& out) {
  const std::size_t before = diagnostics.error_count();
  MapReader map = item_reader(item, "sas", diagnostics);
  if (!map.sound()) return;
  ManualSa sa;
  std::uint32_t id = 0;
  if (read(map, "id", id, parse_u32)) sa.id = id;
  read(map, "protocol", sa.protocol, parse_protocol);
  if (!map.has("spi")) diagnostics.error(item.place, "sas: spi is missing");
  read(map, "spi", sa.spi, parse_spi);
  read(map, "source", sa.source, parse_host);
  read(map, "destination", sa.destination, parse_host);
  read(map, "mode", sa.mode, parse_mode_word);
  Direction direction{};
  if (read(map, "direction", direction, parse_direction)) sa.direction = direction;
  read_algorithms(map, credentials, sa);
  read(map, "esn", sa.esn, parse_bool);
  read_replay_window(map, sa.replay_window);
  read(map, "udp_encap", sa.udp_encap, parse_bool);
  read(map, "source_port", sa.source_port, parse_port);
  read(map, "destination_port", sa.destination_port, parse_port);
  read(map, "alone", sa.alone, parse_bool);
  read_life(map.map("life"), sa.life);
  map.finish(true);
  std::vector<std::string> warnings;
  // What could not be read is not judged as well.
  const base::Status valid = diagnostics.error_count() == before ? check_sa(sa, warnings) : base::Status();
  if (valid.has_error()) diagnostics.error(item.place, "sas: " + valid.error().reason);
  for (const std::string& warning : warnings) diagnostics.warning(item.place, "sas: " + warning);
  out.sas.push_back(std::move(sa));
}

void load_group(const YamlNode& item, Diagnostics& diagnostics, Manual& out) {
  if (!item.is_sequence()) return diagnostics.error(item.place, "groups: expected a list of SAs");
  std::vector<base::Said> members;
  for (const YamlNodePtr& member : item.items) {
    const auto text = scalar_text(*member, "groups", diagnostics);
    if (!text) continue;
    const auto said = base::parse_said(*text);
    if (said.has_error()) {
      report(*member, "groups", said.error(), diagnostics);
    } else {
      members.push_back(*said);
    }
  }
  out.groups.push_back(std::move(members));
}

void finish_policy(ManualPolicy policy, std::size_t errors_before, Place at, const char* what,
                   Diagnostics& diagnostics, Manual& out) {
  if (diagnostics.error_count() != errors_before) return;
  const base::Status valid = check_policy(policy);
  if (valid.has_error()) return diagnostics.error(at, fmt::format("{}: {}", what, valid.error().reason));
  out.policies.push_back(std::move(policy));
}

void need(MapReader& map, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!map.has(key))
      map.diagnostics().error(map.place(), fmt::format("{}: {} is missing", map.name(), key));
  }
}

void load_policy(const YamlNode& item, std::uint32_t spd, Diagnostics& diagnostics, Manual& out) {
  const std::size_t before = diagnostics.error_count();
  MapReader map = item_reader(item, "policies", diagnostics);
  if (!map.sound()) return;
  need(map, {"direction", "action", "local", "remote"});
  ManualPolicy policy;
  policy.spd = spd;
  policy.priority = 0;
  read(map, "direction", policy.direction, parse_direction);
  std::int32_t priority = 0;
  if (read(map, "priority", priority, parse_priority)) policy.priority = priority;
  read(map, "action", policy.action, parse_action);
  read(map, "local", policy.local, parse_selector);
  read(map, "remote", policy.remote, parse_selector);
  read(map, "sa", policy.sa, parse_reference);
  map.finish();
  finish_policy(std::move(policy), before, item.place, "policies", diagnostics, out);
}

void load_eroute(const YamlNode& item, Diagnostics& diagnostics, Manual& out) {
  const std::size_t before = diagnostics.error_count();
  MapReader map = item_reader(item, "eroutes", diagnostics);
  if (!map.sound()) return;
  need(map, {"source", "destination", "sa"});
  ManualPolicy policy;
  read(map, "direction", policy.direction, parse_direction);
  const bool outbound = policy.direction == Direction::outbound;
  read(map, "source", outbound ? policy.local : policy.remote, parse_selector);
  read(map, "destination", outbound ? policy.remote : policy.local, parse_selector);
  read(map, "sa", policy.sa, parse_reference);
  map.finish();
  if (const auto* said = std::get_if<base::Said>(&policy.sa); said != nullptr && said->magic()) {
    policy.action = magic_action(*said);
    policy.sa = {};
  }
  finish_policy(std::move(policy), before, item.place, "eroutes", diagnostics, out);
}

template <class Load>
void each_item(MapReader& map, std::string_view key, Load load) {
  const YamlEntry* const entry = map.find_entry(key);
  if (entry == nullptr || entry->value->is_null()) return;
  for (const YamlNodePtr& item : list_items(*entry, map.diagnostics())) load(*item);
}

void load_spd(const YamlEntry& entry, Diagnostics& diagnostics, Manual& out) {
  const auto id = parse_u32(entry.key);
  if (id.has_error()) return diagnostics.error(entry.place, "spds: " + id.error().reason);
  out.spds.push_back(*id);
  MapReader spd(*entry.value, entry.key, entry.place, diagnostics);
  each_item(spd, "interfaces", [&](const YamlNode& item) {
    const auto name = scalar_text(item, "interfaces", diagnostics);
    if (name) out.bindings.push_back({std::string(*name), *id});
  });
  each_item(spd, "policies", [&](const YamlNode& item) { load_policy(item, *id, diagnostics, out); });
  spd.finish();
}

}  // namespace

base::SecretBytes Credentials::read_key(const YamlEntry& entry) {
  const YamlNode* node = entry.value.get();
  std::optional<base::SecretBytes> contents;
  std::string_view text;
  if (node->is_map()) {
    MapReader map(*node, entry.key, entry.place, diagnostics_);
    const YamlNode* const file = map.find("file");
    map.finish(true);
    if (file != nullptr) contents = file_contents(*file, "file", true);
    if (!contents) return {};
    text = base::as_text(contents->span());
    while (text.ends_with('\n')) text.remove_suffix(1);
  } else {
    const auto inline_text = scalar_text(*node, entry.key, diagnostics_);
    if (!inline_text) return {};
    warn_exposed(node->place);
    text = *inline_text;
  }
  base::Bytes octets;
  const bool good = base::from_hex(text, octets);
  base::SecretBytes key{base::ByteSpan(octets)};
  base::wipe(octets);
  if (good) return key;
  diagnostics_.error(node->place,
                     entry.key + ": expected pairs of hexadecimal digits, or {file: PATH} with them");
  return {};
}

void load_manual(MapReader manual, Credentials& credentials, Manual& out) {
  if (!manual.sound()) return;
  Diagnostics& diagnostics = manual.diagnostics();
  read(manual, "state", out.state, parse_text);
  each_item(manual, "sas", [&](const YamlNode& item) { load_sa(item, credentials, diagnostics, out); });
  each_item(manual, "groups", [&](const YamlNode& item) { load_group(item, diagnostics, out); });
  each_item(manual, "eroutes", [&](const YamlNode& item) { load_eroute(item, diagnostics, out); });
  const YamlEntry* const spds = manual.find_entry("spds");
  if (spds != nullptr && MapReader(*spds->value, "spds", spds->place, diagnostics).sound()) {
    for (const YamlEntry& spd : spds->value->entries) load_spd(spd, diagnostics, out);
  }
  manual.finish();
}

}  // namespace config
