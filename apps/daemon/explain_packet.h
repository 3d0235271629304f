// The request explain-packet: {"src", "dst", "protocol", "sport", "dport"}.
#pragma once

#include <memory>

#include "apps/daemon/dataplane.h"
#include "control/server.h"

namespace daemon_app {

// Answers with the object of docs/schema/explain-packet.schema.json. On the IKE thread.
void explain_packet(const control::Request& request, Dataplane& dataplane,
                    const std::shared_ptr<control::Responder>& responder);

}  // namespace daemon_app
