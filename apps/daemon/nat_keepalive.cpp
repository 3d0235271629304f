#include "apps/daemon/nat_keepalive.h"

namespace daemon_app {

void NatKeepalive::start() {
  timer_.expires_after(period_);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    send_all();
    start();
  });
}

void NatKeepalive::send_all() {
  for (const ikev2::NatPath& path : engine_.behind_nat()) {
    // Losing one does no harm, and a lasting failure shows in the messages of the SA itself.
    (void)sockets_.send_keepalive(path.local, path.remote);
  }
}

}  // namespace daemon_app
