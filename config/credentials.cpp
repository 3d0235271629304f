#include "config/credentials.h"

#include "config/file.h"
#include "config/write_yaml.h"

namespace config {

namespace {

constexpr std::size_t kSecretMost = std::size_t{64} * 1024;    // octets
constexpr std::size_t kPublicMost = std::size_t{4096} * 1024;  // octets: a CRL may be long

}  // namespace

ikev2::AuthConfig Credentials::read_auth(MapReader& map, Side side) {
  ikev2::AuthConfig out;
  const YamlEntry* entry = map.find_entry("auth");
  if (entry == nullptr) {
    if (map.sound()) {
      diagnostics_.error(map.place(), map.name() + ".auth is missing: write auth: {psk: TEXT}");
    }
    return out;
  }
  MapReader auth(*entry->value, "auth", entry->place, diagnostics_);
  const YamlEntry* psk = auth.find_entry("psk");
  const YamlEntry* signature = auth.find_entry("signature");
  if (psk != nullptr && signature != nullptr) {
    diagnostics_.error(signature->place, "auth: write either psk or signature");
  } else if (psk != nullptr) {
    if (auto secret = read_psk(*psk)) add(out, {.psk = std::move(*secret)});
  } else if (signature != nullptr) {
    read_signature(*signature, side, out);
  } else if (auth.sound()) {
    diagnostics_.error(entry->place, "auth: psk or signature is missing");
  }
  auth.finish(true);
  return out;
}

void Credentials::add(ikev2::AuthConfig& out, crypto::KeyMaterial material) {
  out.credential = ikev2::CredentialId(list_.size() + 1);
  list_.push_back({out.credential, std::move(material)});
}

std::optional<base::SecretBytes> Credentials::read_psk(const YamlEntry& entry) {
  const YamlNode& node = *entry.value;
  if (node.is_map()) return read_psk_map(entry);
  if (!node.is_scalar()) {
    diagnostics_.error(
        node.place,
        fmt::format("psk: expected a text, {{hex: ...}} or {{file: PATH}}, found {}", kind_name(node)));
    return {};
  }
  if (is_left_out(node)) return {};
  warn_exposed(node.place);
  return checked(base::SecretBytes(base::as_bytes(node.text)), node.place);
}

bool Credentials::is_left_out(const YamlNode& node) {
  if (node.text != kLeftOut) return false;
  diagnostics_.error(
      node.place, fmt::format("psk: {} stands in the place of a secret: write the secret itself, or save the "
                              "configuration with --secrets",
                              kLeftOut));
  return true;
}

std::optional<base::SecretBytes> Credentials::read_psk_map(const YamlEntry& entry) {
  MapReader psk(*entry.value, "psk", entry.place, diagnostics_);
  const YamlNode* hex = psk.find("hex");
  const YamlNode* file = psk.find("file");
  psk.finish(true);
  if ((hex == nullptr) == (file == nullptr)) {
    diagnostics_.error(entry.value->place, "psk: write a text, {hex: ...} or {file: PATH}");
    return {};
  }
  return hex != nullptr ? from_hex(*hex) : from_file(*file);
}

std::optional<base::SecretBytes> Credentials::from_hex(const YamlNode& node) {
  const auto text = scalar_text(node, "hex", diagnostics_);
  if (!text || is_left_out(node)) return {};
  warn_exposed(node.place);
  base::Bytes octets;
  const bool good = base::from_hex(*text, octets);
  base::SecretBytes secret{base::ByteSpan(octets)};
  base::wipe(octets);
  if (!good) {
    diagnostics_.error(node.place, "hex: expected pairs of hexadecimal digits");
    return {};
  }
  return checked(std::move(secret), node.place);
}

std::optional<base::SecretBytes> Credentials::from_file(const YamlNode& node) {
  const auto contents = file_contents(node, "file", true);
  if (!contents) return {};
  base::ByteSpan secret = contents->span();
  if (!secret.empty() && secret.back() == '\n') secret = secret.first(secret.size() - 1);
  return checked(base::SecretBytes(secret), node.place);
}

std::optional<base::SecretBytes> Credentials::file_contents(const YamlNode& node, std::string_view key,
                                                            bool secret) {
  const auto text = scalar_text(node, key, diagnostics_);
  if (!text) return {};
  if (text->empty() || text->find('\0') != std::string_view::npos) {
    diagnostics_.error(node.place, fmt::format("{}: {} is no file name", key, quote(*text)));
    return {};
  }
  const std::string path = (directory_ / std::filesystem::path(*text)).string();
  auto contents = read_file(path, secret ? kSecretMost : kPublicMost, FileKind::regular);
  if (contents.has_error()) {
    diagnostics_.error(node.place, fmt::format("{}: {}: {}", key, path, contents.error().reason));
    return {};
  }
  if (secret && contents->others_can_read()) {
    diagnostics_.error(
        node.place, fmt::format("{}: {}: others can read this secret (mode {:04o}); chmod o= it", key, path,
                                contents->mode));
    return {};
  }
  return std::move(contents->bytes);
}

std::optional<base::SecretBytes> Credentials::checked(base::SecretBytes secret, Place at) {
  if (!secret.empty()) return secret;
  diagnostics_.error(at, "psk: the secret is empty");
  return {};
}

void Credentials::warn_exposed(Place at) {
  if (!exposed_ || std::exchange(warned_, true)) return;
  diagnostics_.warning(at, "psk: others can read this file and the secrets in it; chmod o= it");
}

}  // namespace config
