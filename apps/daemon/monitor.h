// `ikectl monitor`: what the engine reports, as events for whoever watches.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "apps/daemon/clock.h"
#include "apps/daemon/status_view.h"
#include "control/server.h"
#include "ikev2/action.h"

namespace daemon_app {

// The event of one report, or nothing where it is for the log alone. `dataplane` knows the traffic of the SAs
// in it.
std::optional<nlohmann::json> make_event(const ikev2::Report& report, const DataplaneStatus& dataplane,
                                         const StatusTimes& times);

// Of the IKE thread alone. Nothing here waits for a client: one that reads too slowly is disconnected by the
// server, and forgotten.
class Monitor {
 public:
  using ResponderPtr = std::shared_ptr<control::Responder>;
  struct Parts {
    std::function<void(bool)> watch;  // called when the first client comes and when the last one goes
    std::function<DataplaneStatus(const std::vector<base::ChildId>&)> glance;
  };
  explicit Monitor(Parts parts) : parts_(std::move(parts)) {}

  void add(const ResponderPtr& responder);
  // The lines for what these actions report. To be made before they are executed, while the data path still
  // knows the traffic of what goes; to be published after that.
  std::vector<std::string> lines_of(const ikev2::Actions& actions) const;
  void publish(const std::vector<std::string>& lines);
  // The daemon stops: everybody is told, and gone.
  void finish();

 private:
  struct State {
    std::uint64_t last_id = 0;
    std::unordered_map<std::uint64_t, ResponderPtr> clients;
  };
  Parts parts_;
  std::shared_ptr<State> state_ = std::make_shared<State>();  // outlived by what clients still tell
};

}  // namespace daemon_app
