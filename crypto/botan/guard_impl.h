// Where exceptions of Botan become results. Private to crypto/botan/.
#pragma once

#include <botan/exceptn.h>

#include <utility>

#include "base/result.h"

namespace crypto::botan {

// Runs `body`, which returns a base::Result. What Botan cannot do becomes family local; every other exception
// becomes family crypto. `what` starts the reason. Botan's texts hold names and lengths, never keys.
template <class Body>
auto guarded(const std::string& what, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const Botan::Lookup_Error& e) {
    return base::local_error(what + ": " + e.what());
  } catch (const Botan::Not_Implemented& e) {
    return base::local_error(what + ": " + e.what());
  } catch (const std::bad_alloc&) {
    return base::local_error(what + ": out of memory");
  } catch (const std::exception& e) {
    return base::crypto_error(what + ": " + e.what());
  }
}

}  // namespace crypto::botan
