#include "apps/daemon/daemon.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <thread>

#include "apps/daemon/clock.h"
#include "apps/daemon/crypto_engine.h"
#include "apps/daemon/peer_finder.h"
#include "crypto/botan/provider.h"
#include "crypto/botan/rng.h"

namespace daemon_app {
namespace {

constexpr std::uint32_t kEthernetMtu = 1500;
constexpr std::uint32_t kTunQueueLength = 1000;  // packets that wait for the data path

}  // namespace

Daemon::Daemon(config::Config config, Logger& log)
    : log_(log),
      config_(std::move(config)),
      started_(monotonic_now()),
      signals_(io_, SIGTERM, SIGINT, SIGHUP),
      stop_timer_(io_),
      house_timer_(io_) {}

base::Result<std::unique_ptr<Daemon>> Daemon::open(config::Config config, Logger& log) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(config), log));
  ASSIGN_OR_RETURN(daemon->abilities_, check_abilities(daemon->config_.daemon));
  daemon->provider_ = crypto::make_botan_provider();
  daemon->rng_ = crypto::make_system_rng();
  ASSIGN_OR_RETURN(daemon->fast_provider_,
                   choose_engine(daemon->config_.daemon.crypto, *daemon->provider_, log));
  RETURN_IF_ERROR(daemon->open_sockets());
  RETURN_IF_ERROR(daemon->open_tun());
  RETURN_IF_ERROR(daemon->build_dataplane());
  daemon->build_engine();
  daemon->build_control();
  RETURN_IF_ERROR(daemon->watch_network());
  return daemon;
}

// The reverse of open(): first nothing new comes in, then the threads end, then the kernel gets its tables
// back.
Daemon::~Daemon() {
  if (monitor_ != nullptr) monitor_->finish();
  control_.reset();
  network_.reset();
  loop_.reset();
  dataplane_.reset();
  manual_.reset();
  keys_.reset();
  resolver_.reset();
  routing_.reset();
  if (netlink_ != nullptr) {
    const base::Status removed = netlink_->remove_all();
    if (removed.has_error()) {
      log_.write({base::LogLevel::warning, "routes-left", removed.error().reason, {}});
    }
  }
}

base::Status Daemon::open_sockets() {
  const config::Daemon& options = config_.daemon;
  ASSIGN_OR_RETURN(addresses_, usable_addresses(options, log_));
  // Before anything is touched: both fail where another daemon is alive.
  RETURN_IF_ERROR(probe_ports(addresses_, options));
  const auto& control = options.control;
  ASSIGN_OR_RETURN(control_, control::Server::open(
                                 io_, {control.socket, control.group, control.mode},
                                 [this](const control::Request& request, const auto& responder) {
                                   handler_->handle(request, responder);
                                 },
                                 log_));
  ASSIGN_OR_RETURN(listeners_, open_listeners(addresses_, options, lanes(), log_));
  sockets_ = std::make_unique<IkeSockets>(listeners_);
  open_raw_sockets();
  return {};
}

void Daemon::open_raw_sockets() {
  if (!abilities_.raw_sockets) {
    log_.write(
        {base::LogLevel::warning, "no-raw-sockets", "CAP_NET_RAW is missing: ESP goes over UDP alone", {}});
    return;
  }
  const std::uint32_t mark = config_.daemon.routing.mark;
  for (const auto& address : addresses_) {
    const base::IpFamily family = address.family();
    const std::size_t index = family_index(family);
    if (raw_[index] != nullptr) continue;
    auto raw = tun::RawSocket::open(family, base::ip_protocol::kEsp, mark);
    auto whole = tun::RawSocket::open_unfragmented(family, base::ip_protocol::kEsp, mark);
    auto ah = tun::RawSocket::open(family, base::ip_protocol::kAh, mark, tun::RawSocket::Contents::packet);
    auto forward = tun::IpSocket::open(family, mark);
    const auto warn = [this](const base::Error& error) {
      log_.write({base::LogLevel::warning, "no-raw-sockets", error.reason, {}});
    };
    if (raw.has_error()) warn(raw.error());
    if (whole.has_error()) warn(whole.error());
    if (ah.has_error()) warn(ah.error());
    if (forward.has_error()) warn(forward.error());
    if (!raw.has_error()) raw_[index] = std::move(*raw);
    if (!whole.has_error()) whole_[index] = std::move(*whole);
    if (!ah.has_error()) ah_[index] = std::move(*ah);
    if (!forward.has_error()) forward_[index] = std::move(*forward);
  }
}

