// The composition root: builds everything, joins it, and takes it apart in the reverse order.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

#include "apps/daemon/action_runner.h"
#include "apps/daemon/config_commands.h"
#include "apps/daemon/control_handler.h"
#include "apps/daemon/dataplane.h"
#include "apps/daemon/ike_loop.h"
#include "apps/daemon/logger.h"
#include "apps/daemon/manual/keying.h"
#include "apps/daemon/nat_keepalive.h"
#include "apps/daemon/network_watch.h"
#include "apps/daemon/process.h"
#include "apps/daemon/running_config.h"
#include "apps/daemon/spi_source.h"
#include "control/server.h"
#include "ikev2/negotiate/available.h"
#include "tun/netlink.h"

namespace daemon_app {

class Daemon {
 public:
  // Everything up to where run() can negotiate. The error is one line that names the cause.
  static base::Result<std::unique_ptr<Daemon>> open(config::Config config, Logger& log);
  ~Daemon();

  // Until SIGTERM, SIGINT, the command shutdown, or a failure. Deletes the SAs with their peers before it
  // returns, for at most 5 s; a second signal cuts that short.
  base::Status run();

 private:
  Daemon(config::Config config, Logger& log);

  base::Status open_sockets();
  base::Status open_tun();
  void open_raw_sockets();
  base::Status build_dataplane();
  base::Result<std::vector<std::unique_ptr<DataShard>>> make_shards();
  base::Status open_handovers();
  esp::PathOptions path_options() const;
  void listen_to_routers();
  std::function<void(tun::AnsweredAddresses)> answers_of_port();
  ShardPorts ports_of(std::uint32_t lane) const;
  void build_engine();
  void build_control();
  base::Status watch_network();
  void build_running_config();
  ikev2::PeerConfigPtr computable(const ikev2::PeerConfig& peer);
  void add_peers();
  void announce_ready();
  control::DataPathView describe_data_path() const;
  std::uint32_t data_threads() const;
  // Each with a thread that receives and one that sends; the only one may have one thread for both.
  std::uint32_t lanes() const { return std::max(1u, data_threads() / 2); }
  const crypto::Provider& data_provider() const {
    return fast_provider_ != nullptr ? *fast_provider_ : *provider_;
  }
  void watch_signals();
  void keep_house();
  void begin_stop(const std::string& reason);
  void fail(const base::Error& error);

  Logger& log_;
  config::Config config_;
  const base::Instant started_;
  base::PacketPool ike_pool_{128};
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer stop_timer_, house_timer_;
  bool stopping_ = false;
  base::Status outcome_;
  Abilities abilities_;

  std::unique_ptr<crypto::Provider> provider_;
  std::unique_ptr<crypto::Provider> fast_provider_;  // of the data path; null: the one above
  std::unique_ptr<base::Rng> rng_;
  std::vector<base::IpAddress> addresses_;
  std::unique_ptr<control::Server> control_;
  std::unique_ptr<tun::Netlink> netlink_;
  std::vector<std::unique_ptr<tun::TunDevice>> tun_queues_;  // one per lane
  std::vector<std::unique_ptr<tun::Handover>> outbound_handovers_, esp_handovers_, ah_handovers_;  // by lane
  Listeners listeners_;
  std::array<std::unique_ptr<tun::RawSocket>, 2> raw_, whole_, ah_;
  std::array<std::unique_ptr<tun::IpSocket>, 2> forward_;
  std::unique_ptr<Routing> routing_;
  std::unique_ptr<RandomSpiSource> spis_;  // the data threads read it
  std::unique_ptr<Dataplane> dataplane_;
  std::unique_ptr<ManualKeying> manual_;
  std::unique_ptr<ikev2::Engine> engine_;
  PendingRequests requests_;
  std::unique_ptr<Monitor> monitor_;
  std::unique_ptr<IkeSockets> sockets_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<KeyWorker> keys_;
  std::unique_ptr<ActionRunner> runner_;
  std::unique_ptr<ikev2::Availability> available_;
  std::unique_ptr<RunningConfig> running_;
  std::unique_ptr<IkeLoop> loop_;
  std::unique_ptr<NatKeepalive> keepalive_;
  std::unique_ptr<NetworkWatch> network_;
  std::unique_ptr<ConfigCommands> config_commands_;
  std::unique_ptr<ControlHandler> handler_;
};

}  // namespace daemon_app
