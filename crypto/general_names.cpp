// GeneralNames (RFC 5280 4.2.1.6) and what a CA's constraints permit of them (4.2.1.10).
#include <algorithm>

#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/distinguished_name.h"

namespace crypto {
namespace {

constexpr std::size_t kMostNames = 256;  // in one extension: bounds the work of comparing

enum Tag : unsigned { kEmail = 1, kDns = 2, kDirectory = 4, kIp = 7 };

bool is_text(base::ByteSpan octets) {
  return std::all_of(octets.begin(), octets.end(), [](std::uint8_t c) { return c > 0x20 && c < 0x7f; });
}

// `sizes`: how many octets an address may have.
base::Status read_name(const der::Item& item, std::size_t v4, std::size_t v6, bool constraint,
                       GeneralNames& out) {
  const unsigned tag = item.tag & 0x1f;
  if ((item.tag & 0xc0) != 0x80) return base::malformed("a name that is no GeneralName");
  if (tag == kEmail || tag == kDns) {
    // An empty constraint covers every name. IA5String: no octet that a C string would stumble over.
    if (!is_text(item.content) || (item.content.empty() && !constraint))
      return base::malformed("a name with octets that it cannot have");
    (tag == kDns ? out.dns : out.email).emplace_back(base::as_text(item.content));
  } else if (tag == kIp) {
    if (item.content.size() != v4 && item.content.size() != v6)
      return base::malformed("an address of " + std::to_string(item.content.size()) + " octets");
    out.ip.push_back(base::to_bytes(item.content));
  } else if (tag == kDirectory) {
    if (!is_dn(item.content)) return base::malformed("a directory name that is none");
    out.directory.push_back(base::to_bytes(item.content));
  } else {
    out.other.push_back(tag);
  }
  return {};
}

// GeneralSubtrees: SEQUENCE OF SEQUENCE { GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }.
base::Result<GeneralNames> read_subtrees(base::ByteSpan content) {
  GeneralNames out;
  std::size_t count = 0;
  for (der::Reader subtrees(content); !subtrees.empty();) {
    if (++count > kMostNames) return base::malformed("more than 256 name constraints");
    ASSIGN_OR_RETURN(const der::Item subtree, subtrees.expect(der::kSequence));
    der::Reader fields(subtree.content);
    ASSIGN_OR_RETURN(const der::Item name, fields.next());
    // RFC 5280 4.2.1.10: "minimum MUST be zero, and maximum MUST be absent".
    if (!fields.empty()) return base::malformed("a name constraint with a minimum or maximum");
    RETURN_IF_ERROR(read_name(name, 8, 32, true, out));
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side".
bool dns_below(std::string_view base_name, std::string_view dns) {
  const std::string suffix = lower(base_name), name = lower(dns);
  if (suffix.empty()) return true;
  if (suffix.front() == '.') return name.size() > suffix.size() && name.ends_with(suffix);
  return name == suffix || name.ends_with("." + suffix);
}

// A mailbox, a host, or with a dot in front all hosts of a domain.
bool email_below(std::string_view base_name, std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string host = lower(email.substr(at + 1));
  if (const std::size_t box = base_name.rfind('@'); box != std::string_view::npos) {
    // The local part is compared with its letter case, the host without.
    return base_name.substr(0, box) == email.substr(0, at) && lower(base_name.substr(box + 1)) == host;
  }
  const std::string wanted = lower(base_name);
  if (!wanted.empty() && wanted.front() == '.') return host.size() > wanted.size() && host.ends_with(wanted);
  return wanted.empty() || host == wanted;
}

bool ip_below(const base::Bytes& net_and_mask, const base::Bytes& address) {
  const std::size_t size = address.size();
  if (net_and_mask.size() != 2 * size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (((address[i] ^ net_and_mask[i]) & net_and_mask[size + i]) != 0) return false;
  }
  return true;
}

// One kind of names: each has to lie below one of the permitted (where some are named), and below no excluded
// one.
template <class Name, class Below, class Text>
base::Status check_kind(const std::vector<Name>& names, const std::vector<Name>& permitted,
                        const std::vector<Name>& excluded, Below below, Text text) {
  for (const Name& name : names) {
    const auto covers = [&](const Name& base_name) { return below(base_name, name); };
    if (!permitted.empty() && std::none_of(permitted.begin(), permitted.end(), covers))
      return base::crypto_error("its name " + text(name) +
                                " is not among those that a CA above it may certify");
    if (std::any_of(excluded.begin(), excluded.end(), covers))
      return base::crypto_error("its name " + text(name) +
                                " is among those that a CA above it must not certify");
  }
  return {};
}

}  // namespace

base::Result<GeneralNames> parse_general_names(base::ByteSpan extension) {
  der::Reader outer(extension);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  if (!outer.empty()) return base::malformed("octets behind the names");
  GeneralNames out;
  std::size_t count = 0;
  for (der::Reader names(sequence.content); !names.empty();) {
    if (++count > kMostNames) return base::malformed("more than 256 names");
    ASSIGN_OR_RETURN(const der::Item name, names.next());
    RETURN_IF_ERROR(read_name(name, 4, 16, false, out));
  }
  return out;
}

base::Result<NameConstraints> parse_name_constraints(base::ByteSpan extension) {
  der::Reader outer(extension);
  ASSIGN_OR_RETURN(const der::Item sequence, outer.expect(der::kSequence));
  der::Reader fields(sequence.content);
  NameConstraints out;
  if (fields.at(der::context_constructed(0))) {
    ASSIGN_OR_RETURN(const der::Item permitted, fields.next());
    ASSIGN_OR_RETURN(out.permitted, read_subtrees(permitted.content));
  }
  if (fields.at(der::context_constructed(1))) {
    ASSIGN_OR_RETURN(const der::Item excluded, fields.next());
    ASSIGN_OR_RETURN(out.excluded, read_subtrees(excluded.content));
  }
  if (!fields.empty() || !outer.empty()) return base::malformed("octets behind the name constraints");
  return out;
}

base::Status check_name_constraints(const CertificateContents& subject, const NameConstraints& constraints) {
  const GeneralNames& permitted = constraints.permitted;
  const GeneralNames& excluded = constraints.excluded;
  GeneralNames names = subject.names.value_or(GeneralNames{});
  // RFC 5280 4.2.1.10: directory names constrain the subject, too; and where there is no subjectAltName,
  // rules for mailboxes its emailAddress. The CN stands in for a host name then (it is what the identity is
  // compared with).
  if (const base::Bytes empty{der::kSequence, 0}; subject.subject != empty)
    names.directory.push_back(subject.subject);
  if (!subject.names) {
    for (std::string& email : dn_values(subject.subject, "E")) names.email.push_back(std::move(email));
    for (std::string& cn : dn_values(subject.subject, "CN")) {
      if (cn.find('.') != std::string::npos) names.dns.push_back(std::move(cn));
    }
  }
  const auto plain = [](const std::string& text) { return text; };
  RETURN_IF_ERROR(check_kind(names.dns, permitted.dns, excluded.dns, dns_below, plain));
  RETURN_IF_ERROR(check_kind(names.email, permitted.email, excluded.email, email_below, plain));
  RETURN_IF_ERROR(check_kind(names.ip, permitted.ip, excluded.ip, ip_below,
                             [](const base::Bytes& ip) { return "0x" + base::to_hex(ip); }));
  RETURN_IF_ERROR(check_kind(
      names.directory, permitted.directory, excluded.directory,
      [](const base::Bytes& base_dn, const base::Bytes& dn) { return dn_is_below(base_dn, dn); },
      [](const base::Bytes& dn) { return dn_text(dn); }));
  // What cannot be compared is refused where a constraint speaks of it.
  for (const unsigned tag : names.other) {
    const auto& p = permitted.other;
    const auto& e = excluded.other;
    if (std::find(p.begin(), p.end(), tag) != p.end() || std::find(e.begin(), e.end(), tag) != e.end())
      return base::crypto_error("a CA above it constrains names of type " + std::to_string(tag) +
                                ", which cannot be checked");
  }
  return {};
}

}  // namespace crypto
