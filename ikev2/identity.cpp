#include "ikev2/identity.h"

#include <algorithm>

namespace ikev2 {
namespace {

constexpr std::size_t kLongestText = 256;  // characters

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// Printable ASCII but the backslash, which begins an escape.
bool is_plain(char c) { return c >= 0x20 && c < 0x7f && c != '\\'; }

std::string escape(std::string_view octets) {
  std::string text;
  for (const char c : octets) {
    if (is_plain(c)) {
      text += c;
    } else {
      text += "\\x" + base::to_hex(static_cast<std::uint8_t>(c), 2);
    }
    if (text.size() > kLongestText) break;  // cut later
  }
  return text;
}

std::string cap(std::string text) {
  if (text.size() <= kLongestText) return text;
  text.resize(kLongestText - 3);
  return text + "...";
}

// A host name or a mailbox as users write it: printable, without blanks and wildcards.
base::Status check_name(std::string_view value, std::string_view what) {
  const std::string subject = "the identity " + std::string(what) + ":" + cap(escape(value));
  if (value.empty()) return base::local_error(subject + " is empty");
  if (value.size() > 255) return base::local_error(subject + " is longer than 255 characters");
  for (const char c : value) {
    if (!is_plain(c) || c == ' ') return base::local_error(subject + " holds a character that it cannot");
    if (c == '*')
      return base::local_error(subject + ": a wildcard may only be a remote identity, fqdn:*.domain");
  }
  return {};
}

base::Result<Identity> parse_name(IdType type, std::string_view value) {
  RETURN_IF_ERROR(check_name(value, known_name(type)));
  if (type == IdType::rfc822) {
    const auto at = value.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == value.size()) {
      return base::local_error("the identity rfc822:" + std::string(value) + " is no mail address");
    }
  }
  return Identity{type, base::to_bytes(base::as_bytes(value))};
}

base::Result<Identity> parse_hex(IdType type, std::string_view value) {
  Identity id{type, {}};
  const bool prefixed = value.starts_with("0x") || value.starts_with("0X");
  if (!prefixed || !base::from_hex(value, id.data) || id.data.empty()) {
    return base::local_error("the identity " + name(type) + ":" + cap(escape(value)) +
                             " needs 0x and an even number of hexadecimal digits");
  }
  return id;
}

base::Result<Identity> parse_address(IdType type, std::string_view value) {
  const auto address = base::IpAddress::parse(value);
  if (!address || address->is_v4() != (type == IdType::ipv4)) {
    return base::local_error("the identity " + name(type) + ":" + cap(escape(value)) + " is no " +
                             (type == IdType::ipv4 ? "IPv4" : "IPv6") + " address");
  }
  return Identity::of(*address);
}

// "*.example.com": what follows the star, with its dot.
bool matches_wildcard(std::string_view pattern, std::string_view name) {
  const std::string_view suffix = pattern.substr(1);
  if (name.size() <= suffix.size()) return false;
  const std::string_view labels = name.substr(0, name.size() - suffix.size());
  if (!equal_without_case(name.substr(labels.size()), suffix)) return false;
  // Labels that a host name could have: none empty, nothing that a log or a terminal would choke on.
  return labels.front() != '.' && labels.back() != '.' && labels.find("..") == std::string_view::npos &&
         std::all_of(labels.begin(), labels.end(),
                     [](char c) { return is_plain(c) && c != ' ' && c != '*'; });
}

}  // namespace

Identity Identity::of(const base::IpAddress& address) {
  return {address.is_v4() ? IdType::ipv4 : IdType::ipv6, address.bytes()};
}

base::Result<Identity> Identity::parse(std::string_view text) {
  if (const auto address = base::IpAddress::parse(text)) return of(*address);
  const auto colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  for (const IdType type : {IdType::fqdn, IdType::rfc822}) {
    if (kind == known_name(type) && colon != std::string_view::npos) return parse_name(type, value);
  }
  for (const IdType type : {IdType::key_id, IdType::der_asn1_dn, IdType::der_asn1_gn}) {
    if (kind == known_name(type) && colon != std::string_view::npos) return parse_hex(type, value);
  }
  for (const IdType type : {IdType::ipv4, IdType::ipv6}) {
    if (kind == known_name(type) && colon != std::string_view::npos) return parse_address(type, value);
  }
  return base::local_error(
      "'" + cap(escape(text)) +
      "' is no identity: an address, or fqdn:, rfc822:, ip4-addr:, ip6-addr:, key-id:0x or "
      "der-asn1-dn:0x and a value");
}

std::string Identity::text() const {
  std::string prefix =
      known_name(type).empty() ? "id-type-" + std::to_string(static_cast<unsigned>(type)) : ikev2::name(type);
  if (type == IdType::null && data.empty()) return prefix;
  const auto address = base::IpAddress::from_bytes(data);
  if ((type == IdType::ipv4 && address.is_v4()) || (type == IdType::ipv6 && address.is_v6())) {
    return prefix + ":" + address.text();
  }
  if (type == IdType::fqdn || type == IdType::rfc822) return cap(prefix + ":" + escape(base::as_text(data)));
  return cap(prefix + ":0x" + base::to_hex(base::ByteSpan(data).first(std::min(data.size(), kLongestText))));
}

base::Result<IdentityPattern> IdentityPattern::parse(std::string_view text) {
  if (text == "%any") return IdentityPattern();
  if (!text.starts_with("fqdn:*.")) {
    ASSIGN_OR_RETURN(Identity exact, Identity::parse(text));
    return IdentityPattern(std::move(exact));
  }
  const std::string_view value = text.substr(5);
  RETURN_IF_ERROR(check_name(value.substr(2), "fqdn"));
  IdentityPattern pattern(Identity{IdType::fqdn, base::to_bytes(base::as_bytes(value))});
  pattern.wildcard_ = true;
  return pattern;
}

bool IdentityPattern::matches(const Identity& id) const {
  if (!pattern_) return true;
  if (pattern_->type != id.type) return false;
  const std::string_view ours = base::as_text(pattern_->data), theirs = base::as_text(id.data);
  if (wildcard_) return matches_wildcard(ours, theirs);
  if (id.type == IdType::fqdn || id.type == IdType::rfc822) return equal_without_case(ours, theirs);
  return pattern_->data == id.data;
}

std::string IdentityPattern::text() const { return pattern_ ? pattern_->text() : "%any"; }

}  // namespace ikev2
