// Runs many handshakes at the same time over two UDP sockets, one for port 500 and one for port 4500 of the
// responder. One thread, no waiting but for datagrams and deadlines.
#pragma once

#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/packet.h"
#include "tests/bench/ike_load/handshake.h"
#include "tests/bench/ike_load/outcome.h"
#include "tests/bench/ike_load/plan.h"
#include "tun/udp_socket.h"

namespace ike_load {

base::Instant monotonic_now();

// SPIs for children that carry nothing: numbers in order from a random one on, since a responder may still
// have SAs of another run. None below 256 (RFC 4303 2.1).
class CountingSpis final : public ikev2::SpiSource {
 public:
  explicit CountingSpis(base::Rng& rng) : next_(0x1000 + (rng.u32() >> 1)) {}
  base::Spi draw() override { return base::Spi{next_++}; }
  void release(base::Spi) override {}

 private:
  std::uint32_t next_;
};

class Load {
 public:
  // Opens the sockets on ports that the kernel chooses.
  static base::Result<std::unique_ptr<Load>> open(const Plan& plan, Workshop& workshop);

  // Until every handshake has been established or has failed, and with delete_each has been deleted.
  base::Status run();
  // Goes on answering the responder until `done` says so; asked ten times a second.
  base::Status serve(const std::function<bool()>& done);
  // Deletes those that are kept.
  base::Status delete_all();
  const Outcome& outcome() const { return outcome_; }

 private:
  using Number = std::size_t;
  struct Slot {
    std::unique_ptr<Handshake> handshake;
    base::IkeSpi spi{};
    std::optional<base::Instant> deadline;  // as it stands in deadlines_
    bool counted = false;                   // as established
  };

  Load(const Plan& plan, Workshop& workshop) : plan_(plan), workshop_(workshop), slots_(plan.count) {}
  bool keeps() const { return !plan_.hold.empty(); }
  base::Status start_more();
  base::Status turn(base::Duration longest);
  base::Status receive(tun::UdpSocket& socket, bool natt);
  void take(const base::Frame& frame, base::ByteSpan message, bool natt, base::Instant now);
  void serve_deadlines();
  void send(Slot& slot, Number number, const ikev2::SendDatagram& datagram);
  void settle(Number number, base::Instant now);
  void close(Number number);

  const Plan& plan_;
  Workshop& workshop_;
  ikev2::EngineConfig engine_config_;
  std::unique_ptr<tun::UdpSocket> ike_, natt_;
  base::PacketPool pool_{2 * base::PacketBatch::kCapacity};
  base::PacketBatch batch_;
  std::vector<Slot> slots_;  // by number
  std::unordered_map<base::IkeSpi, Number> by_spi_;
  std::set<std::pair<base::Instant, Number>> deadlines_;
  std::size_t started_ = 0, working_ = 0;  // working: begun, and neither kept nor ended
  bool clearing_ = false;                  // delete_all() runs
  std::uint64_t dropped_ = 0;
  Outcome outcome_;
};

}  // namespace ike_load
