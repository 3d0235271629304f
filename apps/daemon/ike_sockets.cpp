#include "apps/daemon/ike_sockets.h"

namespace daemon_app {

base::Result<const Listener*> IkeSockets::listener_for(const base::Endpoint& local,
                                                       const base::Endpoint& remote) const {
  const base::IpAddress from =
      local.address.is_set() ? local.address : base::IpAddress::any(remote.address.family());
  const std::size_t i =
      choose_socket(listeners_.size(), from, [this](std::size_t n) { return listeners_[n].address; });
  if (i == listeners_.size()) {
    return base::local_error("no socket for packets from " + from.text() + " to " + remote.text());
  }
  return &listeners_[i];
}

base::Status IkeSockets::send(const ikev2::SendDatagram& datagram) {
  ASSIGN_OR_RETURN(const Listener* listener, listener_for(datagram.local, datagram.remote));
  if (!datagram.natt) return listener->ike->send_one(datagram.local, datagram.remote, datagram.message);
  scratch_.assign(4, 0);
  base::append(scratch_, datagram.message);
  return listener->natt->send_one(datagram.local, datagram.remote, scratch_);
}

base::Status IkeSockets::send_keepalive(const base::Endpoint& local, const base::Endpoint& remote) {
  ASSIGN_OR_RETURN(const Listener* listener, listener_for(local, remote));
  const std::uint8_t octet = 0xff;
  return listener->natt->send_one(local, remote, {&octet, 1});
}

}  // namespace daemon_app
