#include "apps/daemon/pending_requests.h"

namespace daemon_app {

ikev2::RequestId PendingRequests::add(OnStep on_step, OnDone on_done) {
  const ikev2::RequestId id(++last_id_);
  waiting_.emplace(id, Entry{std::move(on_step), std::move(on_done)});
  return id;
}

void PendingRequests::step(ikev2::RequestId id, const std::string& text) {
  const auto found = waiting_.find(id);
  if (found != waiting_.end()) found->second.on_step(text);
}

void PendingRequests::finish(ikev2::RequestId id, const base::Status& outcome) {
  auto node = waiting_.extract(id);
  if (!node.empty()) node.mapped().on_done(outcome);
}

}  // namespace daemon_app
