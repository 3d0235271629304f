#include "config/algorithm_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "config/suggest.h"
#include "crypto/algorithms.h"

namespace config {

namespace {

using ikev2::TransformType;

// ML-KEM has no row's worth of sizes yet; every other row is computed by the provider.
bool is_supported(const crypto::KeInfo& row) { return row.kind != crypto::KeKind::kem; }
bool is_supported(const crypto::PrfInfo&) { return true; }
bool is_supported(const crypto::IntegInfo&) { return true; }
bool is_unnumbered(const crypto::IntegInfo& row) { return !row.numbered(); }
template <class Row>
bool is_unnumbered(const Row&) {
  return false;
}

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
    alias("aes", "aes-cbc-128");  // strongSwan
    alias("noesn", "no-esn");
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
      AlgorithmName one{crypto::name(row.id, bits), {TransformType::encr, id, bits, true}, row.weak};
      one.readable = !row.encrypts;
      add_with_aliases(std::move(one), row.other_names);
      if (bits == 0) break;
    }
  }
  template <class Row>
  void add_row(TransformType type, const Row& row) {
    const bool unnumbered = is_unnumbered(row);
    const auto id = unnumbered ? std::uint16_t{0} : static_cast<std::uint16_t>(row.id);
    if (id == 0 && !unnumbered) return;
    AlgorithmName one{std::string(row.name), {type, id, 0, true}, row.weak};
    one.supported = is_supported(row);
    one.unnumbered = unnumbered;
    add_with_aliases(std::move(one), row.other_names);
  }
  void add_with_aliases(AlgorithmName one, std::string_view other_names) {
    const std::string name = one.name;
    const std::uint16_t bits = one.transform.key_bits;
    add(std::move(one));
    crypto::for_each_other_name(other_names, bits, [&](const std::string& other) { alias(other, name); });
  }

  std::map<std::string, AlgorithmName, std::less<>> table_;
  std::vector<std::string_view> texts_;
};

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
    bool named = row.name == text;  // or by a name of ours that ends in the key length: "aes-gcm-*"
    crypto::for_each_other_name(row.other_names, 0,
                                [&](const std::string& other) { named = named || other == text + "-0"; });
    if (!row.takes_key_length() || !named) continue;
    return fmt::format("{0}-{1}, {0}-{2} or {0}-{3}", row.name, row.key_bits[0], row.key_bits[1],
                       row.key_bits[2]);
  }
  return {};
}

}  // namespace config
