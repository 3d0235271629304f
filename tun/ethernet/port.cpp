#include "tun/ethernet/port.h"

#include "base/checksum.h"

namespace tun {
namespace {

constexpr std::size_t kLongestHeld = 2048;
constexpr std::chrono::seconds kAskAgain{1};  // RFC 1122 2.3.2.1
constexpr std::size_t kIpv4Header = 20, kIpv6Header = 40;

// The addresses of an IP packet; unset where it has no whole header.
struct Addresses {
  base::IpAddress source, destination;
};
Addresses addresses_of(base::ByteSpan packet) {
  if (packet.size() >= kIpv4Header && packet[0] >> 4 == 4) {
    return {base::IpAddress::from_bytes(packet.subspan(12, 4)),
            base::IpAddress::from_bytes(packet.subspan(16, 4))};
  }
  if (packet.size() >= kIpv6Header && packet[0] >> 4 == 6) {
    return {base::IpAddress::from_bytes(packet.subspan(8, 16)),
            base::IpAddress::from_bytes(packet.subspan(24, 16))};
  }
  return {};
}

bool holds(const std::vector<base::AddressRange>& ranges, const base::IpAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.contains(address); });
}

}  // namespace

bool AnsweredAddresses::contain(const base::IpAddress& address) const {
  return holds(behind, address) && !holds(in_front, address);
}

bool count_hop(base::MutableByteSpan packet) {
  const bool v6 = packet[0] >> 4 == 6;
  std::uint8_t& hops = packet[v6 ? 7 : 8];
  if (hops <= 1) return false;
  --hops;
  if (v6) return true;
  // RFC 1624 3, with 0x0100 less in one word.
  const std::uint32_t sum = std::uint32_t{base::load_be16(&packet[10])} + 0x0100;
  base::store_be16(&packet[10], static_cast<std::uint16_t>(base::fold_sum(sum)));
  return true;
}

void EthernetPort::set_answered(AnsweredAddresses addresses) {
  const std::lock_guard guard(mutex_);
  answered_ = std::move(addresses);
}

bool EthernetPort::take(base::ByteSpan frame) {
  if (frame.size() < kEthernetHeader) return false;
  const MacAddress from = mac_at(frame, 6);
  if (from == own_) return false;
  if (const auto said = read_resolution(frame)) {
    if (said->sender) learn(*said->sender, said->sender_mac.value_or(from));
    if (said->question) answer(*said, from);
    return false;
  }
  // What is for others, or for all, is no packet of a tunnel.
  if (mac_at(frame, 0) != own_) return false;
  const std::uint16_t type = base::load_be16(&frame[12]);
  if (type != kTypeIpv4 && type != kTypeIpv6) return false;
  const Addresses addresses = addresses_of(frame.subspan(kEthernetHeader));
  if (!addresses.source.is_set()) return false;
  // Whoever is in front; a router may send for others too, and is where their answers go.
  learn(addresses.source, from);
  return true;
}

void EthernetPort::answer(const Resolution& question, const MacAddress& from) {
  // Somebody who looks whether an address is free is no one's guest (RFC 5227 2.1.1, RFC 4862 5.4.3); who
  // asks for its own address announces it.
  if (!question.sender || *question.sender == question.target) return;
  {
    const std::lock_guard guard(mutex_);
    if (!answered_.contain(question.target)) return;
  }
  write_(write_answer({question.target, own_}, {*question.sender, question.sender_mac.value_or(from)}));
}

void EthernetPort::learn(const base::IpAddress& address, const MacAddress& mac) {
  neighbours_.learn(address, mac);
  if (any_waits_.load(std::memory_order_acquire)) release(address, mac);
}

// Sends what has waited for this address.
void EthernetPort::release(const base::IpAddress& address, const MacAddress& mac) {
  base::Bytes frame;
  {
    const std::lock_guard guard(mutex_);
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const Waiting& one) { return one.destination == address; });
    if (found == waiting_.end()) return;
    const EthernetHeader front = header(mac, address.is_v6());
    if (!found->packet.empty()) frame.assign(front.begin(), front.end());
    base::append(frame, found->packet);
    waiting_.erase(found);
    any_waits_.store(!waiting_.empty(), std::memory_order_release);
  }
  if (!frame.empty()) write_(frame);
}

bool EthernetPort::header_for(base::ByteSpan packet, EthernetHeader& out) const {
  const base::IpAddress destination = addresses_of(packet).destination;
  if (!destination.is_set()) return false;
  MacAddress to{};
  if (!multicast_mac(destination, to)) {
    const auto known = neighbours_.find(destination);
    if (!known) return false;
    to = *known;
  }
  out = header(to, destination.is_v6());
  return true;
}

bool EthernetPort::wait_for(base::ByteSpan packet, bool keep) {
  const Addresses addresses = addresses_of(packet);
  if (!addresses.destination.is_set()) return false;
  keep = keep && packet.size() <= kLongestHeld;
  const auto now = std::chrono::steady_clock::now();
  bool asks = true;
  {
    const std::lock_guard guard(mutex_);
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
      return one.destination == addresses.destination;
    });
    if (found != waiting_.end()) {
      if (keep) found->packet = base::to_bytes(packet);  // the newest (RFC 1122 2.3.2.2)
      asks = now - found->asked >= kAskAgain;
      if (asks) found->asked = now;
    } else {
      if (waiting_.size() == kWaiting)
        waiting_.erase(waiting_.begin());  // nobody has answered for the oldest
      waiting_.push_back({addresses.destination, keep ? base::to_bytes(packet) : base::Bytes{}, now});
    }
    any_waits_.store(true, std::memory_order_release);
  }
  // In the name of the packet's sender, which lies behind us.
  if (asks) write_(write_question(addresses.destination, {addresses.source, own_}));
  // It may have become known meanwhile.
  if (const auto known = neighbours_.find(addresses.destination)) release(addresses.destination, *known);
  return keep;
}

}  // namespace tun
