// Secrets: where they come from, and the names by which the engine knows them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/map_reader.h"
#include "config/model.h"

namespace config {

class Credentials {
 public:
  // `directory`: what relative names of files are relative to. `exposed`: others can read the YAML file.
  Credentials(std::filesystem::path directory, bool exposed, Diagnostics& diagnostics)
      : directory_(std::move(directory)), exposed_(exposed), diagnostics_(diagnostics) {}

  enum class Side : std::uint8_t { local, remote };
  // The `auth` key of one side. What is wrong is reported; the result then names no credential (id 0).
  ikev2::AuthConfig read_auth(MapReader& map, Side side);
  // A key of an SA that is keyed by hand: hexadecimal, or {file: PATH} with it. Empty where it is wrong,
  // which is reported.
  base::SecretBytes read_key(const YamlEntry& entry);
  std::vector<Credential> take() { return std::move(list_); }

 private:
  std::optional<base::SecretBytes> read_psk(const YamlEntry& entry);
  std::optional<base::SecretBytes> read_psk_map(const YamlEntry& entry);
  bool is_left_out(const YamlNode& node);  // reports it
  std::optional<base::SecretBytes> from_hex(const YamlNode& node);
  std::optional<base::SecretBytes> from_file(const YamlNode& node);
  std::optional<base::SecretBytes> checked(base::SecretBytes secret, Place at);
  void warn_exposed(Place at);

  // load_signature.cpp
  void read_signature(const YamlEntry& entry, Side side, ikev2::AuthConfig& out);
  void read_own_key(MapReader& signature, ikev2::AuthConfig& out);
  void read_own_certificates(MapReader& signature, const crypto::PrivateKey& key, ikev2::AuthConfig& out);
  void read_peer(MapReader& signature, ikev2::AuthConfig& out);
  void read_pinned(const YamlEntry& entry, ikev2::AuthConfig& out);
  void read_trust(MapReader& signature, ikev2::AuthConfig& out);
  std::vector<crypto::CertificatePtr> certificates_of(const YamlNode& node, std::string_view key);
  void add(ikev2::AuthConfig& out, crypto::KeyMaterial material);

  // The contents of the file that a value names, or nothing, reported. `secret`: others must not be able to
  // read it.
  std::optional<base::SecretBytes> file_contents(const YamlNode& node, std::string_view key, bool secret);

  std::filesystem::path directory_;
  bool exposed_;
  bool warned_ = false;
  Diagnostics& diagnostics_;
  std::vector<Credential> list_;
};

}  // namespace config
