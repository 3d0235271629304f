// Identities of peers, RFC 7296 3.5: byte strings with a type, never C strings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ip.h"
#include "base/result.h"
#include "ikev2/types.h"

namespace ikev2 {

struct Identity {
  IdType type = IdType::ipv4;
  base::Bytes data;

  auto operator<=>(const Identity&) const = default;
  static Identity of(const base::IpAddress& address);
  // "fqdn:vpp.home", "ip4-addr:192.0.2.1", "rfc822:a@b", "key-id:0x…", "ip6-addr:…", "der-asn1-dn:O=b,CN=a",
  // or a bare address. The error says what is wrong with the text. der-asn1-dn also takes 0x + hex of the
  // DER.
  static base::Result<Identity> parse(std::string_view text);
  // The same form, unprintable octets escaped as \xNN, capped at 256 characters: safe in logs.
  std::string text() const;
};

// What a configured remote identity admits: exactly one, or a wildcard: "fqdn:*.example.com",
// "rfc822:*@example.com", "ip4-addr:192.0.2.0/24", "der-asn1-dn:O=Example,CN=*", "%any".
class IdentityPattern {
 public:
  IdentityPattern() = default;  // any
  explicit IdentityPattern(Identity exact) : pattern_(std::move(exact)) {}
  static base::Result<IdentityPattern> parse(std::string_view text);
  // FQDN and RFC822 compare without letter case, distinguished names as RFC 5280 7.1 says; "*." stands for
  // one or more leading labels, "*@" for any mailbox, "*" as a value of a distinguished name for any value.
  bool matches(const Identity& id) const;
  bool is_any() const { return !pattern_.has_value(); }
  bool is_exact() const { return pattern_ && !wildcard_; }
  // How closely it names its peer: 2 one identity, 1 a wildcard, 0 any.
  int closeness() const { return is_exact() ? 2 : is_any() ? 0 : 1; }
  const std::optional<Identity>& pattern() const { return pattern_; }
  std::string text() const;
  bool operator==(const IdentityPattern&) const = default;

 private:
  std::optional<Identity> pattern_;  // nullopt: any
  bool wildcard_ = false;
  int prefix_bits_ = 0;  // of a wildcard over addresses
};

}  // namespace ikev2
