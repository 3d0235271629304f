#include "apps/daemon/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>

namespace daemon_app {
namespace {

base::IpAddress address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    const auto& in = *reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    return base::IpAddress::from_bytes({reinterpret_cast<const std::uint8_t*>(&in.sin_addr), 4});
  }
  if (info.ai_family == AF_INET6) {
    const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    return base::IpAddress::from_bytes({in6.sin6_addr.s6_addr, 16});
  }
  return {};
}

}  // namespace

Resolver::Addresses resolve(const std::string& host) {
  if (const auto literal = base::IpAddress::parse(host)) return std::vector{*literal};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) return base::local_error("cannot resolve " + host + ": " + gai_strerror(error));
  std::vector<base::IpAddress> addresses;
  for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
    const base::IpAddress address = address_of(*info);
    if (address.is_set() && std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
      addresses.push_back(address);
    }
  }
  freeaddrinfo(list);
  if (addresses.empty()) return base::local_error(host + " has no address");
  return addresses;
}

struct Resolver::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<ikev2::StartResolve> jobs;
  Done done;  // empty: the resolver is gone
};

Resolver::Resolver(Done done) : state_(std::make_shared<State>()) {
  state_->done = std::move(done);
  std::thread thread([state = state_] { run(state); });
  pthread_setname_np(thread.native_handle(), "ikev2d-dns");
  thread.detach();  // getaddrinfo cannot be interrupted; the state is shared
}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->done = nullptr;
  }
  state_->wake.notify_all();
}

bool Resolver::submit(ikev2::StartResolve work) {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto literal = base::IpAddress::parse(work.host)) {
      state_->done(work.job, std::vector{*literal});
      return true;
    }
    if (state_->jobs.size() >= kMaxWaiting) return false;
    state_->jobs.push_back(std::move(work));
  }
  state_->wake.notify_one();
  return true;
}

void Resolver::run(const std::shared_ptr<State>& state) {
  for (;;) {
    std::unique_lock lock(state->mutex);
    state->wake.wait(lock, [&] { return !state->done || !state->jobs.empty(); });
    if (!state->done) return;
    const ikev2::StartResolve job = std::move(state->jobs.front());
    state->jobs.pop_front();
    lock.unlock();
    auto addresses = resolve(job.host);
    lock.lock();
    if (!state->done) return;
    state->done(job.job,
                std::move(addresses));  // under the lock: the destructor waits for a call that has begun
  }
}

}  // namespace daemon_app
