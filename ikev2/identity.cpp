#include "ikev2/identity.h"

#include <algorithm>

#include "crypto/distinguished_name.h"

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

// The text form, or the DER in hexadecimal.
base::Result<Identity> parse_distinguished_name(std::string_view value) {
  const std::string subject = "the identity der-asn1-dn:" + cap(escape(value));
  if (value.starts_with("0x") || value.starts_with("0X")) {
    ASSIGN_OR_RETURN(Identity id, parse_hex(IdType::der_asn1_dn, value));
    if (!crypto::is_dn(id.data)) return base::local_error(subject + " is not the DER of a name");
    return id;
  }
  auto name = crypto::parse_dn(value);
  if (name.has_error()) return base::local_error(subject + ": " + name.error().reason);
  return Identity{IdType::der_asn1_dn, std::move(*name)};
}

base::Result<Identity> parse_address(IdType type, std::string_view value) {
  const auto address = base::IpAddress::parse(value);
  if (!address || address->is_v4() != (type == IdType::ipv4)) {
    return base::local_error("the identity " + name(type) + ":" + cap(escape(value)) + " is no " +
                             (type == IdType::ipv4 ? "IPv4" : "IPv6") + " address");
  }
  return Identity::of(*address);
}

// "*.example.com", "*@example.com": `suffix` is what follows the star.
bool matches_suffix(std::string_view suffix, std::string_view name) {
  if (name.size() <= suffix.size()) return false;
  const std::string_view labels = name.substr(0, name.size() - suffix.size());
  if (!equal_without_case(name.substr(labels.size()), suffix)) return false;
  // Labels that a host name could have: none empty, nothing that a log or a terminal would choke on.
  return labels.find('@') == std::string_view::npos && labels.front() != '.' && labels.back() != '.' &&
         labels.find("..") == std::string_view::npos && std::all_of(labels.begin(), labels.end(), [](char c) {
           return is_plain(c) && c != ' ' && c != '*';
         });
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
  if (kind == known_name(IdType::der_asn1_dn) && colon != std::string_view::npos)
    return parse_distinguished_name(value);
  for (const IdType type : {IdType::key_id, IdType::der_asn1_gn}) {
    if (kind == known_name(type) && colon != std::string_view::npos) return parse_hex(type, value);
  }
  for (const IdType type : {IdType::ipv4, IdType::ipv6}) {
    if (kind == known_name(type) && colon != std::string_view::npos) return parse_address(type, value);
  }
  return base::local_error(
      "'" + cap(escape(text)) +
      "' is no identity: an address, or fqdn:, rfc822:, ip4-addr:, ip6-addr:, key-id:0x or "
      "der-asn1-dn: and a value");
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
  if (type == IdType::der_asn1_dn && crypto::is_dn(data)) return cap(prefix + ":" + crypto::dn_text(data));
  return cap(prefix + ":0x" + base::to_hex(base::ByteSpan(data).first(std::min(data.size(), kLongestText))));
}

base::Result<IdentityPattern> IdentityPattern::parse(std::string_view text) {
  if (text == "%any") return IdentityPattern();
  const auto colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  for (const auto& [type, star] : {std::pair(IdType::fqdn, "*."), std::pair(IdType::rfc822, "*@")}) {
    if (kind != known_name(type) || !value.starts_with(star)) continue;
    RETURN_IF_ERROR(check_name(value.substr(2), known_name(type)));
    IdentityPattern pattern(Identity{type, base::to_bytes(base::as_bytes(value))});
    pattern.wildcard_ = true;
    return pattern;
  }
  if ((kind == known_name(IdType::ipv4) || kind == known_name(IdType::ipv6)) &&
      value.find('/') != std::string_view::npos) {
    const auto prefix = base::Prefix::parse(value);
    if (!prefix || prefix->address.is_v4() != (kind == known_name(IdType::ipv4)))
      return base::local_error("the identity " + cap(escape(text)) + " is no network of that family");
    IdentityPattern pattern(Identity::of(prefix->address));
    pattern.wildcard_ = true;
    pattern.prefix_bits_ = prefix->length;
    return pattern;
  }
  ASSIGN_OR_RETURN(Identity exact, Identity::parse(text));
  IdentityPattern pattern(std::move(exact));
  if (kind == known_name(IdType::der_asn1_dn) && crypto::has_wildcard(pattern.pattern_->data))
    pattern.wildcard_ = true;
  return pattern;
}

bool IdentityPattern::matches(const Identity& id) const {
  if (!pattern_) return true;
  if (pattern_->type != id.type) return false;
  const std::string_view ours = base::as_text(pattern_->data), theirs = base::as_text(id.data);
  switch (id.type) {
    case IdType::fqdn:
    case IdType::rfc822:
      return wildcard_ ? matches_suffix(ours.substr(1), theirs) : equal_without_case(ours, theirs);
    case IdType::der_asn1_dn:
      return wildcard_ ? crypto::dn_matches(pattern_->data, id.data)
                       : crypto::same_dn(pattern_->data, id.data);
    case IdType::ipv4:
    case IdType::ipv6: {
      if (!wildcard_) break;
      const auto address = base::IpAddress::from_bytes(id.data);
      return address.is_set() &&
             base::Prefix{base::IpAddress::from_bytes(pattern_->data), prefix_bits_}.contains(address);
    }
    default:
      break;
  }
  return pattern_->data == id.data;
}

std::string IdentityPattern::text() const {
  if (!pattern_) return "%any";
  const bool network = wildcard_ && (pattern_->type == IdType::ipv4 || pattern_->type == IdType::ipv6);
  return pattern_->text() + (network ? "/" + std::to_string(prefix_bits_) : "");
}

}  // namespace ikev2
