// The only executor of the engine's actions.
#pragma once

#include <functional>

#include "apps/daemon/dataplane.h"
#include "apps/daemon/ike_sockets.h"
#include "apps/daemon/key_worker.h"
#include "apps/daemon/monitor.h"
#include "apps/daemon/pending_requests.h"
#include "apps/daemon/resolver.h"
#include "base/log.h"
#include "ikev2/action.h"

namespace daemon_app {

// Of the IKE thread alone.
class ActionRunner {
 public:
  struct Parts {
    IkeSockets& sockets;
    Dataplane& dataplane;
    KeyWorker& keys;
    Resolver& resolver;
    PendingRequests& requests;
    Monitor& monitor;
    base::LogSink& log;
    // Takes results to the engine; may be called from within run(), so it must not call the engine itself.
    std::function<void(ikev2::Completion)> complete_later;
    std::function<void()> on_all_closed;
  };
  explicit ActionRunner(Parts parts) : parts_(std::move(parts)) {}

  // In order. Nothing here waits.
  void run(ikev2::Actions actions);

 private:
  void execute(ikev2::SendDatagram& action);
  void execute(ikev2::InstallChild& action) { parts_.dataplane.install(std::move(action)); }
  void execute(ikev2::UseChild& action) { parts_.dataplane.use(action.id); }
  void execute(ikev2::RemoveChild& action) { parts_.dataplane.remove(action.id); }
  void execute(ikev2::MoveChild& action) { parts_.dataplane.move(action); }
  void execute(ikev2::InstallTrap& action) { parts_.dataplane.install(action); }
  void execute(ikev2::RemoveTrap& action) { parts_.dataplane.remove(action); }
  void execute(ikev2::AnswerAcquire& action) { parts_.dataplane.answer(action); }
  void execute(ikev2::StartKe& action);
  void execute(ikev2::StartAuth& action);
  void execute(ikev2::StartVerify& action);
  void execute(ikev2::StartResolve& action);
  void execute(ikev2::Report& action);
  void execute(ikev2::RequestStep& action) { parts_.requests.step(action.request, action.text); }
  void execute(ikev2::RequestDone& action) { parts_.requests.finish(action.request, action.outcome); }
  void execute(ikev2::AllClosed&) { parts_.on_all_closed(); }

  Parts parts_;
};

}  // namespace daemon_app
