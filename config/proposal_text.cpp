#include "config/proposal_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "config/algorithm_names.h"
#include "config/diagnostics.h"
#include "crypto/algorithms.h"

namespace config {

namespace {

using ikev2::Proposal;
using ikev2::ProtocolId;
using ikev2::Transform;
using ikev2::TransformType;

// The words of one proposal, and whose spelling they are in.
struct Words {
  std::vector<std::string_view> list;
  bool strongswan = false;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    const auto end = text.find(separator);
    out.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

// Words between hyphens, except that a name of ours, which has hyphens itself, stays whole: the longest wins.
std::vector<std::string_view> split_hyphens(std::string_view text) {
  constexpr std::size_t kLongest = 5;  // parts of a name: hmac-sha2-256-128 has four, ke1-… one more
  std::vector<std::string_view> out;
  const std::vector<std::string_view> parts = split(text, '-');
  for (std::size_t i = 0; i < parts.size();) {
    std::size_t taken = 1;
    std::string_view word = parts[i];
    for (std::size_t count = std::min(kLongest, parts.size() - i); count > 1; --count) {
      const std::string_view last = parts[i + count - 1];
      const std::string_view joined(parts[i].data(),
                                    static_cast<std::size_t>(last.data() + last.size() - parts[i].data()));
      if (!find_algorithm(joined)) continue;
      word = joined;
      taken = count;
      break;
    }
    out.push_back(word);
    i += taken;
  }
  return out;
}

Words split_words(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return {split(text, '/'), false};
  // A single name of ours has hyphens too, with or without a slip in it.
  const auto whole = find_algorithm(text);
  const bool hyphen = text.find('-') != std::string_view::npos;
  if ((whole && (hyphen || whole->name == text)) || !missing_key_length(text).empty()) return {{text}, false};
  std::vector<std::string_view> words = split_hyphens(text);
  const bool known = std::all_of(words.begin(), words.end(),
                                 [](std::string_view word) { return find_algorithm(word).has_value(); });
  if (!known && !algorithm_hint(text).empty()) return {{text}, false};
  return {std::move(words), true};
}

base::Error unknown_word(std::string_view word) {
  if (word.empty()) return base::local_error("a name is missing between two separators");
  if (const std::string names = missing_key_length(word); !names.empty()) {
    return base::local_error(fmt::format("{} needs a key length: {}", quote(word), names));
  }
  return base::local_error(fmt::format("unknown algorithm {}{}", quote(word), algorithm_hint(word)));
}

base::Status add_word(std::string_view word, Proposal& out, std::vector<std::string>& warnings) {
  const auto found = word.empty() ? std::nullopt : find_algorithm(word);
  if (!found) return unknown_word(word);
  const Transform& transform = found->transform;
  if (found->weak) warnings.push_back(found->name + " is weak");
  if (found->unnumbered) {
    return base::local_error(found->name +
                             " has no IANA number and cannot be negotiated; for a peer that means it by "
                             "hmac-sha2-256-128, name that one and set sha2_256_96: true in the child");
  }
  if (!found->supported) return base::local_error(found->name + " is not supported by this version");
  if (found->readable) {
    // RFC 7296 3.3.2 lists NULL for ESP alone; RFC 4543 1 defines GMAC for ESP and AH.
    if (out.protocol == ProtocolId::ike)
      return base::local_error(found->name + " encrypts nothing: an IKE SA cannot use it");
    warnings.push_back(found->name + " encrypts nothing");
  }
  if (out.protocol == ProtocolId::ike && transform.type == TransformType::esn) {
    return base::local_error(
        fmt::format("{} is for children: an IKE SA has no sequence numbers", found->name));
  }
  if (out.protocol == ProtocolId::ah && transform.type == TransformType::encr) {
    return base::local_error(fmt::format("{} encrypts, and AH does not", found->name));
  }
  if (out.protocol != ProtocolId::ike && transform.type == TransformType::prf) {
    return base::local_error(fmt::format("{} is a PRF, and a child has none{}", found->name,
                                         transform.id == static_cast<std::uint16_t>(crypto::Prf::hmac_sha1)
                                             ? "; the integrity algorithm is sha1-96"
                                             : ""));
  }
  if (transform.id == 0 && transform.type != TransformType::esn) return {};  // none
  if (std::find(out.transforms.begin(), out.transforms.end(), transform) == out.transforms.end()) {
    out.transforms.push_back(transform);
  }
  return {};
}

bool has(const Proposal& proposal, TransformType type) {
  return std::any_of(proposal.transforms.begin(), proposal.transforms.end(),
                     [&](const Transform& t) { return t.type == type; });
}

bool is_aead(const Transform& t) {
  const auto* info = crypto::find(static_cast<crypto::Encr>(t.id));
  return info != nullptr && info->aead();
}

// The PRF of each integrity algorithm, or HMAC-SHA2-256 with AEAD.
void add_prfs(Proposal& out) {
  std::vector<Transform> prfs;
  const auto add = [&](crypto::Integ integ) {
    const Transform t{TransformType::prf, static_cast<std::uint16_t>(crypto::prf_for(integ)), 0, true};
    if (std::find(prfs.begin(), prfs.end(), t) == prfs.end()) prfs.push_back(t);
  };
  for (const Transform& t : out.transforms) {
    if (t.type == TransformType::integ) add(static_cast<crypto::Integ>(t.id));
  }
  if (prfs.empty()) add(crypto::Integ::none);
  out.transforms.insert(out.transforms.end(), prfs.begin(), prfs.end());
}

// RFC 7296 3.3, RFC 5282 8: an AEAD goes without integrity algorithm, every other cipher with one, and the
// two kinds stand in separate proposals.
base::Status check_integrity(const Proposal& proposal) {
  std::optional<Transform> aead, other;
  if (proposal.protocol == ProtocolId::ah) {
    if (has(proposal, TransformType::integ)) return {};
    return base::local_error("no integrity algorithm is named");
  }
  for (const Transform& t : proposal.transforms) {
    if (t.type == TransformType::encr) (is_aead(t) ? aead : other) = t;
  }
  if (aead && other) {
    return base::local_error(fmt::format("{} and {} cannot stand in one proposal: write two",
                                         ikev2::text(*aead), ikev2::text(*other)));
  }
  if (!aead && !other) return base::local_error("no encryption algorithm is named");
  const auto integ = proposal.of(TransformType::integ);
  if (aead && !integ.empty()) {
    return base::local_error(fmt::format("{} protects integrity itself: leave {} out", ikev2::text(*aead),
                                         ikev2::text(integ.front())));
  }
  if (other && integ.empty()) {
    return base::local_error(
        fmt::format("{} needs an integrity algorithm, as hmac-sha2-256-128", ikev2::text(*other)));
  }
  return {};
}

void add_esn(Proposal& out, bool strongswan) {
  if (!strongswan) out.transforms.push_back({TransformType::esn, 1, 0, true});
  out.transforms.push_back({TransformType::esn, 0, 0, true});
}

base::Result<Proposal> parse(std::string_view text, ProtocolId protocol, std::vector<std::string>& warnings) {
  Proposal out;
  out.protocol = protocol;
  const Words words = split_words(trim(text));
  for (const std::string_view word : words.list) RETURN_IF_ERROR(add_word(word, out, warnings));

  const bool ike = protocol == ProtocolId::ike;
  if (ike && !has(out, TransformType::prf)) add_prfs(out);
  if (words.strongswan && !out.transforms.empty()) {
    // There, an integrity algorithm beside an AEAD only tells the PRF.
    const auto encr = out.of(TransformType::encr);
    if (!encr.empty() && std::all_of(encr.begin(), encr.end(), is_aead)) {
      std::erase_if(out.transforms, [](const Transform& t) { return t.type == TransformType::integ; });
    }
  }
  RETURN_IF_ERROR(check_integrity(out));
  if (ike && !has(out, TransformType::ke)) {
    return base::local_error("no key exchange is named, as curve25519 or modp-2048");
  }
  if (!ike && !has(out, TransformType::esn)) add_esn(out, words.strongswan);
  std::stable_sort(out.transforms.begin(), out.transforms.end(),
                   [](const Transform& a, const Transform& b) { return a.type < b.type; });
  return out;
}

Proposal all_of(ProtocolId protocol, std::initializer_list<std::string_view> words) {
  Proposal out;
  out.protocol = protocol;
  for (const std::string_view word : words) {
    if (const auto found = find_algorithm(word)) out.transforms.push_back(found->transform);
  }
  return out;
}

}  // namespace

base::Result<Proposal> parse_ike_proposal(std::string_view text, std::vector<std::string>& warnings) {
  return parse(text, ProtocolId::ike, warnings);
}

base::Result<Proposal> parse_child_proposal(std::string_view text, std::vector<std::string>& warnings) {
  return parse(text, ProtocolId::esp, warnings);
}

base::Result<Proposal> parse_ah_proposal(std::string_view text, std::vector<std::string>& warnings) {
  return parse(text, ProtocolId::ah, warnings);
}

ikev2::Proposals default_ike_proposals() {
  return {all_of(ProtocolId::ike, {"aes-gcm-16-256", "chacha20-poly1305", "hmac-sha2-256", "hmac-sha2-384",
                                   "hmac-sha2-512", "curve25519", "ecp-384", "ecp-256", "modp-3072"}),
          all_of(ProtocolId::ike, {"aes-cbc-256", "hmac-sha2-256", "hmac-sha2-384", "hmac-sha2-512",
                                   "hmac-sha2-256-128", "curve25519", "ecp-384", "ecp-256", "modp-3072"})};
}

ikev2::Proposals default_child_proposals() {
  return {all_of(ProtocolId::esp, {"aes-gcm-16-256", "chacha20-poly1305", "esn", "no-esn"}),
          all_of(ProtocolId::esp, {"aes-cbc-256", "hmac-sha2-256-128", "esn", "no-esn"})};
}

ikev2::Proposals default_ah_proposals() {
  return {all_of(ProtocolId::ah, {"hmac-sha2-256-128", "hmac-sha2-512-256", "esn", "no-esn"})};
}

}  // namespace config
