#include "config/loaders.h"
#include "config/proposal_text.h"
#include "config/scalar.h"

namespace config {

namespace {

using ikev2::Mode;
using ikev2::Start;

constexpr std::size_t kMostSelectors = 255;  // the count in a TS payload is one octet, RFC 7296 3.13
constexpr std::size_t kMostProposals = 255;  // so is a proposal's number, RFC 7296 3.3.1

base::Result<Mode> parse_child_mode(std::string_view text) {
  return parse_word<Mode>(text, {{"tunnel", Mode::tunnel}, {"transport", Mode::transport}});
}

// ESP proposals read as AH's: a child without encryption.
base::Result<ikev2::ProtocolId> parse_protocol(std::string_view text) {
  return parse_word<ikev2::ProtocolId>(text,
                                       {{"esp", ikev2::ProtocolId::esp}, {"ah", ikev2::ProtocolId::ah}});
}

base::Result<Start> parse_start(std::string_view text) {
  return parse_word<Start>(text, {{"none", Start::none}, {"up", Start::up}, {"trap", Start::trap}});
}

base::Result<std::uint64_t> parse_count(std::string_view text) {
  return parse_number(text, 0, ~std::uint64_t{0});
}

void read_selectors(MapReader& map, std::string_view key, spd::TrafficSelectors& out) {
  read_list(map, key, out,
            [](std::string_view text, const YamlNode&) { return spd::TrafficSelector::parse(text); });
  if (out.size() > kMostSelectors) {
    map.diagnostics().error(map.find(key)->place, fmt::format("{}: more than 255 selectors", key));
  }
}

// Octets of a padded packet; `full`: as many as the path takes.
base::Result<std::uint32_t> parse_padded(std::string_view text) {
  constexpr std::uint32_t kLargest = 65535;  // of an IP packet
  if (text == "full") return kLargest;
  auto value = parse_number(text, 1, kLargest);
  if (value.has_error()) return base::local_error(value.error().reason + ", nor full");
  return static_cast<std::uint32_t>(*value);
}

void load_tfc(MapReader tfc, ikev2::ChildConfig& out) {
  read(tfc, "pad_to", out.tfc_size, parse_padded);
  read(tfc, "dummy_every", out.dummy_every, [](std::string_view text) -> base::Result<std::uint32_t> {
    ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 1, 1'000'000));
    return static_cast<std::uint32_t>(value);
  });
  tfc.finish();
}

void read_optional_duration(MapReader& map, std::string_view key, std::optional<base::Duration>& out) {
  base::Duration value{};
  if (read(map, key, value, parse_duration)) out = value;
}

}  // namespace

void check_name(const YamlEntry& entry, std::string_view what, Diagnostics& diagnostics) {
  if (is_name(entry.key)) return;
  diagnostics.error(entry.place,
                    fmt::format("{} is no name for a {}: letters, digits, '_', '-' and '.', at most 64",
                                quote(entry.key), what));
}

void read_replay_window(MapReader& map, std::uint32_t& out) {
  constexpr std::uint64_t kMost = 4096;  // packets: what esp/replay_window.h keeps
  read(map, "replay_window", out, [](std::string_view text) -> base::Result<std::uint32_t> {
    ASSIGN_OR_RETURN(const std::uint64_t value, parse_number(text, 0, kMost));
    return static_cast<std::uint32_t>(value);
  });
}

void read_proposals(MapReader& map, ikev2::Proposals& out, ProposalParser parse) {
  Diagnostics& diagnostics = map.diagnostics();
  read_list(map, "proposals", out, [&](std::string_view text, const YamlNode& node) {
    std::vector<std::string> warnings;
    auto proposal = parse(text, warnings);
    for (const std::string& warning : warnings) diagnostics.warning(node.place, "proposals: " + warning);
    return proposal;
  });
  if (out.size() > kMostProposals) {
    diagnostics.error(map.find("proposals")->place, "proposals: more than 255");
  }
}

ikev2::ChildConfig load_child(const YamlEntry& entry, std::uint32_t replay_window, Diagnostics& diagnostics) {
  check_name(entry, "child", diagnostics);
  ikev2::ChildConfig out;
  out.name = entry.key;
  out.replay_window = replay_window;
  MapReader child(*entry.value, entry.key, entry.place, diagnostics);
  auto protocol = ikev2::ProtocolId::esp;
  read(child, "protocol", protocol, parse_protocol);
  const bool ah = protocol == ikev2::ProtocolId::ah;
  out.proposals = ah ? default_ah_proposals() : default_child_proposals();
  out.ike_group_on_rekey = child.find("proposals") == nullptr;
  read_selectors(child, "local_ts", out.local_ts);
  read_selectors(child, "remote_ts", out.remote_ts);
  read_proposals(child, out.proposals, ah ? parse_ah_proposal : parse_child_proposal);
  read(child, "mode", out.mode, parse_child_mode);
  read(child, "start", out.start, parse_start);
  read(child, "lifetime", out.lifetime, parse_positive_duration);
  read(child, "lifetime_bytes", out.lifetime_bytes, parse_size);
  read(child, "lifetime_packets", out.lifetime_packets, parse_count);
  read(child, "inactivity", out.inactivity, parse_positive_duration);
  read(child, "sha2_256_96", out.sha2_256_96, parse_bool);
  read_optional_duration(child, "jitter", out.jitter);
  read_optional_duration(child, "handover", out.handover);
  read_replay_window(child, out.replay_window);
  load_tfc(child.map("tfc"), out);
  child.finish();
  return out;
}

}  // namespace config
