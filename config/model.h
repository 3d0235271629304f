// The whole configuration as plain structs: what profiles.yaml says, defaults filled in.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "config/manual.h"
#include "crypto/key_material.h"
#include "ikev2/config.h"
#include "tun/options.h"

namespace config {

struct Control {
  std::string socket = "/run/ikev2d.sock";
  std::string group = "root";
  std::uint32_t mode = 0660;
};

// Who encrypts the packets of the data path.
enum class CryptoEngine : std::uint8_t { automatic, botan, ipsec_mb };

// Packets that may be too long for the path to the peer.
enum class DontFragment : std::uint8_t { clear, copy, set };
struct Path {
  DontFragment dont_fragment = DontFragment::clear;  // of outer IPv4 headers
  bool fragment_before = true;  // inner packets that may be fragmented, before encryption; else outer ones
  bool clamp_mss = true;        // of TCP through tunnels
  bool probe = true;
};

struct Daemon {
  std::vector<base::IpAddress> listen;  // 0.0.0.0 and :: where left out
  std::uint16_t ike_port = 500, natt_port = 4500;
  Control control;
  tun::TunOptions tun;
  tun::RoutingOptions routing;
  CryptoEngine crypto = CryptoEngine::automatic;
  std::uint32_t data_threads = 0;  // 1, 2 (one a direction), 4, 8, 16 (that many times one a direction), or
                                   // 0: chosen by the processors
  Path path;
  bool routes = true;
  std::uint16_t fragment_size = 1280;  // octets of an IP packet with IKE; 0: no IKE fragments
  base::Duration nat_keepalive{std::chrono::seconds(20)};
  ikev2::EngineConfig limits;                     // only what `daemon.limits` names is read from it
  std::map<std::string, std::string> interfaces;  // other name -> Linux name
};

// Where something stands in a file. Both count from 1.
struct Location {
  std::string file;
  int line = 0, column = 0;
};

struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning };
  Severity severity = Severity::error;
  Location where;
  std::string message;
  std::string text() const;  // FILE:LINE:COLUMN: error: message
};

// A secret, a key or a trust, and the name by which the engine knows it.
struct Credential {
  ikev2::CredentialId id;
  crypto::KeyMaterial material;
};

struct YamlNode;

struct Config {
  std::string path;                      // of the file
  std::shared_ptr<const YamlNode> tree;  // as it was read, inline secrets and all; null: an empty file
  Daemon daemon;
  std::vector<ikev2::PeerConfigPtr> peers;
  std::vector<Credential> credentials;
  Manual manual;
};

struct LoadResult {
  std::vector<Diagnostic> diagnostics;  // every error and warning at once, in order of the file
  Config config;                        // complete only where there is no error
  bool ok() const;
};

// Reads and validates. Never throws; a file that cannot be opened is a diagnostic too.
LoadResult load(const std::string& path);
// The same from memory, with `path` for messages and for relative file names.
LoadResult load_text(const std::string& text, const std::string& path);

}  // namespace config
