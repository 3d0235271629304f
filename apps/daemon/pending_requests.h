// Commands of the control socket that wait for the engine.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "ikev2/action.h"

namespace daemon_app {

// Of the IKE thread alone.
class PendingRequests {
 public:
  using OnStep = std::function<void(const std::string& text)>;
  using OnDone = std::function<void(const base::Status& outcome)>;

  ikev2::RequestId add(OnStep on_step, OnDone on_done);
  void step(ikev2::RequestId id, const std::string& text);
  // Calls on_done and forgets the request; unknown ones are ignored, they have timed out.
  void finish(ikev2::RequestId id, const base::Status& outcome);
  // Forgets it without a call. False where it is not there any more.
  bool drop(ikev2::RequestId id) { return waiting_.erase(id) != 0; }

 private:
  struct Entry {
    OnStep on_step;
    OnDone on_done;
  };
  std::uint64_t last_id_ = 0;
  std::unordered_map<ikev2::RequestId, Entry> waiting_;
};

}  // namespace daemon_app
