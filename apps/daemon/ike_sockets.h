// Sends IKE messages from the socket that fits.
#pragma once

#include "apps/daemon/listeners.h"
#include "ikev2/action.h"

namespace daemon_app {

class IkeSockets {
 public:
  explicit IkeSockets(const Listeners& listeners) : listeners_(listeners) {}

  // Puts the non-ESP marker (RFC 3948 2.2) in front where the datagram leaves by the NAT-T port. The error
  // names the endpoint and the reason.
  base::Status send(const ikev2::SendDatagram& datagram);
  // One octet 0xff from the NAT-T port (RFC 3948 2.3).
  base::Status send_keepalive(const base::Endpoint& local, const base::Endpoint& remote);

 private:
  base::Result<const Listener*> listener_for(const base::Endpoint& local, const base::Endpoint& remote) const;

  const Listeners& listeners_;
  base::Bytes scratch_;
};

}  // namespace daemon_app
