#include "config/algorithm_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "config/suggest.h"
#include "crypto/algorithms.h"

namespace config {

namespace {

using ikev2::TransformType;

// What crypto::Provider makes in this version; what stands outside is known by name alone.
bool is_supported(crypto::Encr id) {
  using crypto::Encr;
  return id == Encr::aes_cbc || id == Encr::aes_gcm_16 || id == Encr::chacha20_poly1305;
}
bool is_supported(crypto::Prf id) {
  using crypto::Prf;
  return id == Prf::hmac_sha1 || id == Prf::hmac_sha2_256 || id == Prf::hmac_sha2_384 ||
         id == Prf::hmac_sha2_512;
}
bool is_supported(crypto::Integ id) {
  using crypto::Integ;
  return id == Integ::none || id == Integ::sha1_96 || id == Integ::hmac_sha2_256_128 ||
         id == Integ::hmac_sha2_384_192 || id == Integ::hmac_sha2_512_256;
}
bool is_supported(crypto::Ke id) {
  using crypto::Ke;
  return id == Ke::none || (id >= Ke::modp_2048 && id <= Ke::ecp_521) || id == Ke::curve25519;
}

// Other names for ours, in families that differ in their numbers alone.
struct Alias {
  std::string_view alias, name;
};
constexpr Alias kAliases[] = {
    // VPP
    {"des-cbc", "des"},
    {"3des-cbc", "3des"},
    {"sha-256-96", "sha2-256-96"},
    {"sha-256-128", "hmac-sha2-256-128"},
    {"sha-384-192", "hmac-sha2-384-192"},
    {"sha-512-256", "hmac-sha2-512-256"},
    {"cmac-96", "aes-cmac-96"},
    {"md5", "md5-96"},
    {"hmac-md5-96", "md5-96"},
    {"hmac-sha1-96", "sha1-96"},
    // strongSwan
    {"chacha20poly1305", "chacha20-poly1305"},
    {"sha", "sha1-96"},
    {"sha1", "sha1-96"},
    {"sha256", "hmac-sha2-256-128"},
    {"sha2_256", "hmac-sha2-256-128"},
    {"sha384", "hmac-sha2-384-192"},
    {"sha2_384", "hmac-sha2-384-192"},
    {"sha512", "hmac-sha2-512-256"},
    {"sha2_512", "hmac-sha2-512-256"},
    {"sha256_96", "sha2-256-96"},
    {"sha2_256_96", "sha2-256-96"},
    {"aesxcbc", "aes-xcbc-96"},
    {"aescmac", "aes-cmac-96"},
    {"prfmd5", "hmac-md5"},
    {"prfsha1", "hmac-sha1"},
    {"prfsha256", "hmac-sha2-256"},
    {"prfsha384", "hmac-sha2-384"},
    {"prfsha512", "hmac-sha2-512"},
    {"prfaesxcbc", "aes128-xcbc"},
    {"prfaescmac", "aes128-cmac"},
    {"aes", "aes-cbc-128"},
    {"modp1024s160", "modp-1024-160"},
    {"modp2048s224", "modp-2048-224"},
    {"modp2048s256", "modp-2048-256"},
    {"ecp224bp", "brainpool-224"},
    {"ecp256bp", "brainpool-256"},
    {"ecp384bp", "brainpool-384"},
    {"ecp512bp", "brainpool-512"},
    {"x25519", "curve25519"},
    {"x448", "curve448"},
    {"noesn", "no-esn"},
};

class Names {
 public:
  Names() {
    for (const auto& row : crypto::all_encr()) add_encr(row);
    for (const auto& row : crypto::all_prf()) add_row(TransformType::prf, row);
    for (const auto& row : crypto::all_integ()) add_row(TransformType::integ, row);
    for (const auto& row : crypto::all_ke()) add_row(TransformType::ke, row);
    add({"esn", {TransformType::esn, 1, 0, true}});
    add({"no-esn", {TransformType::esn, 0, 0, true}});
    add({"none", {TransformType::integ, 0, 0, true}});
    // The truncation of RFC 4868's drafts. It never had a number: peers agree on it by hand.
    add({"sha2-256-96", {TransformType::integ, 0, 0, true}, false, false, true});
    for (const Alias& a : kAliases) alias(std::string(a.alias), a.name);
    add_numbered_aliases();
    for (const auto& [text, unused] : table_) texts_.push_back(text);
  }

  const AlgorithmName* find(std::string_view text) const {
    const auto found = table_.find(text);
    return found == table_.end() ? nullptr : &found->second;
  }
  const std::vector<std::string_view>& texts() const { return texts_; }

 private:
  void add(AlgorithmName name) {
    const std::string key = name.name;
    table_.emplace(key, std::move(name));
  }
  void alias(const std::string& text, std::string_view name) {
    if (const AlgorithmName* known = find(name)) table_.emplace(text, *known);
  }
  void add_encr(const crypto::EncrInfo& row) {
    if (row.id == crypto::Encr::none) return;
    const auto id = static_cast<std::uint16_t>(row.id);
    for (const std::uint16_t bits : row.key_bits) {
      if (bits == 0 && row.takes_key_length()) continue;
      add({crypto::name(row.id, bits),
           {TransformType::encr, id, bits, true},
           row.weak,
           is_supported(row.id)});
    }
  }
  template <class Row>
  void add_row(TransformType type, const Row& row) {
    const auto id = static_cast<std::uint16_t>(row.id);
    if (id != 0) add({std::string(row.name), {type, id, 0, true}, row.weak, is_supported(row.id)});
  }
  void add_numbered_aliases();

