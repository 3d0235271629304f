#include "apps/daemon/action_runner.h"

#include <algorithm>

namespace daemon_app {
void ActionRunner::run(ikev2::Actions actions) {
  const auto events = parts_.monitor.lines_of(actions);
  for (auto& action : actions) {
    std::visit([this](auto& one) { execute(one); }, action);
  }
  parts_.monitor.publish(events);
}

void ActionRunner::execute(ikev2::SendDatagram& action) {
  parts_.dataplane.capture().record_ike(action.local, action.remote, action.natt, action.message, false);
  const base::Status sent = parts_.sockets.send(action);
  if (!sent.has_error()) return;
  // Retransmission tries again; the reason still matters to whoever wonders why nothing happens.
  parts_.log.write({base::LogLevel::warning,
                    "send-failed",
                    sent.error().reason,
                    {{"local", action.local.text()}, {"remote", action.remote.text()}}});
}

void ActionRunner::execute(ikev2::StartKe& action) {
  const ikev2::JobId job = action.job;
  if (parts_.keys.submit(std::move(action))) return;
  ikev2::KeDone done;
  done.job = job;
  done.status = base::local_error("too many key exchanges wait");
  parts_.complete_later(std::move(done));
}

void ActionRunner::execute(ikev2::StartAuth& action) {
  const ikev2::JobId job = action.job;
  if (parts_.keys.submit(std::move(action))) return;
  ikev2::AuthDone done;
  done.job = job;
  done.status = base::local_error("too many key exchanges wait");
  parts_.complete_later(std::move(done));
}

void ActionRunner::execute(ikev2::StartVerify& action) {
  const ikev2::JobId job = action.job;
  if (parts_.keys.submit(std::move(action))) return;
  parts_.complete_later(ikev2::VerifyDone{job, base::local_error("too many key exchanges wait")});
}

void ActionRunner::execute(ikev2::StartResolve& action) {
  const ikev2::JobId job = action.job;
  if (parts_.resolver.submit(std::move(action))) return;
  parts_.complete_later(ikev2::ResolveDone{job, base::local_error("too many names wait for resolution"), {}});
}

void ActionRunner::execute(ikev2::Report& action) {
  auto& fields = action.log.fields;
  const auto add = [&](const char* key, const std::string& value) {
    const bool there =
        std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.first == key; });
    if (!value.empty() && !there) fields.emplace_back(key, value);
  };
  add("profile", action.profile);
  add("child", action.child);
  parts_.log.write(action.log);
}

}  // namespace daemon_app
