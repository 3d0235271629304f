#include "apps/daemon/network_watch.h"

#include "apps/daemon/listeners.h"

namespace daemon_app {

std::vector<base::IpAddress> reachable_addresses(const std::vector<tun::LocalAddress>& all,
                                                 const std::string& own_device,
                                                 const std::vector<base::IpAddress>& listening) {
  static const base::Prefix kUnreachable[] = {
      *base::Prefix::parse("127.0.0.0/8"), *base::Prefix::parse("169.254.0.0/16"),
      *base::Prefix::parse("::1/128"), *base::Prefix::parse("fe80::/10")};
  std::vector<base::IpAddress> found;
  for (const tun::LocalAddress& local : all) {
    bool reachable = local.device != own_device;
    for (const base::Prefix& prefix : kUnreachable) reachable = reachable && !prefix.contains(local.address);
    const std::size_t socket =
        choose_socket(listening.size(), local.address, [&](std::size_t i) { return listening[i]; });
    if (reachable && socket < listening.size()) found.push_back(local.address);
  }
  return found;
}

NetworkWatch::NetworkWatch(boost::asio::io_context& io, std::unique_ptr<tun::NetlinkWatch> watch,
                           tun::Netlink& netlink, std::string own_device,
                           std::vector<base::IpAddress> listening, base::LogSink& log, OnChange on_change)
    : watch_(std::move(watch)),
      descriptor_(io, watch_->descriptor()),
      timer_(io),
      netlink_(netlink),
      own_device_(std::move(own_device)),
      listening_(std::move(listening)),
      log_(log),
      on_change_(std::move(on_change)) {}

NetworkWatch::~NetworkWatch() { descriptor_.release(); }

void NetworkWatch::start() {
  look();
  wait();
}

void NetworkWatch::wait() {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](boost::system::error_code error) {
                           if (error) return;
                           const bool changed = watch_->drain();
                           wait();
                           if (!changed || waiting_) return;
                           waiting_ = true;
                           timer_.expires_after(kSettle);
                           timer_.async_wait([this](boost::system::error_code cancelled) {
                             waiting_ = false;
                             if (!cancelled) look();
                           });
                         });
}

void NetworkWatch::look() {
  auto all = netlink_.addresses();
  if (all.has_error()) {
    log_.write({base::LogLevel::warning, "addresses", all.error().reason, {}});
    return;
  }
  on_change_(reachable_addresses(*all, own_device_, listening_));
}

}  // namespace daemon_app
