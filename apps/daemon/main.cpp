// ikev2d: arguments, configuration, and the exit status.

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "apps/daemon/daemon.h"
#include "apps/daemon/logger.h"
#include "apps/daemon/process.h"
#include "config/model.h"

namespace {

using namespace daemon_app;

enum ExitStatus { kCleanStop = 0, kFailure = 1, kUsage = 2 };

struct Arguments {
  std::string config, socket, log_level = "info", log_format = "text";
  bool check = false;
};

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", std::string("ikev2d ") + IKEV2D_VERSION);
  app.add_option("-c", arguments.config, "the profiles to serve")->type_name("FILE")->required();
  app.add_option("-s", arguments.socket, "the control socket, instead of the configured one")
      ->type_name("SOCKET");
  app.add_flag("--check", arguments.check, "load and validate the configuration, and do no more");
  app.add_option("--log-level", arguments.log_level, "what to log (default: info)")
      ->check(CLI::IsMember({"error", "warning", "info", "debug", "trace"}));
  app.add_option("--log-format", arguments.log_format, "how to log (default: text)")
      ->check(CLI::IsMember({"text", "json"}));
}

void print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const auto& diagnostic : diagnostics) std::cerr << diagnostic.text() << '\n';
}

void log_warnings(const std::vector<config::Diagnostic>& diagnostics, Logger& log) {
  for (const auto& diagnostic : diagnostics) {
    log.write({base::LogLevel::warning, "configuration", diagnostic.text(), {}});
  }
}

int report(const base::Error& error, Logger& log) {
  log.write({base::LogLevel::error, "failed", error.reason, {}});
  return kFailure;
}

int serve(config::Config config, Logger& log) {
  auto daemon = Daemon::open(std::move(config), log);
  if (daemon.has_error()) return report(daemon.error(), log);
  const base::Status outcome = (*daemon)->run();
  if (outcome.has_error()) return report(outcome.error(), log);
  daemon->reset();
  log.write({base::LogLevel::info, "stopped", "", {}});
  return kCleanStop;
}

int run(const Arguments& arguments) {
  disable_core_dumps();  // before the first secret is read
  config::LoadResult loaded = config::load(arguments.config);
  if (!loaded.ok() || arguments.check) {
    print(loaded.diagnostics);
    return loaded.ok() ? kCleanStop : kUsage;
  }
  if (!arguments.socket.empty()) loaded.config.daemon.control.socket = arguments.socket;
  std::signal(SIGPIPE, SIG_IGN);
  Logger log(*parse_log_level(arguments.log_level), *parse_log_format(arguments.log_format));
  log_warnings(loaded.diagnostics, log);
  try {
    return serve(std::move(loaded.config), log);
  } catch (const std::exception& error) {
    return report(base::local_error(error.what()), log);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("IKEv2 daemon with its own ESP data path.", "ikev2d");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kCleanStop : kUsage;
  }
  return run(arguments);
}
