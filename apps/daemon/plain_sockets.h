// The raw sockets by which IP in IP and IPComp come in with no ESP and no AH around them: protocols 4, 41 and
// 108. They are there while something that is configured asks for them, and no longer: an open one keeps the
// kernel from telling strangers that nobody here takes the protocol.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "apps/daemon/data_shard.h"
#include "base/log.h"

namespace daemon_app {

// Of the IKE thread. The shard that reads ends before this does.
class PlainSockets {
 public:
  // `post` runs a task on the shard that reads them, of the first lane.
  PlainSockets(std::uint32_t mark, std::function<void(DataShard::Task)> post, base::LogSink& log)
      : mark_(mark), post_(std::move(post)), log_(log) {}

  // Once more; the first one opens the socket. Errors name the missing capability (CAP_NET_RAW).
  base::Status open(base::IpFamily outer, std::uint8_t protocol);
  // Once less than open().
  void close(base::IpFamily outer, std::uint8_t protocol);

 private:
  struct Used {
    std::shared_ptr<tun::RawSocket> socket;
    std::size_t count = 0;
  };

  const std::uint32_t mark_;
  const std::function<void(DataShard::Task)> post_;
  base::LogSink& log_;
  std::map<std::pair<base::IpFamily, std::uint8_t>, Used> sockets_;
};

}  // namespace daemon_app
