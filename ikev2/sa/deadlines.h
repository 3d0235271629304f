// Ordered deadlines: each owner has at most one of each kind.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/time.h"

namespace ikev2 {

enum class DeadlineKind : std::uint8_t {
  retransmit,   // our request has had no answer
  half_open,    // a responder's SA that never came to IKE_AUTH
  refusal,      // an unauthenticated refusal stood unchallenged (RFC 7296 2.21.1)
  liveness,     // nothing heard from the peer for a while
  rekey,        // the IKE SA or a child is to be replaced
  reauth,       // the peers are to prove again who they are
  expiry,       // the lifetime of the IKE SA or of a child is over
  handover,     // of a child or an IKE SA that another has replaced: delete it
  switch_over,  // of a child that waits for the peer before it sends: wait no more
  linger,       // of a child that is deleted: packets under way have had their time
  deferred,     // what the peer could not do for the moment (TEMPORARY_FAILURE) is asked for again
  reassembly,   // fragments of a request wait for others that do not come (RFC 7383 2.6)
  retry,        // of a peer: try again to bring it up
};

enum class OwnerKind : std::uint8_t { ike_sa, child, peer };

struct DeadlineOwner {
  OwnerKind kind = OwnerKind::ike_sa;
  std::uint64_t id = 0;
  auto operator<=>(const DeadlineOwner&) const = default;
};

class Deadlines {
 public:
  struct Due {
    DeadlineOwner owner;
    DeadlineKind kind;
  };

  void set(DeadlineOwner owner, DeadlineKind kind, base::Instant at) {
    cancel(owner, kind);
    at_[{owner, kind}] = at;
    ordered_.insert({at, owner, kind});
  }
  void cancel(DeadlineOwner owner, DeadlineKind kind) {
    const auto it = at_.find({owner, kind});
    if (it == at_.end()) return;
    ordered_.erase({it->second, owner, kind});
    at_.erase(it);
  }
  void cancel_all(DeadlineOwner owner) {
    for (auto it = at_.lower_bound({owner, DeadlineKind{}}); it != at_.end() && it->first.first == owner;) {
      ordered_.erase({it->second, owner, it->first.second});
      it = at_.erase(it);
    }
  }
  std::optional<base::Instant> next() const {
    if (ordered_.empty()) return {};
    return std::get<0>(*ordered_.begin());
  }
  // Takes the earliest deadline that is due.
  std::optional<Due> pop(base::Instant now) {
    if (ordered_.empty() || std::get<0>(*ordered_.begin()) > now) return {};
    const auto [at, owner, kind] = *ordered_.begin();
    cancel(owner, kind);
    return Due{owner, kind};
  }

 private:
  std::map<std::pair<DeadlineOwner, DeadlineKind>, base::Instant> at_;
  std::set<std::tuple<base::Instant, DeadlineOwner, DeadlineKind>> ordered_;
};

}  // namespace ikev2
