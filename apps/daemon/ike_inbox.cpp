#include "apps/daemon/ike_inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>

namespace daemon_app {

base::Result<std::unique_ptr<IkeInbox>> IkeInbox::open() {
  const int event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (event < 0) return base::local_error(std::string("eventfd: ") + std::strerror(errno));
  return std::unique_ptr<IkeInbox>(new IkeInbox(event));
}

IkeInbox::~IkeInbox() { ::close(event_); }

bool IkeInbox::push(FromShard element) {
  if (!ring_.try_push(element)) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t n = ::write(event_, &one, sizeof one);
  return true;
}

void IkeInbox::drain(const std::function<void(FromShard&&)>& take) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t n =
      ::read(event_, &count, sizeof count);  // before the ring: nothing is missed
  FromShard element;
  while (ring_.try_pop(element)) take(std::move(element));
}

}  // namespace daemon_app
