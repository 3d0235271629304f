#include "apps/ctl/klips_transform.h"

#include <fmt/format.h>

#include <optional>

#include "crypto/algorithms.h"

namespace ctl {
namespace {

std::optional<std::string> encr_name(std::string_view word, std::size_t key_octets) {
  std::optional<std::string> found;
  for (const crypto::EncrInfo& row : crypto::all_encr()) {
    if (row.id == crypto::Encr::none) continue;
    for (const std::uint16_t bits : row.key_bits) {
      if (bits == 0 && row.takes_key_length()) continue;
      const std::string name = crypto::name(row.id, bits);
      const bool of_key = bits != 0 && bits / std::size_t{8} + row.salt == key_octets;
      const std::string sized = fmt::format("{}{}", word, bits), dashed = fmt::format("{}-{}", word, bits);
      const auto fits = [&](std::string_view one) {
        return one == word || (of_key && (one == sized || one == dashed));
      };
      if (fits(name)) found = name;
      crypto::for_each_other_name(row.other_names, bits, [&](const std::string& other) {
        if (fits(other)) found = name;
      });
      if (found || bits == 0) break;
    }
    if (found) return found;
  }
  return {};
}

std::optional<std::string> integ_name(std::string_view word) {
  std::optional<std::string> found;
  for (const crypto::IntegInfo& row : crypto::all_integ()) {
    if (row.id == crypto::Integ::none) continue;
    if (row.name == word) found = row.name;
    crypto::for_each_other_name(row.other_names, 0, [&](const std::string& other) {
      if (other == word) found = row.name;
    });
    if (found) return found;
  }
  return {};
}

}  // namespace

base::Result<TransformNames> read_transform(std::string_view text, std::size_t key_octets) {
  if (const auto encr = encr_name(text, key_octets)) return TransformNames{*encr, ""};
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '-' && text[i] != '/') continue;
    const auto encr = encr_name(text.substr(0, i), key_octets);
    const auto integ = integ_name(text.substr(i + 1));
    if (encr && integ) return TransformNames{*encr, *integ};
  }
  return base::local_error(
      fmt::format("'{}' is no transform: write 3des-md5-96, aes128-sha1, aes-gcm-128 …", text.substr(0, 64)));
}

}  // namespace ctl
