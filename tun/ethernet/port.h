// A port of an Ethernet: takes the headers off frames that are for us, puts them on packets that leave,
// answers for the addresses that lie behind us, and finds out who has those in front.
//
//   host 10.1.0.5 -- switch -- port (one address of its own) -- tunnel -- 10.2.0.0/16
//   "who has 10.2.0.7?"  ->  "I have"         packets for 10.1.0.5  ->  "who has 10.1.0.5?"
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/packet.h"
#include "tun/ethernet/neighbours.h"
#include "tun/ethernet/resolution.h"

namespace tun {

// Addresses that are answered for: those in `behind` that are not in `in_front`.
struct AnsweredAddresses {
  std::vector<base::AddressRange> behind, in_front;
  bool contain(const base::IpAddress& address) const;
};

// One hop of a packet that take() has taken (RFC 1812 5.3.1, RFC 8200 3). False where none is left: it goes
// no further.
bool count_hop(base::MutableByteSpan packet);

class EthernetPort {
 public:
  // Writes one whole frame to the Ethernet, from any thread; false where it is refused.
  using Write = std::function<bool(base::ByteSpan frame)>;
  EthernetPort(const MacAddress& own, Write write) : own_(own), write_(std::move(write)) {}

  // Any thread; rarely.
  void set_answered(AnsweredAddresses addresses);

  // The thread that reads. Of a frame as it came: true where it holds an IP packet for us, which begins
  // behind the header. Others are answered, learnt from, or not ours.
  bool take(base::ByteSpan frame);

  // The thread that writes. The header for a packet; false where it is not known yet who has its destination:
  // then wait_for() is to be called.
  bool header_for(base::ByteSpan packet, EthernetHeader& out) const;
  // Asks who has the packet's destination, at most once a second. With `keep` a copy of the packet leaves
  // when the answer comes: the newest one to each of kWaiting destinations. False where there is none, since
  // it is not to be kept or longer than an Ethernet packet.
  bool wait_for(base::ByteSpan packet, bool keep);
  static constexpr std::size_t kWaiting = 16;

 private:
  struct Waiting {
    base::IpAddress destination;
    base::Bytes packet;
    std::chrono::steady_clock::time_point asked;
  };
  void answer(const Resolution& question, const MacAddress& from);
  void learn(const base::IpAddress& address, const MacAddress& mac);
  void release(const base::IpAddress& address, const MacAddress& mac);
  EthernetHeader header(const MacAddress& to, bool v6) const {
    return ethernet_header(to, own_, v6 ? kTypeIpv6 : kTypeIpv4);
  }

  const MacAddress own_;
  const Write write_;
  Neighbours neighbours_;
  // What follows is for the first packets to an address, and for questions: never for those that follow.
  std::mutex mutex_;
  AnsweredAddresses answered_;
  std::vector<Waiting> waiting_;
  std::atomic<bool> any_waits_{false};
};

}  // namespace tun
