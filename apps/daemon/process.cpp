#include "apps/daemon/process.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>

namespace daemon_app {
namespace {

// The effective capabilities of this process, as a bit set.
std::uint64_t effective_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return 0;
  return data[0].effective | static_cast<std::uint64_t>(data[1].effective) << 32;
}

bool has(std::uint64_t set, int capability) { return (set >> capability & 1) != 0; }

// The first port that needs no privilege.
int unprivileged_from() {
  std::ifstream file("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  int port = 1024;
  file >> port;
  return file ? port : 1024;
}

}  // namespace

void disable_core_dumps() {
#ifndef __SANITIZE_ADDRESS__  // the leak check traces its own process
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

base::Result<Abilities> check_abilities(const config::Daemon& options) {
  const std::uint64_t capabilities = effective_capabilities();
  if (!has(capabilities, CAP_NET_ADMIN)) {
    return base::local_error("CAP_NET_ADMIN is missing: start as root, or give the capability");
  }
  if (::access("/dev/net/tun", F_OK) != 0) {
    return base::local_error(std::string("/dev/net/tun: ") + std::strerror(errno) +
                             ": TUN is missing (modprobe tun, or --device /dev/net/tun for a container)");
  }
  if (std::min(options.ike_port, options.natt_port) < unprivileged_from() &&
      !has(capabilities, CAP_NET_BIND_SERVICE)) {
    return base::local_error("CAP_NET_BIND_SERVICE is missing: it is needed for port " +
                             std::to_string(std::min(options.ike_port, options.natt_port)));
  }
  return Abilities{has(capabilities, CAP_NET_RAW)};
}

}  // namespace daemon_app
