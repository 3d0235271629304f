#include "apps/daemon/manual/requests.h"

#include <fmt/core.h>

#include <utility>

#include "apps/daemon/manual/json_args.h"
#include "config/manual_check.h"

namespace daemon_app {
namespace {

using config::ManualLimit;
using config::ManualPolicy;
using config::ManualSa;
using config::ManualSaRef;
using nlohmann::json;
using spd::Action;
using spd::Direction;

constexpr std::uint64_t kMost = ~std::uint64_t{0}, kMost32 = 0xffffffff;
constexpr std::uint64_t kWidestWindow = 4096;  // packets, as in profiles

// One of a few words; the first of them where the argument is left out and `needed` is false.
template <class T, std::size_t N>
T word(JsonArgs& args, const char* key, bool needed, const std::pair<const char*, T> (&words)[N]) {
  const auto text = args.optional_text(key);
  std::string list;
  for (const auto& [name, value] : words) {
    if (text && *text == name) return value;
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  if (text || needed) args.fail(fmt::format("{} is none of {}", key, list));
  return words[0].second;
}

base::IpAddress address(JsonArgs& args, const char* key) {
  const auto text = args.optional_text(key);
  if (!text) return {};
  const auto parsed = base::IpAddress::parse(*text);
  if (!parsed) args.fail(fmt::format("{}: '{}' is no address", key, text->substr(0, 64)));
  return parsed.value_or(base::IpAddress{});
}

spd::TrafficSelector selector(JsonArgs& args, const char* key) {
  const std::string text = args.text(key);
  auto parsed = spd::TrafficSelector::parse(text);
  if (!parsed.has_error()) return *parsed;
  args.fail(fmt::format("{}: {}", key, parsed.error().reason));
  return {};
}

// A named SA, in either way, or none.
ManualSaRef reference(JsonArgs& args) {
  const auto id = args.optional_number("id", 0, static_cast<std::int64_t>(kMost32));
  const auto said = args.optional_text("said");
  if (id && said) args.fail("id and said are two names: one is enough");
  if (id) return static_cast<std::uint32_t>(*id);
  if (!said) return {};
  const auto parsed = base::parse_said(*said);
  if (parsed.has_error()) {
    args.fail(parsed.error().reason);
    return {};
  }
  return *parsed;
}

ManualLimit limit(JsonArgs& args, const char* key) {
  const json& pair = args.at(key);
  if (pair.is_null()) return {};
  const auto count = [](const json& one) {
    return one.is_number_unsigned() || (one.is_number_integer() && one.get<std::int64_t>() >= 0);
  };
  if (pair.is_array() && pair.size() == 2 && count(pair[0]) && count(pair[1]))
    return {pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()};
  args.fail(fmt::format("{} is no pair of a soft and a hard limit", key));
  return {};
}

void read_life(JsonArgs& args, config::ManualLife& out) {
  const json& life = args.at("life");
  if (life.is_null()) return;
  JsonArgs limits(life, "life");
  out = {limit(limits, "allocations"), limit(limits, "bytes"), limit(limits, "addtime"),
         limit(limits, "usetime"), limit(limits, "packets")};
  const base::Status read = limits.finish();
  if (read.has_error()) args.fail("life: " + read.error().reason);
}

void read_wire(JsonArgs& args, ManualSa& sa) {
  sa.esn = args.flag("esn", false);
  sa.replay_window = static_cast<std::uint32_t>(args.number("replay_window", 64, kWidestWindow));
  sa.udp_encap = args.flag("udp_encap", false);
  sa.alone = args.flag("alone", false);
  sa.source_port = static_cast<std::uint16_t>(args.number("source_port", 4500, 65535));
  sa.destination_port = static_cast<std::uint16_t>(args.number("destination_port", 4500, 65535));
  read_life(args, sa.life);
}

void read_algorithms(JsonArgs& args, ManualSa& sa) {
  const std::string encr = args.optional_text("encr").value_or("");
  const std::string integ = args.optional_text("integ").value_or("");
  const base::Status set = config::set_algorithms(sa, encr, integ);
  if (set.has_error()) args.fail(set.error().reason);
  sa.encr_key = args.hex("encr_key");
  sa.integ_key = args.hex("integ_key");
}

constexpr std::pair<const char*, Direction> kDirections[] = {{"outbound", Direction::outbound},
                                                             {"inbound", Direction::inbound}};

}  // namespace

base::Result<ManualSa> read_manual_sa(const json& object) {
  JsonArgs args(object);
  ManualSa sa;
  if (const auto id = args.optional_number("id", 0, static_cast<std::int64_t>(kMost32)))
    sa.id = static_cast<std::uint32_t>(*id);
  sa.protocol = word<std::uint8_t>(args, "protocol", false,
                                   {{"esp", base::ip_protocol::kEsp},
                                    {"ah", base::ip_protocol::kAh},
                                    {"tun", base::ip_protocol::kIpIp},
                                    {"comp", base::ip_protocol::kComp}});
  if (!args.has("spi")) args.fail("spi is missing");
  sa.spi = base::Spi(static_cast<std::uint32_t>(args.number("spi", 0, kMost32)));
  sa.source = address(args, "source");
  sa.destination = address(args, "destination");
  sa.mode = word<ikev2::Mode>(args, "mode", false,
                              {{"transport", ikev2::Mode::transport}, {"tunnel", ikev2::Mode::tunnel}});
  if (args.has("direction")) sa.direction = word<Direction>(args, "direction", true, kDirections);
  read_algorithms(args, sa);
  read_wire(args, sa);
  RETURN_IF_ERROR(args.finish());
  return sa;
}

base::Result<ManualPolicy> read_manual_policy(const json& object) {
  JsonArgs args(object);
  ManualPolicy policy;
  policy.spd = static_cast<std::uint32_t>(args.number("spd", 0, kMost32 - 1));
  if (!args.has("spd")) args.fail("spd is missing");
  policy.direction = word<Direction>(args, "direction", true, kDirections);
  const auto priority = args.optional_number("priority", INT32_MIN, INT32_MAX);
  policy.priority = static_cast<std::int32_t>(priority.value_or(0));
  policy.action = word<Action>(args, "action", true,
                               {{"bypass", Action::bypass},
                                {"discard", Action::discard},
                                {"protect", Action::protect},
                                {"reject", Action::reject}});
  policy.local = selector(args, "local");
  policy.remote = selector(args, "remote");
  policy.sa = reference(args);
  RETURN_IF_ERROR(args.finish());
  return policy;
}

base::Result<ManualPolicy> read_manual_eroute(const json& object, bool names_sa) {
  JsonArgs args(object);
  ManualPolicy policy;
  policy.direction = word<Direction>(args, "direction", false, kDirections);
  const bool out = policy.direction == Direction::outbound;
  policy.local = selector(args, out ? "source" : "destination");
  policy.remote = selector(args, out ? "destination" : "source");
  if (names_sa) {
    policy.sa = reference(args);
    const auto* said = std::get_if<base::Said>(&policy.sa);
    if (said == nullptr) args.fail("said is missing");
    if (said != nullptr && said->magic()) {
      policy.action = config::magic_action(*said);
      policy.sa = {};
    }
  }
  RETURN_IF_ERROR(args.finish());
  return policy;
}

base::Result<config::ManualBinding> read_manual_binding(const json& object) {
  JsonArgs args(object);
  config::ManualBinding binding{args.text("interface"),
                                static_cast<std::uint32_t>(args.number("spd", 0, kMost32 - 1))};
  if (!args.has("spd")) args.fail("spd is missing");
  RETURN_IF_ERROR(args.finish());
  return binding;
}

base::Result<ManualSaRef> read_manual_ref(const json& object) {
  JsonArgs args(object);
  ManualSaRef ref = reference(args);
  if (std::holds_alternative<std::monostate>(ref)) args.fail("id or said is missing");
  RETURN_IF_ERROR(args.finish());
  return ref;
}

base::Result<std::vector<base::Said>> read_manual_members(const json& object) {
  JsonArgs args(object);
  std::vector<base::Said> members;
  const json& list = args.at("members");
  if (!list.is_array()) args.fail("members is no list");
  for (const json& item : list) {
    const auto said = item.is_string() ? base::parse_said(item.get<std::string>())
                                       : base::Result<base::Said>(base::local_error("a member is no text"));
    if (said.has_error()) return said.error();
    members.push_back(*said);
  }
  RETURN_IF_ERROR(args.finish());
  return members;
}

base::Result<std::uint32_t> read_manual_spd(const json& object) {
  JsonArgs args(object);
  const auto spd = static_cast<std::uint32_t>(args.number("spd", 0, kMost32 - 1));
  if (!args.has("spd")) args.fail("spd is missing");
  RETURN_IF_ERROR(args.finish());
  return spd;
}

base::Result<ManualAttachment> read_manual_attachment(const json& object, bool attaches) {
  JsonArgs args(object);
  ManualAttachment out;
  out.device = attaches ? args.text("virtual") : args.optional_text("virtual").value_or("");
  if (attaches) out.physical = args.text("physical");
  RETURN_IF_ERROR(args.finish());
  return out;
}

base::Result<ManualKeys> read_manual_keys(const json& object) {
  JsonArgs args(object);
  ManualKeys keys{reference(args), args.hex("encr_key"), args.hex("integ_key")};
  if (std::holds_alternative<std::monostate>(keys.sa)) args.fail("id or said is missing");
  RETURN_IF_ERROR(args.finish());
  return keys;
}

}  // namespace daemon_app
