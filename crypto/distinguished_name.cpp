#include "crypto/distinguished_name.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "crypto/der.h"

namespace crypto {
namespace {

struct AttributeName {
  std::string_view name;
  base::Bytes oid;
  std::uint8_t string = der::kUtf8String;  // how it is written where PrintableString does not do
};

// The first name of an OID is the one that is printed.
const std::vector<AttributeName>& attribute_names() {
  static const base::Bytes kDc{0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19};
  static const base::Bytes kUid{0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01};
  static const base::Bytes kEmail{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01};
  static const std::vector<AttributeName> kNames{{"CN", {0x55, 4, 3}},
                                                 {"C", {0x55, 4, 6}},
                                                 {"L", {0x55, 4, 7}},
                                                 {"ST", {0x55, 4, 8}},
                                                 {"S", {0x55, 4, 8}},
                                                 {"O", {0x55, 4, 10}},
                                                 {"OU", {0x55, 4, 11}},
                                                 {"T", {0x55, 4, 12}},
                                                 {"SN", {0x55, 4, 4}},
                                                 {"GN", {0x55, 4, 42}},
                                                 {"G", {0x55, 4, 42}},
                                                 {"serialNumber", {0x55, 4, 5}},
                                                 {"DC", kDc, der::kIa5String},
                                                 {"UID", kUid},
                                                 {"E", kEmail, der::kIa5String},
                                                 {"emailAddress", kEmail, der::kIa5String}};
  return kNames;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

struct Attribute {
  base::Bytes oid;
  std::uint8_t tag = 0;
  std::string value;  // UTF-8 where the tag is that of a string, else the octets
  bool operator<(const Attribute& other) const {
    return std::make_tuple(base::as_text(oid), std::string_view(value), tag) <
           std::make_tuple(base::as_text(other.oid), std::string_view(other.value), other.tag);
  }
};
using Rdn = std::vector<Attribute>;

bool is_string(std::uint8_t tag) {
  return tag == der::kUtf8String || tag == der::kPrintableString || tag == der::kTeletexString ||
         tag == der::kIa5String || tag == der::kBmpString;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

std::string to_utf8(std::uint8_t tag, base::ByteSpan content) {
  std::string out;
  if (tag == der::kBmpString) {
    for (std::size_t i = 0; i + 1 < content.size(); i += 2)
      append_utf8(out, base::load_be16(content.data() + i));
  } else if (tag == der::kTeletexString) {
    for (const std::uint8_t octet : content) append_utf8(out, octet);
  } else {
    out = base::as_text(content);
  }
  return out;
}

base::Result<Attribute> read_attribute(base::ByteSpan content) {
  der::Reader reader(content);
  ASSIGN_OR_RETURN(const der::Item oid, reader.expect(der::kOid));
  ASSIGN_OR_RETURN(const der::Item value, reader.next());
  if (!reader.empty()) return base::malformed("DN: more than a type and a value");
  return Attribute{base::to_bytes(oid.content), value.tag, to_utf8(value.tag, value.content)};
}

base::Result<std::vector<Rdn>> read_dn(base::ByteSpan dn) {
  der::Reader outer(dn);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  if (!outer.empty()) return base::malformed("DN: octets behind the name");
  std::vector<Rdn> out;
  for (der::Reader names(sequence.content); !names.empty();) {
    ASSIGN_OR_RETURN(const der::Item set, names.expect(der::kSet));
    Rdn rdn;
    for (der::Reader attributes(set.content); !attributes.empty();) {
      ASSIGN_OR_RETURN(const der::Item item, attributes.expect(der::kSequence));
      ASSIGN_OR_RETURN(Attribute attribute, read_attribute(item.content));
      rdn.push_back(std::move(attribute));
    }
    if (rdn.empty()) return base::malformed("DN: an empty part");
    out.push_back(std::move(rdn));
  }
  return out;
}

// RFC 5280 7.1 (the stringprep of RFC 4518, for ASCII): one letter case, one blank between words, none
// around.
std::string normal(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool same_attribute(const Attribute& pattern, const Attribute& attribute, bool wildcards) {
  if (pattern.oid != attribute.oid) return false;
  if (wildcards && pattern.value == "*") return true;
  if (!is_string(pattern.tag) || !is_string(attribute.tag))
    return pattern.tag == attribute.tag && pattern.value == attribute.value;
  return normal(pattern.value) == normal(attribute.value);
}

bool same_rdn(Rdn pattern, Rdn rdn, bool wildcards) {
  std::sort(pattern.begin(), pattern.end());
  std::sort(rdn.begin(), rdn.end());
  return std::equal(pattern.begin(), pattern.end(), rdn.begin(), rdn.end(),
                    [&](const Attribute& p, const Attribute& a) { return same_attribute(p, a, wildcards); });
}

bool compare(base::ByteSpan pattern, base::ByteSpan dn, bool wildcards, bool prefix) {
  const auto left = read_dn(pattern), right = read_dn(dn);
  if (left.has_error() || right.has_error()) return false;
  if (left->size() > right->size() || (!prefix && left->size() != right->size())) return false;
  for (std::size_t i = 0; i < left->size(); ++i) {
    if (!same_rdn((*left)[i], (*right)[i], wildcards)) return false;
  }
  return true;
}

std::string dotted(base::ByteSpan oid) {
  std::string out;
  std::uint64_t value = 0;
  for (const std::uint8_t octet : oid) {
    value = value << 7 | (octet & 0x7f);
    if ((octet & 0x80) != 0) continue;
    if (out.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(value / 40, 2);
      out = std::to_string(first) + "." + std::to_string(value - first * 40);
    } else {
      out += "." + std::to_string(value);
    }
    value = 0;
  }
  return out;
}

std::optional<base::Bytes> parse_dotted(std::string_view text) {
  std::vector<std::uint64_t> arcs{0};
  for (const char c : text) {
    if (c == '.') {
      arcs.push_back(0);
    } else if (c >= '0' && c <= '9' && arcs.back() < 100'000'000) {
      arcs.back() = arcs.back() * 10 + static_cast<unsigned>(c - '0');
    } else {
      return {};
    }
  }
  if (arcs.size() < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39)) return {};
  arcs[1] += arcs[0] * 40;
  base::Bytes out;
  for (std::size_t i = 1; i < arcs.size(); ++i) {
    base::Bytes octets{static_cast<std::uint8_t>(arcs[i] & 0x7f)};
    for (std::uint64_t rest = arcs[i] >> 7; rest != 0; rest >>= 7)
      octets.insert(octets.begin(), static_cast<std::uint8_t>(0x80 | (rest & 0x7f)));
    base::append(out, octets);
  }
  return out;
}

std::string escaped(std::string_view value) {
  constexpr std::string_view kSpecial = ",+=\"<>;\\#";
  std::string out;
  for (const char c : value) {
    if (c < 0x20 || c >= 0x7f) {
      out += "\\" + base::to_hex(static_cast<std::uint8_t>(c), 2);
    } else {
      if (kSpecial.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string attribute_text(const Attribute& attribute) {
  std::string name = dotted(attribute.oid);
  for (const AttributeName& known : attribute_names()) {
    if (known.oid != attribute.oid) continue;
    name = known.name;
    break;
  }
  if (is_string(attribute.tag)) return name + "=" + escaped(attribute.value);
  return name + "=0x" + base::to_hex(base::as_bytes(attribute.value));
}

bool is_printable_string(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" '()+,-./:=?").find(c) != std::string_view::npos;
  });
}

base::Error unreadable(std::string_view part) {
  return base::local_error("'" + escaped(part) +
                           "' is no part of a distinguished name: CN=..., O=..., C=...");
}

// "CN=value", unescaped, as the DER of one AttributeTypeAndValue.
base::Result<base::Bytes> write_attribute(std::string_view name, std::string_view value) {
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (value.empty()) return unreadable(name);
  std::optional<base::Bytes> oid = parse_dotted(name);
  std::uint8_t string = der::kUtf8String;
  for (const AttributeName& known : attribute_names()) {
    if (!equal_without_case(known.name, name)) continue;
    oid = known.oid;
    string = known.string;
    break;
  }
  if (!oid) return unreadable(name);
  if (string == der::kUtf8String && is_printable_string(value)) string = der::kPrintableString;
  const base::Bytes type = der::encode(der::kOid, {*oid});
  const base::Bytes text = der::encode(string, {base::as_bytes(value)});
  return der::encode(der::kSequence, {type, text});
}

// Splits a text at separators, and undoes escapes within the values.
class DnParser {
 public:
  explicit DnParser(std::string_view text) : text_(text) {}

  base::Result<base::Bytes> parse() {
    base::Bytes names;
    while (position_ < text_.size()) {
      base::Bytes set;
      std::set<base::Bytes> attributes;  // DER: a SET OF is sorted
      do {
        ASSIGN_OR_RETURN(base::Bytes attribute, next_attribute());
        attributes.insert(std::move(attribute));
      } while (separator_ == '+');
      for (const base::Bytes& attribute : attributes) base::append(set, attribute);
      base::append(names, der::encode(der::kSet, {set}));
      if (separator_ == ',' && position_ == text_.size()) return unreadable(text_);
    }
    if (names.empty()) return unreadable(text_);
    return der::encode(der::kSequence, {names});
  }

 private:
  base::Result<base::Bytes> next_attribute() {
    const std::size_t equals = text_.find('=', position_);
    if (equals == std::string_view::npos) return unreadable(text_.substr(position_));
    const std::string_view name = text_.substr(position_, equals - position_);
    position_ = equals + 1;
    std::string value;
    separator_ = 0;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == ',' || c == '+') {
        separator_ = c;
        break;
      }
      if (c == '\\') {
        RETURN_IF_ERROR(unescape(value));
      } else {
        value += c;
      }
    }
    while (!value.empty() && value.front() == ' ') value.erase(0, 1);
    while (!value.empty() && value.back() == ' ') value.pop_back();
    return write_attribute(name, value);
  }

  base::Status unescape(std::string& value) {
    if (position_ == text_.size()) return unreadable(text_);
    base::Bytes octet;
    if (position_ + 1 < text_.size() && base::from_hex(text_.substr(position_, 2), octet) &&
        octet.size() == 1) {
      value += static_cast<char>(octet[0]);
      position_ += 2;
    } else {
      value += text_[position_++];
    }
    return {};
  }

  std::string_view text_;
  std::size_t position_ = 0;
  char separator_ = 0;
};

}  // namespace

base::Result<base::Bytes> parse_dn(std::string_view text) { return DnParser(text).parse(); }

bool is_dn(base::ByteSpan dn) { return read_dn(dn).has_value(); }

std::string dn_text(base::ByteSpan dn) {
  const auto names = read_dn(dn);
  if (names.has_error()) return "0x" + base::to_hex(dn);
  std::string out;
  for (const Rdn& rdn : *names) {
    const char* separator = out.empty() ? "" : ",";
    for (const Attribute& attribute : rdn) {
      out += separator + attribute_text(attribute);
      separator = "+";
    }
  }
  return out;
}

bool same_dn(base::ByteSpan a, base::ByteSpan b) { return compare(a, b, false, false); }
bool dn_matches(base::ByteSpan pattern, base::ByteSpan dn) { return compare(pattern, dn, true, false); }
bool dn_is_below(base::ByteSpan base_dn, base::ByteSpan dn) { return compare(base_dn, dn, false, true); }

bool has_wildcard(base::ByteSpan pattern) {
  const auto names = read_dn(pattern);
  if (names.has_error()) return false;
  for (const Rdn& rdn : *names) {
    for (const Attribute& part : rdn) {
      if (part.value == "*") return true;
    }
  }
  return false;
}

std::vector<std::string> dn_values(base::ByteSpan dn, std::string_view attribute) {
  std::vector<std::string> out;
  const auto names = read_dn(dn);
  if (names.has_error()) return out;
  for (const AttributeName& known : attribute_names()) {
    if (known.name != attribute) continue;
    for (const Rdn& rdn : *names) {
      for (const Attribute& part : rdn) {
        if (part.oid == known.oid && is_string(part.tag)) out.push_back(part.value);
      }
    }
  }
  return out;
}

}  // namespace crypto
