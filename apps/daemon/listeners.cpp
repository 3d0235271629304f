#include "apps/daemon/listeners.h"

#include <sys/socket.h>
#include <unistd.h>

#include "esp/natt.h"

namespace daemon_app {
namespace {

bool host_has(base::IpFamily family) {
  const int domain = family == base::IpFamily::v6 ? AF_INET6 : AF_INET;
  const int descriptor = ::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno != EAFNOSUPPORT;
  ::close(descriptor);
  return true;
}

std::vector<tun::FilterInstruction> steering(std::uint32_t shard_count) {
  std::vector<tun::FilterInstruction> program;
  for (const auto& step : esp::steering_program(shard_count)) {
    program.push_back({step.code, step.jump_true, step.jump_false, step.k});
  }
  return program;
}

base::Result<Listener> open_one(const base::IpAddress& address, const config::Daemon& options,
                                std::uint32_t shard_count, base::LogSink& log) {
  Listener listener;
  listener.address = address;
  const tun::UdpOptions ike{
      {address, options.ike_port}, options.routing.mark, false, 8 << 20, tun::kNoOffload};
  const tun::UdpOptions natt{
      {address, options.natt_port}, options.routing.mark, true, 8 << 20, tun::kNoOffload};
  ASSIGN_OR_RETURN(listener.ike, tun::UdpSocket::open(ike));
  ASSIGN_OR_RETURN(listener.natt, tun::UdpSocket::open(natt));
  tun::UdpOptions data = natt;
  data.offload = options.tun.offload;
  for (std::uint32_t i = 0; i < shard_count; ++i) {
    ASSIGN_OR_RETURN(auto socket, tun::UdpSocket::open(data));
    listener.shards.push_back(std::move(socket));
  }
  const auto program = steering(shard_count);
  const base::Status attached = listener.natt->attach_group_filter(program);
  if (attached.has_error()) {
    log.write({base::LogLevel::warning,
               "steering",
               "datagrams are not steered to their threads, which costs speed: " + attached.error().reason,
               {{"address", address.text()}}});
  }
  return listener;
}

}  // namespace

base::Result<std::vector<base::IpAddress>> usable_addresses(const config::Daemon& options,
                                                            base::LogSink& log) {
  std::vector<base::IpAddress> wanted = options.listen;
  if (wanted.empty())
    wanted = {base::IpAddress::any(base::IpFamily::v4), base::IpAddress::any(base::IpFamily::v6)};
  std::vector<base::IpAddress> usable;
  for (const auto& address : wanted) {
    if (host_has(address.family())) {
      usable.push_back(address);
      continue;
    }
    log.write(
        {base::LogLevel::warning,
         "listen",
         std::string("this host has no ") + (address.is_v6() ? "IPv6" : "IPv4") + ": not listening there",
         {{"address", address.text()}}});
  }
  if (usable.empty()) return base::local_error("no address to listen on");
  return usable;
}

base::Status probe_ports(const std::vector<base::IpAddress>& addresses, const config::Daemon& options) {
  for (const auto& address : addresses) {
    RETURN_IF_ERROR(tun::UdpSocket::probe({address, options.ike_port}));
    RETURN_IF_ERROR(tun::UdpSocket::probe({address, options.natt_port}));
  }
  return {};
}

base::Result<Listeners> open_listeners(const std::vector<base::IpAddress>& addresses,
                                       const config::Daemon& options, std::uint32_t shard_count,
                                       base::LogSink& log) {
  Listeners listeners;
  for (const auto& address : addresses) {
    ASSIGN_OR_RETURN(Listener listener, open_one(address, options, shard_count, log));
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

}  // namespace daemon_app
