#include "apps/daemon/monitor.h"

#include <algorithm>

#include "control/protocol.h"

namespace daemon_app {
namespace {

using nlohmann::json;
using Kind = ikev2::Report::Kind;

// As the interface reference names them; null: for the log alone.
const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::log:
      return nullptr;
    case Kind::ike_up:
      return "ike-up";
    case Kind::ike_down:
      return "ike-down";
    case Kind::ike_rekeyed:
      return "ike-rekeyed";
    case Kind::child_up:
      return "child-up";
    case Kind::child_down:
      return "child-down";
    case Kind::child_rekeyed:
      return "child-rekeyed";
    case Kind::failure:
      return "failure";
    case Kind::address_changed:
      return "address-changed";
    case Kind::acquire:
      return "acquire";
  }
  return nullptr;
}

std::vector<base::ChildId> children_of(const ikev2::Report& report) {
  std::vector<base::ChildId> ids;
  if (report.ike_sa)
    for (const auto& child : report.ike_sa->children) ids.push_back(child.id);
  if (report.child_sa) ids.push_back(report.child_sa->id);
  return ids;
}

}  // namespace

std::optional<json> make_event(const ikev2::Report& report, const DataplaneStatus& dataplane,
                               const StatusTimes& times) {
  const char* name = name_of(report.kind);
  if (name == nullptr) return {};
  json event = {{"event", name}, {"at", iso_time(times.wall_now)}, {"message", report.log.message}};
  event["profile"] = report.profile.empty() ? json(nullptr) : json(report.profile);
  event["child_name"] = report.child.empty() ? json(nullptr) : json(report.child);
  if (report.ike_sa)
    event["ike_sa"] = control::to_json(make_ike_sa_view(*report.ike_sa, dataplane, times.now));
  if (report.child_sa)
    event["child"] = control::to_json(make_child_view(*report.child_sa, dataplane, times.now));
  const auto& fields = report.log.fields;
  const auto packet =
      std::find_if(fields.begin(), fields.end(), [](const auto& f) { return f.first == "packet"; });
  if (packet != fields.end()) event["packet"] = packet->second;
  return event;
}

void Monitor::add(const ResponderPtr& responder) {
  const std::uint64_t id = ++state_->last_id;
  state_->clients.emplace(id, responder);
  if (state_->clients.size() == 1) parts_.watch(true);
  responder->when_gone([state = std::weak_ptr(state_), watch = parts_.watch, id] {
    const auto alive = state.lock();
    if (alive == nullptr || alive->clients.erase(id) == 0) return;
    if (alive->clients.empty()) watch(false);
  });
  responder->step("watching");
}

std::vector<std::string> Monitor::lines_of(const ikev2::Actions& actions) const {
  std::vector<std::string> lines;
  if (state_->clients.empty()) return lines;
  const StatusTimes times{{}, monotonic_now(), std::chrono::system_clock::now()};
  for (const auto& action : actions) {
    const auto* report = std::get_if<ikev2::Report>(&action);
    if (report == nullptr || report->kind == Kind::log) continue;
    if (const auto event = make_event(*report, parts_.glance(children_of(*report)), times))
      lines.push_back(control::write_event(*event));
  }
  return lines;
}

void Monitor::publish(const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    for (const auto& [id, client] : state_->clients) client->send(line);
}

void Monitor::finish() {
  const auto clients = std::exchange(state_->clients, {});
  for (const auto& [id, client] : clients) client->finish(control::succeeded());
}

}  // namespace daemon_app
