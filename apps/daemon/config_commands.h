// Commands of the control socket that change or show what is configured: VPP's profile commands under the
// names of its binary API, reload, and saving.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "apps/daemon/ike_loop.h"
#include "apps/daemon/pending_requests.h"
#include "apps/daemon/reload_runner.h"
#include "apps/daemon/running_config.h"
#include "base/log.h"
#include "control/server.h"
#include "ikev2/engine.h"

namespace daemon_app {

// Of the IKE thread alone.
class ConfigCommands {
 public:
  struct Parts {
    boost::asio::io_context& io;
    ikev2::Engine& engine;
    IkeLoop& loop;
    PendingRequests& requests;
    RunningConfig& config;
    const config::Daemon& options;
    std::string device;  // the TUN device
    base::LogSink& log;
  };
  explicit ConfigCommands(Parts parts);

  // False: it is no command of these, and nothing has been answered.
  bool handle(const control::Request& request, const std::shared_ptr<control::Responder>& responder);
  // SIGHUP: `reload`, answered by the log.
  void reload_from_signal();

 private:
  struct Reply {
    nlohmann::json result;
  };
  using Outcome = base::Result<Reply>;
  using Handler = Outcome (ConfigCommands::*)(const control::Request&);

  Outcome add_del(const control::Request& request);
  Outcome set_auth(const control::Request& request);
  Outcome set_id(const control::Request& request);
  Outcome set_ts(const control::Request& request);
  Outcome set_responder(const control::Request& request);
  Outcome set_ike(const control::Request& request);
  Outcome set_esp(const control::Request& request);
  Outcome set_lifetime(const control::Request& request);
  Outcome set_tunnel(const control::Request& request);
  Outcome set_udp_encap(const control::Request& request);
  Outcome disable_natt(const control::Request& request);
  Outcome set_udp_port(const control::Request& request);
  Outcome set_local_key(const control::Request& request);
  Outcome set_liveness(const control::Request& request);
  Outcome save(const control::Request& request);
  Outcome reload(const control::Request& request);

  // Changes the profile that the request names, and tells the engine.
  Outcome edit(const control::Request& request,
               const std::function<base::Status(config::VppProfile&)>& change);
  Outcome carry_out(RunningConfig::Commands commands, const std::string& profile);
  // Reads the file again. The error has a line for each mistake.
  base::Result<ReloadPlan> read_again();
  void note_secrets(const std::string& command);
  std::string linux_name(const std::string& interface) const;

  Parts parts_;
  ReloadRunner runner_;
  std::map<std::string, Handler> handlers_;
};

}  // namespace daemon_app
