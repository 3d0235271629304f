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
  const auto status = engine_.status(false);
  for (const auto& sa : status.ike_sas) {
    const bool alive = sa.state == "established" || sa.state == "rekeying";
    // Losing one does no harm, and a lasting failure shows in the messages of the SA itself.
    if (alive && sa.local.behind_nat) (void)sockets_.send_keepalive(sa.local.endpoint, sa.remote.endpoint);
  }
}

}  // namespace daemon_app