  std::map<std::string, AlgorithmName, std::less<>> table_;
  std::vector<std::string_view> texts_;
};

void Names::add_numbered_aliases() {
  for (const int bits : {128, 192, 256}) {
    alias(fmt::format("aes{}", bits), fmt::format("aes-cbc-{}", bits));
    alias(fmt::format("aes{}ctr", bits), fmt::format("aes-ctr-{}", bits));
    alias(fmt::format("aes{}gmac", bits), fmt::format("aes-gmac-{}", bits));
    alias(fmt::format("aes-null-gmac-{}", bits), fmt::format("aes-gmac-{}", bits));
    for (const char* mode : {"gcm", "ccm"}) {
      // A mode without a length of its ICV means 16 octets; strongSwan gives it in octets or in bits.
      alias(fmt::format("aes-{}-{}", mode, bits), fmt::format("aes-{}-16-{}", mode, bits));
      alias(fmt::format("aes{}{}", bits, mode), fmt::format("aes-{}-16-{}", mode, bits));
      for (const int icv : {8, 12, 16}) {
        const std::string name = fmt::format("aes-{}-{}-{}", mode, icv, bits);
        alias(fmt::format("aes{}{}{}", bits, mode, icv), name);
        alias(fmt::format("aes{}{}{}", bits, mode, icv * 8), name);
      }
    }
  }
  for (const int bits : {768, 1024, 1536, 2048, 3072, 4096, 6144, 8192}) {
    alias(fmt::format("modp{}", bits), fmt::format("modp-{}", bits));
  }
  for (const int bits : {192, 224, 256, 384, 521}) {
    alias(fmt::format("ecp{}", bits), fmt::format("ecp-{}", bits));
  }
  for (const int bits : {512, 768, 1024}) {
    alias(fmt::format("mlkem{}", bits), fmt::format("ml-kem-{}", bits));
  }
}

const Names& names() {
  static const Names kNames;
  return kNames;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return out;
}

// "ke1-ml-kem-768" (ours) or "ke1_mlkem768" (strongSwan): a further key exchange, RFC 9370.
std::optional<AlgorithmName> find_additional(std::string_view word) {
  const bool round = word.size() > 4 && word.starts_with("ke") && word[2] >= '1' && word[2] <= '7' &&
                     (word[3] == '-' || word[3] == '_');
  if (!round) return {};
  const AlgorithmName* known = names().find(word.substr(4));
  if (known == nullptr || known->transform.type != TransformType::ke) return {};
  AlgorithmName out = *known;
  out.name = fmt::format("ke{}-{}", word[2], known->name);
  out.supported = false;
  return out;
}

// "encr:aes-cbc-256" and its like, as VPP's listings print transforms.
std::optional<AlgorithmName> find_prefixed(std::string_view type, std::string_view word) {
  constexpr std::pair<std::string_view, TransformType> kTypes[] = {{"encr", TransformType::encr},
                                                                   {"prf", TransformType::prf},
                                                                   {"integ", TransformType::integ},
                                                                   {"dh-group", TransformType::ke},
                                                                   {"esn", TransformType::esn}};
  for (const auto& [text, number] : kTypes) {
    if (text != type) continue;
    if (number == TransformType::ke && word == "none") return AlgorithmName{"none", {number, 0, 0, true}};
    if (number == TransformType::esn && word == "yes") word = "esn";
    if (number == TransformType::esn && word == "no") word = "no-esn";
    const AlgorithmName* found = names().find(word);
    if (found != nullptr && found->transform.type == number) return *found;
  }
  return {};
}

}  // namespace

std::optional<AlgorithmName> find_algorithm(std::string_view word) {
  constexpr std::size_t kLongest = 40;
  if (word.size() > kLongest) return {};
  const std::string text = lower(word);
  if (const AlgorithmName* known = names().find(text)) return *known;
  if (const auto colon = text.find(':'); colon != std::string::npos) {
    return find_prefixed(std::string_view(text).substr(0, colon), std::string_view(text).substr(colon + 1));
  }
  return find_additional(text);
}

std::string algorithm_hint(std::string_view word) { return did_you_mean(lower(word), names().texts()); }

std::string missing_key_length(std::string_view word) {
  const std::string text = lower(word);
  for (const auto& row : crypto::all_encr()) {
    const bool short_gcm = row.id == crypto::Encr::aes_gcm_16 && text == "aes-gcm";
    const bool short_ccm = row.id == crypto::Encr::aes_ccm_16 && text == "aes-ccm";
    if (!row.takes_key_length() || (row.name != text && !short_gcm && !short_ccm)) continue;
    return fmt::format("{0}-{1}, {0}-{2} or {0}-{3}", row.name, row.key_bits[0], row.key_bits[1],
                       row.key_bits[2]);
  }
  return {};
}

}  // namespace config
