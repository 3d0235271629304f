#include "apps/daemon/ike_sockets.h"

namespace daemon_app {

base::Status IkeSockets::send(const ikev2::SendDatagram& datagram) {
  const base::IpAddress local = datagram.local.address.is_set()
                                    ? datagram.local.address
                                    : base::IpAddress::any(datagram.remote.address.family());
  const std::size_t i =
      choose_socket(listeners_.size(), local, [&](std::size_t n) { return listeners_[n].address; });
  if (i == listeners_.size()) {
    return base::local_error("no socket for packets from " + local.text() + " to " + datagram.remote.text());
  }
  if (!datagram.natt) return listeners_[i].ike->send_one(datagram.local, datagram.remote, datagram.message);
  scratch_.assign(4, 0);
  base::append(scratch_, datagram.message);
  return listeners_[i].natt->send_one(datagram.local, datagram.remote, scratch_);
}

}  // namespace daemon_app
