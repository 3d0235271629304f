// Keeps the mappings of NATs in front of us alive, RFC 3948 2.3 and 4.
#pragma once

#include <boost/asio/steady_timer.hpp>

#include "apps/daemon/ike_sockets.h"
#include "ikev2/engine.h"

namespace daemon_app {

// To each peer with which we have an SA from behind a NAT, one octet in every period (RFC 3948 4: 20 s are
// the default). Peers that are behind one themselves get none. Of the IKE thread alone.
class NatKeepalive {
 public:
  NatKeepalive(boost::asio::io_context& io, const ikev2::Engine& engine, IkeSockets& sockets,
               base::Duration period)
      : timer_(io), engine_(engine), sockets_(sockets), period_(period) {}

  void start();

 private:
  void send_all();

  boost::asio::steady_timer timer_;
  const ikev2::Engine& engine_;
  IkeSockets& sockets_;
  const base::Duration period_;
};

}  // namespace daemon_app
