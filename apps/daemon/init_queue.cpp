#include "apps/daemon/init_queue.h"

#include <utility>

namespace daemon_app {
namespace {

// The IKE header, RFC 7296 3.1.
constexpr std::size_t kHeader = 28, kExchange = 18, kFlags = 19;
constexpr std::uint8_t kIkeSaInit = 34, kResponse = 0x20;

}  // namespace

bool InitQueue::takes(base::ByteSpan message) {
  return message.size() >= kHeader && message[kExchange] == kIkeSaInit && (message[kFlags] & kResponse) == 0;
}

bool InitQueue::push(WaitingMessage message) {
  if (messages_.size() >= kMost || octets_ + message.message.size() > kMostOctets) {
    ++dropped_;
    return false;
  }
  octets_ += message.message.size();
  messages_.push_back(std::move(message));
  return true;
}

std::optional<WaitingMessage> InitQueue::pop() {
  if (messages_.empty()) return {};
  WaitingMessage first = std::move(messages_.front());
  messages_.pop_front();
  octets_ -= first.message.size();
  return first;
}

}  // namespace daemon_app
