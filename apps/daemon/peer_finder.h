// Where a peer is, and which of our addresses faces it.
#pragma once

#include <functional>

#include "apps/daemon/resolver.h"
#include "ikev2/event.h"

namespace daemon_app {

// The kernel's choice of a source address towards a destination.
using SourceFor = std::function<base::Result<base::IpAddress>(const base::IpAddress&)>;

// Joins resolved addresses with the source that the kernel would use towards each. Addresses without a route
// are left out; none left is an error that names the last reason.
ikev2::ResolveDone with_local_addresses(ikev2::JobId job, const Resolver::Addresses& addresses,
                                        const SourceFor& source_for);

}  // namespace daemon_app
