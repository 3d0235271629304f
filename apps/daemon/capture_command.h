// The command "capture" of the control socket: octets of a pcapng file in parts, until its time is up or its
// client has gone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "apps/daemon/capture.h"
#include "control/server.h"

namespace daemon_app {

// `options` holds what the arguments "plain" and "profile" say; "for_s" is how
// long, in seconds, without limit where it is left out. Parts: {"pcapng": octets as base64}; the answer:
// {"packets": …, "lost": …}. All objects outlive the capture.
void run_capture(boost::asio::io_context& io, Capture& capture, const CaptureOptions& options,
                 const nlohmann::json& args, const std::shared_ptr<control::Responder>& responder);

}  // namespace daemon_app
