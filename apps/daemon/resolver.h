// Name resolution on a thread of its own: a slow name server delays nothing else.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "ikev2/event.h"

namespace daemon_app {

class Resolver {
 public:
  using Addresses = base::Result<std::vector<base::IpAddress>>;
  // Called on the resolver's thread; for an address in text at once, from within submit().
  using Done = std::function<void(ikev2::JobId job, Addresses addresses)>;
  static constexpr std::size_t kMaxWaiting = 256;

  explicit Resolver(Done done);
  // Does not wait for a look-up that is under way; its result is dropped.
  ~Resolver();

  // False when too many wait: nothing is queued, and nothing will be answered.
  bool submit(ikev2::StartResolve work);

 private:
  struct State;
  static void run(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

// All addresses of a host (a name, or an address in text), in the order of getaddrinfo, each once. Blocks.
Resolver::Addresses resolve(const std::string& host);

}  // namespace daemon_app
