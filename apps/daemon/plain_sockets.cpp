#include "apps/daemon/plain_sockets.h"

namespace daemon_app {

base::Status PlainSockets::open(base::IpFamily outer, std::uint8_t protocol) {
  Used& used = sockets_[{outer, protocol}];
  if (used.socket == nullptr) {
    auto made = tun::RawSocket::open(outer, protocol, mark_, tun::RawSocket::Contents::packet);
    if (made.has_error()) {
      sockets_.erase({outer, protocol});
      return made.error();
    }
    used.socket = std::move(*made);
    post_([socket = used.socket, &log = log_](DataShard& shard) {
      const base::Status joined = shard.read_plain(*socket);
      if (joined.has_error()) log.write({base::LogLevel::error, "not-received", joined.error().reason, {}});
    });
  }
  ++used.count;
  return {};
}

void PlainSockets::close(base::IpFamily outer, std::uint8_t protocol) {
  const auto found = sockets_.find({outer, protocol});
  if (found == sockets_.end() || --found->second.count != 0) return;
  // The task holds the socket until the shard has let it go.
  post_([socket = std::move(found->second.socket)](DataShard& shard) { shard.stop_reading(*socket); });
  sockets_.erase(found);
}

}  // namespace daemon_app
