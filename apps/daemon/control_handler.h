// Commands of the control socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "apps/daemon/config_commands.h"
#include "apps/daemon/dataplane.h"
#include "apps/daemon/ike_loop.h"
#include "apps/daemon/listing/table.h"
#include "apps/daemon/manual/keying.h"
#include "apps/daemon/monitor.h"
#include "apps/daemon/pending_requests.h"
#include "apps/daemon/running_config.h"
#include "base/log.h"
#include "control/server.h"
#include "ikev2/config.h"
#include "ikev2/engine.h"

namespace daemon_app {

// Of the IKE thread alone.
class ControlHandler {
 public:
  struct Parts {
    boost::asio::io_context& io;
    ikev2::Engine& engine;
    IkeLoop& loop;
    Dataplane& dataplane;
    ManualKeying& manual;
    PendingRequests& requests;
    Monitor& monitor;
    const control::Server& server;
    const RunningConfig& config;
    ConfigCommands& config_commands;
    std::string crypto_name;
    base::LogSink& log;
    base::Instant started;
    std::function<void()> shutdown;  // begins to stop the daemon
  };
  explicit ControlHandler(Parts parts) : parts_(std::move(parts)) {}

  void handle(const control::Request& request, const std::shared_ptr<control::Responder>& responder);

 private:
  using ResponderPtr = std::shared_ptr<control::Responder>;
  // What initiate and terminate act on, checked against the configuration.
  struct Target {
    std::string profile;
    std::optional<std::string> child;
    std::chrono::seconds timeout{30};
  };

  void version(const ResponderPtr& responder);
  void whole(const control::Request& request, const ResponderPtr& responder);
  ListingParts listing_parts() const;
  void list(const control::Request& request, const ResponderPtr& responder);
  nlohmann::json overview() const;
  void initiate(const control::Request& request, const ResponderPtr& responder);
  void terminate(const control::Request& request, const ResponderPtr& responder);
  void rekey(const control::Request& request, const ResponderPtr& responder);
  void reauthenticate(const control::Request& request, const ResponderPtr& responder);
  void capture(const control::Request& request, const ResponderPtr& responder);
  void shutdown(const ResponderPtr& responder);

  // VPP's commands on one SA, named by its SPI (control_by_spi.cpp).
  bool handle_by_spi(const control::Request& request, const ResponderPtr& responder);
  std::optional<base::ChildId> find_child(std::uint64_t spi) const;

  // False: the failure has been answered.
  bool read_target(const control::Request& request, const ResponderPtr& responder, Target& target);
  void add_counters(control::StatusView& view) const;
  // A request that `on_success` answers, or the engine's reason, or the clock.
  ikev2::RequestId wait_for_outcome(const Target& target, const ResponderPtr& responder,
                                    std::function<void()> on_success);
  void answer_with_ike_sa(const std::string& profile, bool secrets, const ResponderPtr& responder);
  void note_secrets(const std::string& command);

  Parts parts_;
};

}  // namespace daemon_app