base::Status Daemon::open_tun() {
  if (config_.daemon.tun.tap && lanes() > 1)
    return base::local_error("tun.kind: tap works with data_threads 1 or 2");
  // A bridge takes the smallest MTU of its ports: what is too long is told to hosts instead.
  if (config_.daemon.tun.tap && config_.daemon.tun.mtu == 0) config_.daemon.tun.mtu = kEthernetMtu;
  const config::Daemon& options = config_.daemon;
  ASSIGN_OR_RETURN(netlink_, tun::Netlink::open(options.routing));
  RETURN_IF_ERROR(netlink_->remove_all());  // what a crash has left
  for (std::uint32_t i = 0; i < lanes(); ++i) {
    ASSIGN_OR_RETURN(auto queue, tun::TunDevice::open(options.tun));
    tun_queues_.push_back(std::move(queue));
  }
  const std::string& name = tun_queues_.front()->name();
  RETURN_IF_ERROR(netlink_->set_queue_length(name, kTunQueueLength));
  if (options.tun.mtu != 0) RETURN_IF_ERROR(netlink_->set_mtu(name, options.tun.mtu));
  RETURN_IF_ERROR(netlink_->set_link_up(name, true));
  routing_ = std::make_unique<Routing>(*netlink_, options, name, log_);
  return {};
}

// A thread for each direction, where there is a processor for each.
std::uint32_t Daemon::data_threads() const {
  if (config_.daemon.data_threads != 0) return config_.daemon.data_threads;
  return std::thread::hardware_concurrency() > 1 ? 2 : 1;
}

base::Status Daemon::open_handovers() {
  for (auto* by_lane : {&outbound_handovers_, &esp_handovers_, &ah_handovers_}) {
    for (std::uint32_t i = 0; i < lanes(); ++i) {
      ASSIGN_OR_RETURN(auto handover, tun::Handover::open(lanes()));
      by_lane->push_back(std::move(handover));
    }
  }
  return {};
}

esp::PathOptions Daemon::path_options() const {
  const config::Path& path = config_.daemon.path;
  esp::PathOptions options;
  options.fragment_before = path.fragment_before;
  options.clamp_mss = path.clamp_mss;
  if (path.dont_fragment == config::DontFragment::copy) options.dont_fragment = esp::DontFragment::copy;
  if (path.dont_fragment == config::DontFragment::set) options.dont_fragment = esp::DontFragment::set;
  return options;
}

// What all shards of a lane read and write.
ShardPorts Daemon::ports_of(std::uint32_t lane) const {
  ShardPorts ports;
  ports.lane = lane;
  ports.path = path_options();
  ports.expected = &spis_->expected();
  ports.tun = tun_queues_[lane].get();
  for (const auto& listener : listeners_) ports.udp.push_back(listener.shards[lane].get());
  for (std::size_t family = 0; family < raw_.size(); ++family) {
    ports.raw[family] = raw_[family].get();
    ports.whole[family] = whole_[family].get();
    ports.ah[family] = ah_[family].get();
    ports.forward[family] = forward_[family].get();
  }
  const auto point_to = [](const auto& owned, std::vector<tun::Handover*>& out) {
    for (const auto& handover : owned) out.push_back(handover.get());
  };
  point_to(outbound_handovers_, ports.outbound);
  point_to(esp_handovers_, ports.esp_of);
  point_to(ah_handovers_, ports.ah_of);
  return ports;
}

base::Result<std::vector<std::unique_ptr<DataShard>>> Daemon::make_shards() {
  if (lanes() > 1) RETURN_IF_ERROR(open_handovers());
  std::vector<std::unique_ptr<DataShard>> shards;
  const auto make = [&](std::uint32_t lane, bool receives, bool sends) -> base::Status {
    ShardPorts ports = ports_of(lane);
    ports.receives = receives;
    ports.sends = sends;
    ASSIGN_OR_RETURN(auto inbox, IkeInbox::open());
    shards.push_back(std::make_unique<DataShard>(ports, crypto::make_system_rng(), std::move(inbox)));
    return {};
  };
  if (data_threads() == 1) {
    RETURN_IF_ERROR(make(0, true, true));
    return shards;
  }
  for (std::uint32_t lane = 0; lane < lanes(); ++lane) RETURN_IF_ERROR(make(lane, true, false));
  for (std::uint32_t lane = 0; lane < lanes(); ++lane) RETURN_IF_ERROR(make(lane, false, true));
  return shards;
}

base::Status Daemon::build_dataplane() {
  spis_ = std::make_unique<RandomSpiSource>(*rng_, lanes());
  ASSIGN_OR_RETURN(auto shards, make_shards());
  dataplane_ = std::make_unique<Dataplane>(
      Dataplane::Parts{io_, data_provider(), *routing_, log_, std::move(shards), lanes(),
                       [this](const ikev2::ChildEvent& event) { loop_->child_event(event); },
                       [this] { return describe_data_path(); }, config_.daemon.path.probe, answers_of_port(),
                       config_.daemon.routing.mark});
  if (abilities_.raw_sockets) listen_to_routers();
  return {};
}

// Null where there is no Ethernet to answer on.
std::function<void(tun::AnsweredAddresses)> Daemon::answers_of_port() {
  tun::TunDevice* const device = tun_queues_.front().get();
  if (!device->is_tap()) return nullptr;
  return [device](tun::AnsweredAddresses addresses) { device->set_answered(std::move(addresses)); };
}

