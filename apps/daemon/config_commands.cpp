#include "apps/daemon/config_commands.h"

#include <net/if.h>

#include "apps/daemon/request_args.h"
#include "config/file.h"
#include "config/scalar.h"

namespace daemon_app {
namespace {

using nlohmann::json;

constexpr std::size_t kKeyMost = std::size_t{64} * 1024;  // octets of a private key

json reload_json(const std::vector<ProfileStep>& steps, bool applied) {
  json list = json::array();
  const auto add = [&](const std::string& profile, const json& child, ReloadAction action,
                       const std::vector<std::string>& why) {
    list.push_back({{"profile", profile}, {"child", child}, {"action", name(action)}, {"why", why}});
  };
  for (const ProfileStep& step : steps) {
    add(step.profile, nullptr, step.action, step.why);
    for (const ChildStep& child : step.children) {
      if (child.action != ReloadAction::keep || !child.why.empty())
        add(step.profile, child.child, child.action, child.why);
    }
  }
  return {{"applied", applied}, {"connections", std::move(list)}};
}

// A private key that the daemon can use; others must not be able to read it.
base::Status check_key_file(const std::string& path) {
  if (path.empty() || path.front() != '/')
    return base::local_error("the daemon needs the whole path of the key, from / on");
  auto contents = config::read_file(path, kKeyMost, config::FileKind::regular);
  if (contents.has_error()) return base::local_error(path + ": " + contents.error().reason);
  if (contents->others_can_read())
    return base::local_error(path + ": others can read this secret; chmod o= it");
  const auto key = crypto::load_private_key(contents->bytes.span());
  if (key.has_error()) return base::local_error(path + ": " + key.error().reason);
  return {};
}

config::VppTransforms transforms_of(const Args& args) {
  return {args.text("crypto_alg"), args.text("integ_alg"), args.text("dh_group"), args.text("prf"),
          args.number("crypto_key_size")};
}

}  // namespace

ConfigCommands::ConfigCommands(Parts parts)
    : parts_(std::move(parts)),
      runner_({parts_.io, parts_.config, parts_.requests, [this] { return parts_.engine.status(false); },
               [this](const ikev2::Command& command) { parts_.loop.command(command); }}),
      handlers_{{"ikev2_profile_add_del", &ConfigCommands::add_del},
                {"ikev2_profile_set_auth", &ConfigCommands::set_auth},
                {"ikev2_profile_set_id", &ConfigCommands::set_id},
                {"ikev2_profile_set_ts", &ConfigCommands::set_ts},
                {"ikev2_set_responder", &ConfigCommands::set_responder},
                {"ikev2_set_ike_transforms", &ConfigCommands::set_ike},
                {"ikev2_set_esp_transforms", &ConfigCommands::set_esp},
                {"ikev2_set_sa_lifetime", &ConfigCommands::set_lifetime},
                {"ikev2_set_tunnel_interface", &ConfigCommands::set_tunnel},
                {"ikev2_profile_set_udp_encap", &ConfigCommands::set_udp_encap},
                {"ikev2_profile_disable_natt", &ConfigCommands::disable_natt},
                {"ikev2_profile_set_ipsec_udp_port", &ConfigCommands::set_udp_port},
                {"ikev2_set_local_key", &ConfigCommands::set_local_key},
                {"ikev2_profile_set_liveness", &ConfigCommands::set_liveness},
                {"config_save", &ConfigCommands::save},
                {"reload", &ConfigCommands::reload}} {}

bool ConfigCommands::handle(const control::Request& request,
                            const std::shared_ptr<control::Responder>& responder) {
  const auto found = handlers_.find(request.command);
  if (found == handlers_.end()) return false;
  Outcome outcome = (this->*found->second)(request);
  responder->finish(outcome.has_error() ? control::failed("failed", outcome.error().reason)
                                        : control::succeeded(std::move(outcome->result)));
  return true;
}

void ConfigCommands::note_secrets(const std::string& command) {
  parts_.log.write({base::LogLevel::warning,
                    "secrets-shown",
                    "key material was handed out over the control socket",
                    {{"command", command}}});
}

std::string ConfigCommands::linux_name(const std::string& interface) const {
  const auto found = parts_.options.interfaces.find(interface);
  return found == parts_.options.interfaces.end() ? interface : found->second;
}

ConfigCommands::Outcome ConfigCommands::carry_out(RunningConfig::Commands commands,
                                                  const std::string& profile) {
  if (commands.has_error()) return std::move(commands).error();
  for (const ikev2::Command& command : *commands) parts_.loop.command(command);
  const auto found = parts_.config.profiles().find(profile);
  if (found == parts_.config.profiles().end()) return Reply{json::object()};
  const std::string& missing = found->second.missing;
  return Reply{
      json::object({{"profile", profile}, {"missing", missing.empty() ? json(nullptr) : json(missing)}})};
}

ConfigCommands::Outcome ConfigCommands::edit(const control::Request& request,
                                             const std::function<base::Status(config::VppProfile&)>& change) {
  const std::string profile = Args(request.args).text("name");
  return carry_out(parts_.config.edit(profile, change), profile);
}

ConfigCommands::Outcome ConfigCommands::add_del(const control::Request& request) {
  const Args args(request.args);
  const std::string profile = args.text("name");
  return carry_out(args.flag("is_add") ? parts_.config.make(profile) : parts_.config.unmake(profile),
                   profile);
}

ConfigCommands::Outcome ConfigCommands::set_auth(const control::Request& request) {
  const Args args(request.args);
  const std::string method = args.text("auth_method");
  if (method != "shared-key-mic" && method != "rsa-sig")
    return base::local_error("auth: the methods are shared-key-mic and rsa-sig");
  return edit(request, [&](config::VppProfile& profile) {
    return method == "rsa-sig" ? config::set_certificate(profile, args.text("data"))
                               : config::set_psk(profile, args.text("data"), args.flag("is_hex"));
  });
}

ConfigCommands::Outcome ConfigCommands::set_id(const control::Request& request) {
  const Args args(request.args);
  return edit(request, [&](config::VppProfile& profile) {
    return config::set_id(profile, args.flag("is_local"), args.text("id_type"), args.text("data"));
  });
}

ConfigCommands::Outcome ConfigCommands::set_ts(const control::Request& request) {
  const Args args(request.args);
  const config::VppSelector selector{args.text("start_addr"), args.text("end_addr"),
                                     args.number("start_port"), args.number("end_port"),
                                     args.number("protocol_id")};
  return edit(request, [&](config::VppProfile& profile) {
    return config::set_selector(profile, args.flag("is_local"), selector);
  });
}

// The route to the peer decides which interface packets take; one that is not there would only mislead.
ConfigCommands::Outcome ConfigCommands::set_responder(const control::Request& request) {
  const Args args(request.args);
  const std::string interface = args.text("interface"), address = args.text("address");
  const std::string device = linux_name(interface);
  if (!interface.empty() && ::if_nametoindex(device.c_str()) == 0) {
    return base::local_error("no interface " + device + ": ip link lists those that are there, and " +
                             "daemon.interfaces gives them other names");
  }
  ASSIGN_OR_RETURN(const auto remote, config::parse_remote_address(address));
  if (!std::holds_alternative<base::IpAddress>(remote) && !std::holds_alternative<ikev2::HostName>(remote))
    return base::local_error("responder: one address or host name is needed");
  return edit(request, [&](config::VppProfile& profile) -> base::Status {
    profile.responder_interface = interface;
    profile.responder = address;
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::set_ike(const control::Request& request) {
  return edit(request, [&](config::VppProfile& profile) {
    return config::set_ike_transforms(profile, transforms_of(Args(request.args)));
  });
}

ConfigCommands::Outcome ConfigCommands::set_esp(const control::Request& request) {
  return edit(request, [&](config::VppProfile& profile) {
    return config::set_esp_transforms(profile, transforms_of(Args(request.args)));
  });
}

ConfigCommands::Outcome ConfigCommands::set_lifetime(const control::Request& request) {
  const Args args(request.args);
  return edit(request, [&](config::VppProfile& profile) -> base::Status {
    profile.lifetime_s = args.wide("lifetime");
    profile.jitter_s = args.wide("lifetime_jitter");
    profile.handover_s = args.wide("handover");
    profile.lifetime_bytes = args.wide("lifetime_maxdata");
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::set_tunnel(const control::Request& request) {
  const std::string interface = Args(request.args).text("interface");
  if (linux_name(interface) != parts_.device) {
    return base::local_error("tunnel: this daemon has one tunnel interface, " + parts_.device +
                             ", which carries all its SAs; daemon.interfaces gives it other names");
  }
  return edit(request, [&](config::VppProfile& profile) -> base::Status {
    profile.tunnel = interface;
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::set_udp_encap(const control::Request& request) {
  return edit(request, [](config::VppProfile& profile) -> base::Status {
    if (profile.natt_disabled) return base::local_error("udp-encap: the profile says disable natt");
    profile.udp_encap = true;
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::disable_natt(const control::Request& request) {
  return edit(request, [](config::VppProfile& profile) -> base::Status {
    if (profile.udp_encap) return base::local_error("disable natt: the profile says udp-encap");
    profile.natt_disabled = true;
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::set_udp_port(const control::Request& request) {
  const std::uint32_t port = Args(request.args).number("port");
  const std::uint16_t ours = parts_.options.natt_port;
  if (port != ours) {
    return base::local_error(
        "ipsec-over-udp: ESP in UDP goes over the port of IKE behind a NAT (RFC 3948 2.1), " +
        std::to_string(ours) + " here; daemon.ports.natt sets it");
  }
  return edit(request, [&](config::VppProfile& profile) -> base::Status {
    profile.ipsec_udp_port = ours;
    return {};
  });
}

ConfigCommands::Outcome ConfigCommands::set_local_key(const control::Request& request) {
  const std::string path = Args(request.args).text("key_file");
  RETURN_IF_ERROR(check_key_file(path));
  return carry_out(parts_.config.edit_common([&](config::VppCommon& common) { common.local_key = path; }),
                   {});
}

ConfigCommands::Outcome ConfigCommands::set_liveness(const control::Request& request) {
  const Args args(request.args);
  const std::uint32_t period = args.number("period"), retries = args.number("max_retries");
  constexpr std::uint32_t kMost = 86400;
  if (period == 0 || period > kMost || retries == 0 || retries > 1000)
    return base::local_error("liveness: a period of 1 to 86400 seconds and 1 to 1000 retries are needed");
  return carry_out(parts_.config.edit_common([&](config::VppCommon& common) {
    common.liveness_delay = std::chrono::seconds(period);
    common.liveness_timeout = std::chrono::seconds(std::uint64_t{period} * retries);
  }),
                   {});
}

ConfigCommands::Outcome ConfigCommands::save(const control::Request& request) {
  if (request.secrets) note_secrets("config save");
  return Reply{json::object({{"yaml", parts_.config.save(request.secrets)}})};
}

base::Result<ReloadPlan> ConfigCommands::read_again() {
  config::LoadResult loaded = config::load(parts_.config.path());
  std::string errors;
  for (const auto& diagnostic : loaded.diagnostics) {
    const bool error = diagnostic.severity == config::Diagnostic::Severity::error;
    if (error) errors += (errors.empty() ? "" : "\n") + diagnostic.text();
    if (!error) parts_.log.write({base::LogLevel::warning, "configuration", diagnostic.text(), {}});
  }
  if (!loaded.ok()) return base::local_error(errors);
  return parts_.config.plan(std::move(loaded.config));
}

ConfigCommands::Outcome ConfigCommands::reload(const control::Request& request) {
  ASSIGN_OR_RETURN(ReloadPlan plan, read_again());
  const bool apply = !Args(request.args).flag("dry_run");
  json answer = reload_json(plan.steps, apply);
  if (!apply) return Reply{std::move(answer)};
  parts_.log.write({base::LogLevel::info, "reload", "the configuration is read again", {}});
  runner_.run(std::move(plan));
  return Reply{std::move(answer)};
}

void ConfigCommands::reload_from_signal() {
  const Outcome outcome = reload({"reload", json::object(), false});
  if (outcome.has_error())
    parts_.log.write({base::LogLevel::error, "reload", "nothing is changed: " + outcome.error().reason, {}});
}

}  // namespace daemon_app
