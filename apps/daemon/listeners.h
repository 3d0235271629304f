// The UDP sockets of the daemon: per listen address one on the IKE port, and a group on the NAT-T port.
#pragma once

#include <memory>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "config/model.h"
#include "tun/udp_socket.h"

namespace daemon_app {

// All sockets of one listen address. The group on the NAT-T port is in bind order: the IKE thread's socket
// has index 0, those of the shards follow.
struct Listener {
  base::IpAddress address;
  std::unique_ptr<tun::UdpSocket> ike;
  std::unique_ptr<tun::UdpSocket> natt;
  std::vector<std::unique_ptr<tun::UdpSocket>> shards;
};
using Listeners = std::vector<Listener>;

// The configured addresses less those of a family that this host lacks, which are warned of. An error where
// none is left.
base::Result<std::vector<base::IpAddress>> usable_addresses(const config::Daemon& options,
                                                            base::LogSink& log);

// Proves that no other process holds one of the ports: SO_REUSEPORT alone would let two daemons share them.
base::Status probe_ports(const std::vector<base::IpAddress>& addresses, const config::Daemon& options);

// Opens everything and attaches the program that steers IKE to index 0 and ESP to its shard.
base::Result<Listeners> open_listeners(const std::vector<base::IpAddress>& addresses,
                                       const config::Daemon& options, std::uint32_t shard_count,
                                       base::LogSink& log);

// Which of the addresses serves packets from `local`: the same one, else the unspecified one of its family;
// `count` where none does. `address_at(i)` gives the i-th.
template <class AddressAt>
std::size_t choose_socket(std::size_t count, const base::IpAddress& local, AddressAt address_at) {
  std::size_t best = count;
  for (std::size_t i = 0; i < count; ++i) {
    const base::IpAddress& address = address_at(i);
    if (address == local) return i;
    if (best == count && address.family() == local.family() && address.is_unspecified()) best = i;
  }
  return best;
}

}  // namespace daemon_app
