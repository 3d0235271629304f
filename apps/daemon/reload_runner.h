// Carries out a plan: tells the engine the least that brings it into force.
#pragma once

#include <boost/asio/io_context.hpp>
#include <set>

#include "apps/daemon/pending_requests.h"
#include "apps/daemon/running_config.h"
#include "ikev2/status.h"

namespace daemon_app {

// Of the IKE thread alone.
class ReloadRunner {
 public:
  struct Parts {
    boost::asio::io_context& io;
    RunningConfig& config;
    PendingRequests& requests;
    std::function<ikev2::EngineStatus()> status;
    std::function<void(const ikev2::Command&)> command;  // to the engine
  };
  explicit ReloadRunner(Parts parts) : parts_(std::move(parts)) {}

  void run(ReloadPlan plan);

 private:
  void change(const ProfileStep& step, const ikev2::PeerConfigPtr& fresh);
  void replace(const std::string& name, const ikev2::PeerConfigPtr& fresh);
  void change_child(const ikev2::PeerConfig& peer, const ChildStep& step);
  void bring_up_again(const std::string& profile, const std::string& child, base::ChildId old);

  Parts parts_;
};

}  // namespace daemon_app
