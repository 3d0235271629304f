// The daemon once it is built: what it says when it is ready, its signals, its housekeeping and its end.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/post.hpp>
#include <csignal>

#include "apps/daemon/daemon.h"
#include "apps/daemon/sd_notify.h"

namespace daemon_app {
namespace {

constexpr std::chrono::seconds kStopTime{5};
constexpr std::chrono::seconds kHousePeriod{10};

}  // namespace

base::Status Daemon::run() {
  watch_signals();
  dataplane_->start([this](const base::Error& error) { fail(error); });
  loop_->start();
  keepalive_->start();
  network_->start();
  manual_->load(std::move(config_.manual));
  add_peers();
  announce_ready();
  keep_house();
  io_.run();
  return outcome_;
}

void Daemon::add_peers() {
  for (const auto& [name, profile] : running_->profiles()) loop_->command(ikev2::AddPeer{profile.peer});
}

control::DataPathView Daemon::describe_data_path() const {
  const tun::OffloadOptions& tun = tun_queues_.front()->offload();
  const tun::OffloadOptions udp =
      listeners_.empty() ? tun::kNoOffload : listeners_.front().shards.front()->offload();
  control::DataPathView view{data_provider().name(), data_threads(), {}, tun_queues_.front()->name()};
  for (const auto& [on, name] : {std::pair(tun.tso, "tso"), std::pair(tun.uso, "uso"),
                                 std::pair(udp.gso, "gso"), std::pair(udp.gro, "gro")}) {
    if (on) view.offloads.emplace_back(name);
  }
  return view;
}

void Daemon::announce_ready() {
  const control::DataPathView data = describe_data_path();
  std::string listening;
  for (const auto& address : addresses_) listening += (listening.empty() ? "" : " ") + address.text();
  log_.write(
      {base::LogLevel::info,
       "ready",
       "",
       {{"version", IKEV2D_VERSION},
        {"listen", listening},
        {"ports", std::to_string(config_.daemon.ike_port) + "," + std::to_string(config_.daemon.natt_port)},
        {"socket", config_.daemon.control.socket},
        {"tun", tun_queues_.front()->name()},
        {"crypto", data.crypto},
        {"data_threads", std::to_string(data.threads)},
        {"offload", data.offloads.empty() ? "none" : fmt::format("{}", fmt::join(data.offloads, " "))},
        {"profiles", std::to_string(running_->profiles().size())}}});
  if (!sd_notify("READY=1")) {
    log_.write({base::LogLevel::warning, "sd-notify", "NOTIFY_SOCKET is set, but takes no message", {}});
  }
}

void Daemon::watch_signals() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGHUP) {
      config_commands_->reload_from_signal();
    } else if (stopping_) {
      io_.stop();
      return;
    } else {
      begin_stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
    }
    watch_signals();
  });
}

void Daemon::keep_house() {
  log_.flush_suppressed();
  running_->sweep();
  house_timer_.expires_after(kHousePeriod);
  house_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) keep_house();
  });
}

void Daemon::begin_stop(const std::string& reason) {
  if (stopping_) return;
  stopping_ = true;
  log_.write({base::LogLevel::info, "stopping", "deleting all SAs with their peers", {{"reason", reason}}});
  sd_notify("STOPPING=1");
  stop_timer_.expires_after(kStopTime);
  stop_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    log_.write({base::LogLevel::warning, "stopping", "some peers did not answer in time", {}});
    io_.stop();
  });
  // Later, so that an answer to the command shutdown leaves before the loop may end.
  boost::asio::post(io_, [this] { loop_->command(ikev2::Shutdown{}); });
}

void Daemon::fail(const base::Error& error) {
  outcome_ = error;
  io_.stop();
}

}  // namespace daemon_app