// ICMP about our outer packets.
void Daemon::listen_to_routers() {
  for (const base::IpFamily family : {base::IpFamily::v4, base::IpFamily::v6}) {
    const bool used = std::any_of(addresses_.begin(), addresses_.end(),
                                  [&](const auto& address) { return address.family() == family; });
    if (!used) continue;
    auto socket = tun::IcmpSocket::open(family);
    if (socket.has_error()) {
      log_.write({base::LogLevel::warning, "no-raw-sockets", socket.error().reason, {}});
    } else {
      dataplane_->paths().listen(std::move(*socket));
    }
  }
}

void Daemon::build_engine() {
  ikev2::EngineConfig options = config_.daemon.limits;
  options.ike_port = config_.daemon.ike_port;
  options.natt_port = config_.daemon.natt_port;
  options.fragments.enabled = config_.daemon.fragment_size != 0;
  options.fragments.size_v4 = options.fragments.size_v6 = config_.daemon.fragment_size;
  engine_ = std::make_unique<ikev2::Engine>(options, *provider_, *rng_, *spis_);
  manual_ = std::make_unique<ManualKeying>(
      ManualKeying::Parts{io_, *dataplane_, *routing_, *netlink_, *spis_, data_provider(), log_,
                          config_.daemon.interfaces, config_.manual.state, tun_queues_.front()->name()});

  const auto complete_later = [this](ikev2::Completion completion) {
    boost::asio::post(io_, [this, c = std::move(completion)]() mutable { loop_->complete(std::move(c)); });
  };
  keys_ = std::make_unique<KeyWorker>(*provider_, crypto::make_system_rng(),
                                      std::vector<config::Credential>(), complete_later);
  build_running_config();
  resolver_ = std::make_unique<Resolver>([this](ikev2::JobId job, Resolver::Addresses addresses) {
    boost::asio::post(io_, [this, job, found = std::move(addresses)] {
      loop_->complete(with_local_addresses(
          job, found, [this](const base::IpAddress& remote) { return netlink_->source_for(remote); }));
    });
  });
  monitor_ = std::make_unique<Monitor>(
      Monitor::Parts{[this](bool on) { engine_->watch(on); },
                     [this](const auto& children) { return dataplane_->glance(children); }});
  runner_ = std::make_unique<ActionRunner>(
      ActionRunner::Parts{*sockets_, *dataplane_, *keys_, *resolver_, requests_, *monitor_, log_,
                          complete_later, [this] { boost::asio::post(io_, [this] { io_.stop(); }); }});
  loop_ = std::make_unique<IkeLoop>(
      IkeLoop::Parts{io_, *engine_, *runner_, *dataplane_, listeners_, ike_pool_, log_,
                     [this](const FromShard& event) { return manual_->take(event); }});
  keepalive_ = std::make_unique<NatKeepalive>(io_, *engine_, *sockets_, config_.daemon.nat_keepalive);
}

void Daemon::build_running_config() {
  available_ = std::make_unique<ikev2::Availability>(*provider_, *rng_);
  running_ = std::make_unique<RunningConfig>(RunningConfig::Parts{
      [this](const ikev2::PeerConfig& peer) { return computable(peer); },
      [this](ikev2::CredentialId id, SharedMaterial material) { keys_->set(id, std::move(material)); },
      [this](ikev2::CredentialId id) { keys_->set(id, nullptr); }});
  config::Config read = std::move(config_);
  config_ = config::Config();
  config_.daemon = read.daemon;
  config_.manual = std::move(read.manual);
  running_->begin(std::move(read));
}

void Daemon::build_control() {
  config_commands_ = std::make_unique<ConfigCommands>(ConfigCommands::Parts{
      io_, *engine_, *loop_, requests_, *running_, config_.daemon, tun_queues_.front()->name(), log_});
  handler_ = std::make_unique<ControlHandler>(ControlHandler::Parts{
      io_, *engine_, *loop_, *dataplane_, *manual_, requests_, *monitor_, *control_, *running_,
      *config_commands_, provider_->name(), log_, started_, [this] { begin_stop("the command shutdown"); }});
}

base::Status Daemon::watch_network() {
  const std::string& device = tun_queues_.front()->name();
  ASSIGN_OR_RETURN(auto watch, tun::NetlinkWatch::open(config_.daemon.routing, device));
  network_ = std::make_unique<NetworkWatch>(io_, std::move(watch), *netlink_, device, addresses_, log_,
                                            [this](std::vector<base::IpAddress> addresses) {
                                              routing_->addresses_changed();
                                              loop_->network({std::move(addresses)});
                                            });
  return {};
}

// Without what the library of this machine cannot compute.
ikev2::PeerConfigPtr Daemon::computable(const ikev2::PeerConfig& peer) {
  auto out = std::make_shared<ikev2::PeerConfig>(peer);
  std::vector<std::string> missing = available_->prune(out->proposals);
  for (auto& child : out->children) {
    for (auto& name : available_->prune(child.proposals)) missing.push_back(std::move(name));
  }
  for (const std::string& name : missing) {
    log_.write({base::LogLevel::warning,
                "algorithm-missing",
                name + " is not in this build of the library: it is neither offered nor accepted",
                {{"profile", peer.name}, {"provider", provider_->name()}}});
  }
  return out;
}

}  // namespace daemon_app
