// Every name of an algorithm that users may write: ours, VPP's and strongSwan's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ikev2/negotiate/proposal.h"

namespace config {

// What one name stands for.
struct AlgorithmName {
  std::string name;            // the name of the listings: "aes-gcm-16-256"
  ikev2::Transform transform;  // id 0 of an integrity or key exchange: "none"
  bool weak = false;           // RFC 8221, RFC 8247
  bool readable = false;       // encrypts nothing: for children alone
  bool supported = true;       // this version negotiates it
  bool unnumbered = false;     // has no IANA number, so it cannot be negotiated
};

// The algorithm of a name, in any letter case; nullopt for an unknown one. VPP's listing form
// "encr:aes-cbc-256", "dh-group:modp-2048", "esn:yes" is taken too.
std::optional<AlgorithmName> find_algorithm(std::string_view word);

// Names that are near: of an unknown word for messages.
std::string algorithm_hint(std::string_view word);
// "aes-cbc-128, aes-cbc-192 or aes-cbc-256" where `word` is a name without its key length, else empty.
std::string missing_key_length(std::string_view word);

}  // namespace config
