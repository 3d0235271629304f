// What the process as a whole may do and must not do.
#pragma once

#include "base/result.h"
#include "config/model.h"

namespace daemon_app {

// No core dumps and no ptrace by others: memory holds keys.
void disable_core_dumps();

struct Abilities {
  bool raw_sockets = false;  // CAP_NET_RAW: ESP as IP protocol 50
};

// Fails with one line that names what is missing: CAP_NET_ADMIN, /dev/net/tun, CAP_NET_BIND_SERVICE for ports
// below 1024.
base::Result<Abilities> check_abilities(const config::Daemon& options);

}  // namespace daemon_app
