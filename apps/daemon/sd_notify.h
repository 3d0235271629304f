// Tells systemd how we are, by its datagram protocol (sd_notify(3)), without its library.
#pragma once

#include <string_view>

namespace daemon_app {

// Sends "READY=1", "STOPPING=1", … to the socket that NOTIFY_SOCKET names, abstract ones too. Does nothing
// where the variable is not set. False when the socket refused it.
bool sd_notify(std::string_view state);

}  // namespace daemon_app
