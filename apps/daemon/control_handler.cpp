#include "apps/daemon/control_handler.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "apps/daemon/capture_command.h"
#include "apps/daemon/clock.h"
#include "apps/daemon/explain_packet.h"
#include "apps/daemon/listing/lister.h"
#include "apps/daemon/status_view.h"

namespace daemon_app {
namespace {

using nlohmann::json;

void succeed(control::Responder& responder, json result) {
  responder.finish(control::succeeded(std::move(result)));
}

void fail(control::Responder& responder, std::string code, std::string reason) {
  responder.finish(control::failed(std::move(code), std::move(reason)));
}

const std::string* text_argument(const json& args, const char* key) {
  const auto found = args.find(key);
  return found == args.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

void ControlHandler::handle(const control::Request& request, const ResponderPtr& responder) {
  if (find_whole_answer(request.command) != nullptr) {
    whole(request, responder);
  } else if (request.command == "list") {
    list(request, responder);
  } else if (request.command == "initiate") {
    initiate(request, responder);
  } else if (request.command == "terminate") {
    terminate(request, responder);
  } else if (request.command == "rekey") {
    rekey(request, responder);
  } else if (request.command == "reauth") {
    reauthenticate(request, responder);
  } else if (request.command == "explain-packet") {
    explain_packet(request, parts_.dataplane, responder);
  } else if (request.command == "monitor") {
    parts_.monitor.add(responder);
  } else if (request.command == "capture") {
    capture(request, responder);
  } else if (request.command == "shutdown") {
    shutdown(responder);
  } else if (request.command == "version") {
    version(responder);
  } else if (request.command.starts_with("manual-")) {
    if (request.secrets) note_secrets(request.command);
    parts_.manual.handle(request, responder);
  } else if (handle_by_spi(request, responder) || parts_.config_commands.handle(request, responder)) {
    return;
  } else {
    fail(*responder, "unsupported", "this daemon has no command '" + request.command.substr(0, 64) + "'");
  }
}

void ControlHandler::version(const ResponderPtr& responder) {
  succeed(*responder, {{"version", IKEV2D_VERSION}, {"crypto", parts_.crypto_name}});
}

void ControlHandler::note_secrets(const std::string& command) {
  parts_.log.write({base::LogLevel::warning,
                    "secrets-shown",
                    "key material was handed out over the control socket",
                    {{"command", command}}});
}

ListingParts ControlHandler::listing_parts() const {
  const auto observe = [this](Names names, std::function<void(DataplaneStatus)> done) {
    parts_.dataplane.observe(std::move(names), std::move(done));
  };
  const auto glance = [this](const Names& names) { return parts_.dataplane.glance(names); };
  return {parts_.engine, parts_.manual.table(), observe, glance, parts_.config};
}

void ControlHandler::whole(const control::Request& request, const ResponderPtr& responder) {
  if (request.secrets) note_secrets(request.command);
  answer_whole(
      listing_parts(), *find_whole_answer(request.command), request.secrets, [this] { return overview(); },
      responder);
}

void ControlHandler::list(const control::Request& request, const ResponderPtr& responder) {
  if (request.secrets) note_secrets("list");
  list_tables(
      listing_parts(), request, [this] { return overview(); }, responder);
}

// What is not about single profiles, SAs and policies.
json ControlHandler::overview() const {
  ikev2::EngineStatus engine = parts_.engine.summary();
  engine.profiles.clear();
  const StatusTimes times{parts_.started, monotonic_now(), std::chrono::system_clock::now()};
  auto view = make_status_view(engine, parts_.dataplane.overview(), times);
  add_counters(view);
  json out = control::to_json(view), manual = control::to_json(parts_.manual.overview());
  out.erase("profiles");
  out.erase("ike_sas");
  for (const char* key : {"spds", "bindings", "devices"}) out[key] = std::move(manual[key]);
  const auto made = parts_.manual.made_by_command();
  out["by_command"] = {{"sas", made.sas}, {"groups", made.groups}, {"policies", made.policies}};
  return out;
}

// Those that neither the engine nor the data path counts; the ones that are not zero.
void ControlHandler::add_counters(control::StatusView& view) const {
  const control::ServerCounters& control = parts_.server.counters();
  for (const auto& [name, value] :
       {std::pair("ike-lost", parts_.loop.lost()),
        std::pair("ike-init-queue-full", parts_.loop.dropped_strangers()),
        std::pair("control-denied", control.denied), std::pair("control-turned-away", control.turned_away),
        std::pair("control-displaced", control.displaced), std::pair("control-slow-reader", control.slow)}) {
    if (value != 0) view.counters.push_back({name, value});
  }
}

bool ControlHandler::read_target(const control::Request& request, const ResponderPtr& responder,
                                 Target& target) {
  const std::string* profile = text_argument(request.args, "profile");
  if (profile == nullptr) {
    fail(*responder, "usage", request.command + " needs a profile");
    return false;
  }
  const ikev2::PeerConfig* peer = parts_.config.find(*profile);
  if (peer == nullptr) {
    fail(*responder, "not-found", parts_.config.why_not(*profile));
    return false;
  }
  target.profile = *profile;
  if (const std::string* child = text_argument(request.args, "child")) {
    if (peer->find_child(*child) == nullptr) {
      fail(*responder, "not-found", "profile '" + *profile + "' has no child '" + *child + "'");
      return false;
    }
    target.child = *child;
  }
  const auto timeout = request.args.find("timeout_s");
  if (timeout != request.args.end() && timeout->is_number_integer()) {
    target.timeout = std::chrono::seconds(std::clamp<std::int64_t>(timeout->get<std::int64_t>(), 1, 86400));
  }
  return true;
}

ikev2::RequestId ControlHandler::wait_for_outcome(const Target& target, const ResponderPtr& responder,
                                                  std::function<void()> on_success) {
  auto timer = std::make_shared<boost::asio::steady_timer>(parts_.io, target.timeout);
  const ikev2::RequestId id = parts_.requests.add(
      [responder](const std::string& text) { responder->step(text); },
      [responder, timer, on_success = std::move(on_success)](const base::Status& outcome) {
        timer->cancel();
        if (outcome.has_error()) {
          fail(*responder, "failed", outcome.error().reason);
        } else {
          on_success();
        }
      });
  timer->async_wait([this, id, responder, seconds = target.timeout.count()](boost::system::error_code error) {
    if (error || !parts_.requests.drop(id)) return;
    fail(*responder, "timeout",
         "not done within " + std::to_string(seconds) + " s; it goes on in the background");
  });
  return id;
}

void ControlHandler::initiate(const control::Request& request, const ResponderPtr& responder) {
  Target target;
  if (!read_target(request, responder, target)) return;
  if (!parts_.config.find(target.profile)->can_initiate()) {
    fail(*responder, "failed",
         "profile '" + target.profile + "' is responder-only: its remote address is not one host");
    return;
  }
  const bool secrets = request.secrets;
  if (secrets) note_secrets("initiate");
  const auto id = wait_for_outcome(target, responder, [this, profile = target.profile, secrets, responder] {
    answer_with_ike_sa(profile, secrets, responder);
  });
  parts_.loop.command(ikev2::Initiate{id, target.profile, target.child});
}

void ControlHandler::answer_with_ike_sa(const std::string& profile, bool secrets,
                                        const ResponderPtr& responder) {
  const auto outlines = parts_.engine.outline();
  const ikev2::IkeSaOutline* best = nullptr;
  for (const auto& sa : outlines) {
    if (sa.profile != profile) continue;
    const auto state = parts_.engine.ike_sa(sa.id, {}, false);
    if (best == nullptr || (state && state->state == "established")) best = &sa;
  }
  const auto gone = [responder] { fail(*responder, "failed", "the IKE SA came up and is gone already"); };
  if (best == nullptr) return gone();
  const auto answer = [this, id = best->id, names = best->children, secrets, responder,
                       gone](const DataplaneStatus& dataplane) {
    const auto sa = parts_.engine.ike_sa(id, names, secrets);
    if (!sa) return gone();
    succeed(*responder, control::to_json(make_ike_sa_view(*sa, dataplane, monotonic_now())));
  };
  parts_.dataplane.observe(best->children, answer);
}

void ControlHandler::terminate(const control::Request& request, const ResponderPtr& responder) {
  Target target;
  if (!read_target(request, responder, target)) return;
  const auto id = wait_for_outcome(target, responder, [responder] { succeed(*responder, json::object()); });
  parts_.loop.command(ikev2::Terminate{id, target.profile, target.child});
}

void ControlHandler::rekey(const control::Request& request, const ResponderPtr& responder) {
  Target target;
  if (!read_target(request, responder, target)) return;
  const auto id = wait_for_outcome(target, responder, [responder] { succeed(*responder, json::object()); });
  parts_.loop.command(ikev2::Rekey{id, target.profile, target.child});
}

void ControlHandler::reauthenticate(const control::Request& request, const ResponderPtr& responder) {
  Target target;
  if (!read_target(request, responder, target)) return;
  const auto id = wait_for_outcome(target, responder, [responder] { succeed(*responder, json::object()); });
  parts_.loop.command(ikev2::Reauthenticate{id, target.profile});
}

void ControlHandler::capture(const control::Request& request, const ResponderPtr& responder) {
  CaptureOptions options;
  const auto plain = request.args.find("plain");
  options.plain = plain != request.args.end() && plain->is_boolean() && plain->get<bool>();
  if (const std::string* profile = text_argument(request.args, "profile")) {
    const ikev2::PeerConfig* const peer = parts_.config.find(*profile);
    if (peer == nullptr) return fail(*responder, "not-found", parts_.config.why_not(*profile));
    options.profile = *profile;
    if (const auto* address = std::get_if<base::IpAddress>(&peer->remote_address))
      options.peers.push_back(*address);
  }
  run_capture(parts_.io, parts_.dataplane.capture(), options, request.args, responder);
}

void ControlHandler::shutdown(const ResponderPtr& responder) {
  succeed(*responder, json::object());
  parts_.shutdown();
}

}  // namespace daemon_app
