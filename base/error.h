// What went wrong, as a value. Families decide how the engine reacts; `reason` is for a person.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"

namespace base {

enum class ErrorFamily : std::uint8_t {
  malformed,     // the bytes are wrong: lengths, reserved values, leftovers
  misbehaved,    // well-formed, but the protocol forbids it here
  incompatible,  // no overlap: proposal, selectors, identity, version
  local,         // our side cannot: configuration, a resource, a limit
  crypto,        // a check failed: ICV, AUTH, a public value
};

// One failure. `notify`, where set, is the IKEv2 Notify Message Type (RFC 7296 3.10.1) that the peer shall
// get, with `notify_data` as its data. `reason` never holds secrets, and is fit for a log line.
struct Error {
  ErrorFamily family = ErrorFamily::local;
  std::string reason;
  std::optional<std::uint16_t> notify;
  Bytes notify_data;
};

inline Error malformed(std::string reason) { return {ErrorFamily::malformed, std::move(reason), {}, {}}; }
inline Error misbehaved(std::string reason) { return {ErrorFamily::misbehaved, std::move(reason), {}, {}}; }
inline Error incompatible(std::string reason) {
  return {ErrorFamily::incompatible, std::move(reason), {}, {}};
}
inline Error local_error(std::string reason) { return {ErrorFamily::local, std::move(reason), {}, {}}; }
inline Error crypto_error(std::string reason) { return {ErrorFamily::crypto, std::move(reason), {}, {}}; }

}  // namespace base
