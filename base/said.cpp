#include "base/said.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <utility>

namespace base {
namespace {

using Name = std::pair<std::string_view, std::uint8_t>;
constexpr std::array<Name, 5> kProtocols = {{{"esp", ip_protocol::kEsp},
                                             {"ah", ip_protocol::kAh},
                                             {"tun", ip_protocol::kIpIp},
                                             {"comp", ip_protocol::kComp},
                                             {"int", Said::kMagic}}};

using MagicName = std::pair<std::string_view, MagicSa>;
constexpr std::array<MagicName, 8> kMagicNames = {{{"%pass", MagicSa::pass},
                                                   {"%drop", MagicSa::drop},
                                                   {"%reject", MagicSa::reject},
                                                   {"%hold", MagicSa::hold},
                                                   {"%trap", MagicSa::trap},
                                                   {"%passthrough", MagicSa::pass},
                                                   {"%passthrough4", MagicSa::pass},
                                                   {"%passthrough6", MagicSa::pass}}};

Error no_said(std::string_view text) {
  return local_error(
      fmt::format("'{}' is no SA: write PROTOCOL.SPI@ADDRESS, with esp, ah, tun or comp and the SPI in "
                  "hexadecimal",
                  text.substr(0, 64)));
}

}  // namespace

std::string said_protocol_name(std::uint8_t protocol) {
  for (const auto& [name, number] : kProtocols) {
    if (number == protocol) return std::string(name);
  }
  return fmt::format("unk{}", protocol);
}

std::uint8_t said_protocol(std::string_view word) {
  for (const auto& [name, number] : kProtocols) {
    if (name == word) return number;
  }
  return 0;
}

std::string said_text(const Said& said, SaidForm form) {
  if (said.magic()) {
    for (const auto& [name, magic] : kMagicNames) {
      if (static_cast<std::uint32_t>(magic) == said.spi.value) return std::string(name);
    }
    return fmt::format("%unk-{}", said.spi.value);
  }
  const char* const mark = form == SaidForm::hex ? "0x" : said.destination.is_v6() ? ":" : ".";
  return fmt::format("{}{}{:x}@{}", said_protocol_name(said.protocol), mark, said.spi.value,
                     said.destination.is_set() ? said.destination.text() : "");
}

Result<Said> parse_said(std::string_view text) {
  for (const auto& [name, magic] : kMagicNames) {
    if (name == text) return Said{Said::kMagic, Spi(static_cast<std::uint32_t>(magic)), {}};
  }
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return no_said(text);
  std::string_view front = text.substr(0, at);
  std::size_t letters = 0;
  while (letters < front.size() && front[letters] >= 'a' && front[letters] <= 'z') ++letters;
  Said said;
  said.protocol = said_protocol(front.substr(0, letters));
  front.remove_prefix(letters);
  if (said.protocol == 0 || said.magic()) return no_said(text);
  const bool dotted = front.substr(0, 1) == "." || front.substr(0, 1) == ":";
  if (!dotted && front.substr(0, 2) != "0x") return no_said(text);
  const char mark = front[0];
  front.remove_prefix(dotted ? 1 : 2);
  if (dotted && front.substr(0, 2) == "0x") front.remove_prefix(2);
  const auto [end, error] = std::from_chars(front.data(), front.data() + front.size(), said.spi.value, 16);
  const auto address = IpAddress::parse(text.substr(at + 1));
  const bool whole = error == std::errc() && end == front.data() + front.size() && !front.empty();
  if (!whole || !address) return no_said(text);
  said.destination = *address;
  if (dotted && (mark == ':') != address->is_v6()) {
    return local_error(fmt::format("'{}': '.' stands for IPv4 and ':' for IPv6", text.substr(0, 64)));
  }
  return said;
}

}  // namespace base
