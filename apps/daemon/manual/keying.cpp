#include "apps/daemon/manual/keying.h"

#include <fmt/core.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "apps/daemon/manual/describe.h"
#include "apps/daemon/manual/keying_port.h"
#include "config/manual_check.h"

namespace daemon_app {

using nlohmann::json;

namespace {

constexpr std::chrono::seconds kTick{1};

// What reading the arguments gave, given to `act`; or why they make no sense.
template <class T, class Act>
ManualOutcome with(base::Result<T> read, Act&& act) {
  if (read.has_error()) return ManualOutcome::refused("usage", read.error().reason);
  return act(std::move(*read));
}

ManualOutcome no_interface(const std::string& name) {
  return ManualOutcome::refused(
      "not-found", fmt::format("there is no interface {}: daemon.interfaces gives other names to Linux' own",
                               name.substr(0, 64)));
}

// In octets; 0 where the kernel does not say.
std::uint64_t link_mtu(const std::string& name) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  const bool told = ::ioctl(fd, SIOCGIFMTU, &request) == 0;
  ::close(fd);
  return told ? static_cast<std::uint64_t>(request.ifr_mtu) : 0;
}

}  // namespace

ManualKeying::ManualKeying(Parts parts)
    : parts_(std::move(parts)),
      clock_(parts_.io),
      ledger_(parts_.state),
      port_(std::make_unique<Port>(parts_)),
      table_(*port_, ledger_, parts_.log) {
  parts_.dataplane.on_answer([this](const ikev2::AnswerAcquire& answer) {
    table_.answered({answer.profile, answer.child}, answer.pause);
  });
  arm();
}

ManualKeying::~ManualKeying() { table_.close(); }

void ManualKeying::arm() {
  clock_.expires_after(kTick);
  clock_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    table_.tick(monotonic_now());
    arm();
  });
}

bool ManualKeying::take(const FromShard& event) {
  if (const auto* hit = std::get_if<TrapHit>(&event))
    return table_.acquire(hit->trap, hit->packet, monotonic_now());
  const auto* child = std::get_if<ikev2::ChildEvent>(&event);
  const auto* expired = child == nullptr ? nullptr : std::get_if<ikev2::Expired>(child);
  return expired != nullptr && table_.expire(expired->child, expired->hard);
}

void ManualKeying::report(const ManualOutcome& outcome, const std::string& what) {
  if (!outcome.ok()) parts_.log.write({base::LogLevel::error, "manual", what + ": " + outcome.reason, {}});
  for (const std::string& warning : outcome.warnings) {
    parts_.log.write({base::LogLevel::warning, "manual", what + ": " + warning, {}});
  }
}

void ManualKeying::load(config::Manual manual) {
  const base::Instant now = monotonic_now();
  for (const std::uint32_t spd : manual.spds) report(table_.add_spd(spd), fmt::format("spd {}", spd));
  for (config::ManualSa& sa : manual.sas) {
    const std::string what = config::name_of(sa);
    report(table_.add_sa(std::move(sa), now), what);
  }
  for (const auto& group : manual.groups) report(table_.add_group(group), "a group");
  for (config::ManualPolicy& policy : manual.policies) {
    const std::string what = policy.local.text() + " -> " + policy.remote.text();
    report(table_.add_policy(std::move(policy)), what);
  }
  for (const auto& binding : manual.bindings) {
    report(bind(binding), fmt::format("spd {} of {}", binding.spd, binding.interface));
  }
  const auto note = [this](const auto& map) {
    if (!map.empty()) last_of_file_ = std::max(last_of_file_, map.rbegin()->first);
  };
  note(table_.sas());
  note(table_.groups());
  note(table_.policies());
}

std::string ManualKeying::linux_name(const std::string& name) const {
  const auto known = parts_.interfaces.find(name);
  const std::string& linux = known == parts_.interfaces.end() ? name : known->second;
  return ::if_nametoindex(linux.c_str()) == 0 ? "" : linux;
}

ManualOutcome ManualKeying::bind(const config::ManualBinding& binding) {
  if (!linux_name(binding.interface).empty()) return table_.bind(binding);
  return no_interface(binding.interface);
}

// What is attached stands in the listing alone.
ManualOutcome ManualKeying::attach(const ManualAttachment& attachment) {
  const bool all = attachment.device.empty();
  if (!all && linux_name(attachment.device) != parts_.device) {
    return ManualOutcome::refused("not-found", "the daemon has one device, " + parts_.device);
  }
  if (!attachment.physical.empty() && linux_name(attachment.physical).empty())
    return no_interface(attachment.physical);
  attached_ = attachment.physical;
  return {};
}

