#include "apps/daemon/peer_finder.h"

namespace daemon_app {

ikev2::ResolveDone with_local_addresses(ikev2::JobId job, const Resolver::Addresses& addresses,
                                        const SourceFor& source_for) {
  ikev2::ResolveDone done;
  done.job = job;
  if (addresses.has_error()) {
    done.status = addresses.error();
    return done;
  }
  base::Error last = base::local_error("the host has no address");
  for (const auto& remote : *addresses) {
    auto local = source_for(remote);
    if (local.has_error()) {
      last = base::local_error("no way to " + remote.text() + ": " + local.error().reason);
    } else {
      done.addresses.push_back({remote, *local});
    }
  }
  if (done.addresses.empty()) done.status = std::move(last);
  return done;
}

}  // namespace daemon_app
