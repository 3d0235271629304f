// Selectors as people write them.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "spd/selector.h"

namespace spd {
namespace {

struct ProtocolName {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array kProtocols = {ProtocolName{"icmp", 1},    ProtocolName{"tcp", 6},
                                   ProtocolName{"udp", 17},    ProtocolName{"gre", 47},
                                   ProtocolName{"esp", 50},    ProtocolName{"ah", 51},
                                   ProtocolName{"icmpv6", 58}, ProtocolName{"sctp", 132},
                                   ProtocolName{"mh", 135},    ProtocolName{"udplite", 136}};

// Whether the port fields hold a type in the high octet and a code in the low one (RFC 7296 3.13.1).
bool has_types(std::uint8_t protocol) { return protocol == 1 || protocol == 58 || protocol == 135; }
std::optional<std::uint16_t> number(std::string_view text, unsigned limit) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > limit) return {};
  return static_cast<std::uint16_t>(value);
}

std::optional<std::uint8_t> protocol_number(std::string_view text) {
  for (const auto& p : kProtocols) {
    if (p.name == text) return p.number;
  }
  const auto n = number(text, 255);
  if (!n) return {};
  return static_cast<std::uint8_t>(*n);
}

// One end of a range of types: "8" is all codes of type 8, "8.0" one of them.
std::optional<std::uint16_t> type_and_code(std::string_view text, unsigned code_if_none) {
  const auto dot = text.find('.');
  const auto type = number(text.substr(0, dot), 255);
  if (!type) return {};
  std::optional<std::uint16_t> code = static_cast<std::uint16_t>(code_if_none);
  if (dot != std::string_view::npos) code = number(text.substr(dot + 1), 255);
  if (!code) return {};
  return static_cast<std::uint16_t>(*type << 8 | *code);
}

base::Status parse_ports(std::string_view text, TrafficSelector& out) {
  if (!has_types(out.protocol) && !has_port_numbers(out.protocol)) {
    return base::malformed(fmt::format("protocol {} has no ports", out.protocol));
  }
  if (text == "opaque") {
    out.first_port = 65535;
    out.last_port = 0;
    return {};
  }
  const auto dash = text.find('-');
  const auto low = text.substr(0, dash);
  const auto high = dash == std::string_view::npos ? low : text.substr(dash + 1);
  const bool types = has_types(out.protocol);
  const auto first = types ? type_and_code(low, 0) : number(low, 65535);
  const auto last = types ? type_and_code(high, 255) : number(high, 65535);
  if (!first || !last) return base::malformed(fmt::format("\"{}\" is no port or range of ports", text));
  if (*last < *first) return base::malformed(fmt::format("the range of ports {} is upside down", text));
  out.first_port = *first;
  out.last_port = *last;
  return {};
}

base::Result<base::AddressRange> parse_range(std::string_view text) {
  if (const auto prefix = base::Prefix::parse(text)) return prefix->range();
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto first = base::IpAddress::parse(text.substr(0, dash));
    const auto last = base::IpAddress::parse(text.substr(dash + 1));
    if (first && last && first->family() == last->family()) {
      if (*last < *first) return base::malformed(fmt::format("the range {} is upside down", text));
      return base::AddressRange{*first, *last};
    }
  }
  return base::malformed(
      fmt::format("\"{}\" is no network (host bits zero), address or range of addresses", text));
}

std::string protocol_text(std::uint8_t protocol) {
  for (const auto& p : kProtocols) {
    if (p.number == protocol) return std::string(p.name);
  }
  return std::to_string(protocol);
}

std::string ports_text(const TrafficSelector& ts) {
  if (ts.opaque()) return "opaque";
  if (!has_types(ts.protocol)) {
    const std::string first = std::to_string(ts.first_port);
    return ts.first_port == ts.last_port ? first : fmt::format("{}-{}", first, ts.last_port);
  }
  const auto one = [](unsigned value, unsigned silent_code) {
    const std::string type = std::to_string(value >> 8);
    return (value & 255) == silent_code ? type : fmt::format("{}.{}", type, value & 255);
  };
  const bool whole_type =
      ts.first_port >> 8 == ts.last_port >> 8 && (ts.first_port & 255) == 0 && (ts.last_port & 255) == 255;
  if (whole_type) return std::to_string(ts.first_port >> 8);
  // A single "type" would mean all its codes, so one code is always spelt out.
  if (ts.first_port == ts.last_port) return one(ts.first_port, 256);
  return fmt::format("{}-{}", one(ts.first_port, 0), one(ts.last_port, 255));
}

}  // namespace

base::Result<TrafficSelector> TrafficSelector::parse(std::string_view text) {
  const auto bar = text.find('|');
  ASSIGN_OR_RETURN(const base::AddressRange range, parse_range(text.substr(0, bar)));
  TrafficSelector out = of(range);
  if (bar == std::string_view::npos) return out;
  const auto rest = text.substr(bar + 1);
  const auto slash = rest.find('/');
  const auto protocol = protocol_number(rest.substr(0, slash));
  if (!protocol) {
    return base::malformed(fmt::format("\"{}\" is no protocol", rest.substr(0, slash)));
  }
  out.protocol = *protocol;
  if (slash != std::string_view::npos) RETURN_IF_ERROR(parse_ports(rest.substr(slash + 1), out));
  return out;
}

std::string TrafficSelector::text() const {
  std::string out;
  if (const auto prefix = base::as_prefix(range)) {
    out = prefix->text();
  } else {
    out = fmt::format("{}-{}", range.first.text(), range.last.text());
  }
  if (protocol != 0 || !all_ports()) out += fmt::format("|{}", protocol_text(protocol));
  if (!all_ports()) out += fmt::format("/{}", ports_text(*this));
  return out;
}

}  // namespace spd