control::ManualDeviceView ManualKeying::describe_device() const {
  const auto mtu = [](const std::string& name) { return name.empty() ? 0 : link_mtu(name); };
  return {parts_.device, attached_, mtu(parts_.device), mtu(linux_name(attached_))};
}

ManualOutcome ManualKeying::run_on_sas(const control::Request& request) {
  const std::string& command = request.command;
  const json& args = request.args;
  const base::Instant now = monotonic_now();
  if (command == "manual-sa-add")
    return with(read_manual_sa(args), [&](auto sa) { return table_.add_sa(std::move(sa), now); });
  if (command == "manual-sa-replace")
    return with(read_manual_sa(args), [&](auto sa) { return table_.replace_sa(std::move(sa), now); });
  if (command == "manual-sa-delete")
    return with(read_manual_ref(args), [&](auto name) { return table_.delete_sa(name); });
  if (command == "manual-sa-clear") return table_.clear_sas();
  if (command == "manual-sa-keys")
    return with(read_manual_keys(args), [&](auto keys) { return table_.change_keys(std::move(keys)); });
  if (command == "manual-group-add")
    return with(read_manual_members(args), [&](auto members) { return table_.add_group(members); });
  if (command == "manual-group-delete")
    return with(read_manual_ref(args), [&](auto member) { return table_.delete_group(member); });
  return ManualOutcome::refused("unsupported", "this daemon has no command '" + command.substr(0, 64) + "'");
}

ManualOutcome ManualKeying::run_on_policies(const control::Request& request) {
  const std::string& command = request.command;
  const json& args = request.args;
  if (command == "manual-policy-add")
    return with(read_manual_policy(args), [&](auto policy) { return table_.add_policy(std::move(policy)); });
  if (command == "manual-policy-delete")
    return with(read_manual_policy(args), [&](auto policy) { return table_.delete_policy(policy); });
  if (command == "manual-policy-clear")
    return with(read_manual_spd(args), [&](auto spd) { return table_.clear_policies(spd); });
  if (command == "manual-eroute-add")
    return with(read_manual_eroute(args, true), [&](auto one) { return table_.add_policy(std::move(one)); });
  if (command == "manual-eroute-replace")
    return with(read_manual_eroute(args, true),
                [&](auto one) { return table_.replace_eroute(std::move(one)); });
  if (command == "manual-eroute-delete")
    return with(read_manual_eroute(args, false), [&](auto one) { return table_.delete_policy(one); });
  if (command == "manual-eroute-clear") return table_.clear_policies(config::ManualPolicy::kEroutes);
  return run_on_sas(request);
}

ManualOutcome ManualKeying::run(const control::Request& request) {
  const std::string& command = request.command;
  const json& args = request.args;
  if (command == "manual-spd-add")
    return with(read_manual_spd(args), [&](auto spd) { return table_.add_spd(spd); });
  if (command == "manual-spd-delete")
    return with(read_manual_spd(args), [&](auto spd) { return table_.delete_spd(spd); });
  if (command == "manual-spd-bind")
    return with(read_manual_binding(args), [&](auto binding) { return bind(binding); });
  if (command == "manual-spd-unbind")
    return with(read_manual_binding(args), [&](auto binding) { return table_.unbind(binding); });
  if (command == "manual-device-attach" || command == "manual-device-detach")
    return with(read_manual_attachment(args, command.ends_with("attach")),
                [&](auto attachment) { return attach(attachment); });
  return run_on_policies(request);
}

// Indexes are given out in order, and never again.
ManualKeying::Made ManualKeying::made_by_command() const {
  const auto count = [this](const auto& map) {
    return static_cast<std::size_t>(std::distance(map.upper_bound(last_of_file_), map.end()));
  };
  return {count(table_.sas()), count(table_.groups()), count(table_.policies())};
}

control::ManualView ManualKeying::overview() const {
  control::ManualView view = describe_spds(table_);
  view.devices.push_back(describe_device());
  return view;
}

void ManualKeying::handle(const control::Request& request,
                          const std::shared_ptr<control::Responder>& responder) {
  const ManualOutcome outcome = run(request);
  for (const std::string& warning : outcome.warnings) {
    parts_.log.write({base::LogLevel::warning, "manual", warning, {{"command", request.command}}});
  }
  if (!outcome.ok()) return responder->finish(control::failed(outcome.code, outcome.reason));
  json result = {{"warnings", outcome.warnings}};
  if (outcome.index != 0) result["index"] = outcome.index;
  responder->finish(control::succeeded(std::move(result)));
}

}  // namespace daemon_app
