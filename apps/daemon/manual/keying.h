// Manual keying as the daemon has it: the tables, their requests, their clock, and their way to the data
// path.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "apps/daemon/dataplane.h"
#include "apps/daemon/manual/counter_ledger.h"
#include "apps/daemon/manual/port.h"
#include "apps/daemon/manual/table.h"
#include "apps/daemon/spi_source.h"
#include "base/log.h"
#include "control/manual_model.h"
#include "control/server.h"
#include "tun/netlink.h"

namespace daemon_app {

// Of the IKE thread alone.
class ManualKeying {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Dataplane& dataplane;
    Routing& routing;
    tun::Netlink& netlink;
    RandomSpiSource& spis;
    const crypto::Provider& provider;
    base::LogSink& log;
    const std::map<std::string, std::string>& interfaces;  // other name -> Linux name
    std::string state;                                     // the file of the ledger
    std::string device;                                    // our own, of the data path
    // The child of a profile that is for such packets, and how it is asked for, later.
    std::function<std::optional<ChildName>(const spd::PacketKey&)> find_child;
    std::function<void(ikev2::Acquire)> acquire;
  };
  explicit ManualKeying(Parts parts);
  ~ManualKeying();  // after the data path has ended

  // What the configuration says. What cannot be done is logged, and the rest is done all the same.
  void load(config::Manual manual);
  // Requests whose command begins with "manual-" (requests.h).
  void handle(const control::Request& request, const std::shared_ptr<control::Responder>& responder);
  const ManualTable& table() const { return table_; }
  // SPDs, bindings and devices: what is not about single SAs and policies.
  control::ManualView overview() const;
  // How many were made since the file was read, and are in no file.
  struct Made {
    std::size_t sas = 0, groups = 0, policies = 0;
  };
  Made made_by_command() const;
  // Whether an event of the data path was for an SA or a trap that is keyed by hand.
  bool take(const FromShard& event);

 private:
  class Port;

  ManualOutcome run(const control::Request& request);
  ManualOutcome run_on_sas(const control::Request& request);
  ManualOutcome run_on_policies(const control::Request& request);
  // The Linux name of an interface; empty where there is none.
  std::string linux_name(const std::string& name) const;
  ManualOutcome attach(const ManualAttachment& attachment);
  control::ManualDeviceView describe_device() const;
  ManualOutcome bind(const config::ManualBinding& binding);
  void report(const ManualOutcome& outcome, const std::string& what);
  void arm();

  Parts parts_;
  boost::asio::steady_timer clock_;
  CounterLedger ledger_;
  std::unique_ptr<Port> port_;
  ManualTable table_;
  std::string attached_;            // to our device; empty: nothing
  std::uint64_t last_of_file_ = 0;  // the highest index of what the file has made
};

}  // namespace daemon_app
