// Distinguished names (X.501) as DER: text, comparison, wildcards. RFC 5280 7.1 says how they compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace crypto {

// "C=CH, O=Example, CN=left.example.com" as DER, the attributes in the order of the text. A backslash escapes
// the next character, or stands before two hexadecimal digits (RFC 4514 2.4). Attributes: C ST L O OU CN DC
// UID E serialNumber SN GN T, or a dotted object identifier. The error is fit for a person.
base::Result<base::Bytes> parse_dn(std::string_view text);
// The same form without blanks, unprintable octets escaped: safe in logs. What is no name is 0x and hex.
std::string dn_text(base::ByteSpan dn);
// Whether it is a DN at all.
bool is_dn(base::ByteSpan dn);
// RFC 5280 7.1: equal without regard to letter case, to the kind of string, and to how many blanks stand
// where.
bool same_dn(base::ByteSpan a, base::ByteSpan b);
// The same, a value "*" in the pattern stands for any value.
bool dn_matches(base::ByteSpan pattern, base::ByteSpan dn);
// Whether one of the values is "*".
bool has_wildcard(base::ByteSpan pattern);
// Whether `dn` begins with all the attributes of `base_dn` (a name constraint, RFC 5280 4.2.1.10).
bool dn_is_below(base::ByteSpan base_dn, base::ByteSpan dn);
// The values of an attribute ("CN", "E") as UTF-8.
std::vector<std::string> dn_values(base::ByteSpan dn, std::string_view attribute);

}  // namespace crypto
