// What a shard has to tell about its children from time to time: who is heard, who is idle, whose life ends.
#pragma once

#include <functional>

#include "base/time.h"
#include "esp/sad.h"

namespace esp {

class ChildWatch {
 public:
  struct Report {
    std::function<void(base::ChildId)> seen;      // an authenticated packet has arrived
    std::function<void(base::ChildId)> inactive;  // for ChildLife::inactivity; told once for each silence
    // A limit is reached, each told once for a child: soft, then hard.
    std::function<void(base::ChildId, bool hard)> expired;
  };
  // `sad` belongs to the same thread.
  explicit ChildWatch(Sad& sad) : sad_(sad) {}

  // Reports what has happened since the last call. `now` becomes the moment of the last packet of those that
  // carried any; a child that is new counts as active now.
  void look(base::Instant now, const Report& report);

 private:
  Sad& sad_;
};

}  // namespace esp
