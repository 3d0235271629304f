// One data-path thread: its TUN queue, its sockets, its slice of the SAD, and the ESP pipelines between, one
// or both.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <vector>

#include "apps/daemon/capture_point.h"
#include "apps/daemon/icmp.h"
#include "apps/daemon/ike_inbox.h"
#include "esp/child_watch.h"
#include "esp/inbound.h"
#include "esp/outbound.h"
#include "esp/sad.h"
#include "tun/handover.h"
#include "tun/offload/segment.h"
#include "tun/raw_socket.h"
#include "tun/shard.h"
#include "tun/tun_device.h"
#include "tun/udp_socket.h"

namespace daemon_app {

// What a shard reads and writes. All outlive it. Index 0 is IPv4, 1 is IPv6; null where the host or a
// capability is missing.
struct ShardPorts {
  tun::TunDevice* tun = nullptr;
  std::vector<tun::UdpSocket*> udp;         // one per listen address
  std::array<tun::RawSocket*, 2> raw{};     // protocol 50
  std::array<tun::RawSocket*, 2> whole{};   // the same for packets with DF; only written
  std::array<tun::RawSocket*, 2> ah{};      // protocol 51, whole packets; only read
  std::array<tun::IpSocket*, 2> forward{};  // whole packets: AH, and what bypasses protection
  esp::PathOptions path;
  const esp::ExpectedSpis* expected = nullptr;
  // Which way its packets go: both, or another shard has the other way and the same ports.
  bool sends = true, receives = true;
  // Of several lanes, each of which has a shard that receives and one that sends: which one this is, and
  // where what belongs to others is handed over, by lane. Its own entries are what it takes.
  std::uint32_t lane = 0;
  std::vector<tun::Handover*> outbound, esp_of, ah_of;
};
constexpr std::size_t family_index(base::IpFamily family) { return family == base::IpFamily::v6 ? 1 : 0; }

class DataShard {
 public:
  using Task = std::function<void(DataShard&)>;

  DataShard(ShardPorts ports, std::unique_ptr<base::Rng> rng, std::unique_ptr<IkeInbox> inbox);

  // The IKE thread only.
  // `on_error` hears why it did not start, or ended; on either thread.
  void start(const std::string& thread_name, const tun::Shard::ErrorHandler& on_error);
  void stop() { shard_.stop(); }
  // Runs the task on the shard's thread, in the order of the calls. A task that does not fit into the queue
  // waits in the backlog; has_backlog() then asks for a call of flush_backlog() soon.
  void post(Task task);
  bool has_backlog() const { return !backlog_.empty(); }
  void flush_backlog();
  // The same, but drops the task and answers false where the queue is full.
  bool try_post(Task task);
  IkeInbox& inbox() { return *inbox_; }

  // Any thread.
  const esp::Counters& counters() const { return counters_; }
  std::uint64_t dropped() const { return shard_.dropped(); }

  // For tasks, on the shard's thread.
  esp::Sad& sad() { return sad_; }
  // As sad().add(); what the peer has sent by it already is taken.
  bool add(const std::shared_ptr<esp::InboundSa>& sa);
  // What waits at traps and is taken by these policies leaves at once, before anything that comes later.
  void set_policies(std::shared_ptr<const spd::Snapshot> policies);
  // The acquire of that trap is answered; it raises none for `pause`.
  void answer_trap(base::ChildId trap, base::Duration pause);
  void receive(esp::Arrival arrival, base::PacketBatch& batch);
  // Packets of IP in IP or IPComp, whole ones, which come by that socket.
  base::Status read_plain(tun::RawSocket& socket);
  void stop_reading(const tun::RawSocket& socket) { shard_.remove_source(socket); }
  // Where packets are recorded from now on; null: nowhere.
  void set_capture(std::shared_ptr<CapturePoint> point) { capture_ = std::move(point); }
  // As esp::Outbound::send_probe().
  void send_probe(base::ChildId child, const esp::PathProbe& probe, std::uint32_t outer_size);

 private:
  void add_receiving_sources();
  void join_lanes();
  void send_from_tun(base::PacketBatch& batch, base::Instant now);
  void send_all(esp::OutboundResult& result);
  void record_sent(const esp::OutboundResult& result);
  void record_received(esp::Arrival arrival, const base::PacketBatch& batch);
  void deliver(base::PacketBatch& batch);
  void finish_receiving();
  void raise_acquires();
  void send_udp(base::PacketBatch& batch);
  void send_by_family(base::PacketBatch& batch, bool raw);
  std::uint64_t send_staged(std::size_t family, bool raw, bool dont_fragment);
  void answer_senders(base::Instant now);
  std::optional<base::Bytes> icmp_answer(std::size_t i) const;
  void pass_to_ike(base::PacketBatch& batch);
  void pass_probes();
  void report_drop(base::Instant now);
  void idle(base::Instant now);
  std::size_t udp_index(const base::Frame& frame) const;

  ShardPorts ports_;
  std::unique_ptr<base::Rng> rng_;
  std::unique_ptr<IkeInbox> inbox_;
  esp::Sad sad_;
  esp::Counters counters_;
  esp::Inbound inbound_{sad_, counters_};
  esp::Outbound outbound_;
  tun::OffloadSegmenter segmenter_;
  esp::OutboundResult result_;
  base::PacketBatch deliver_, ike_, staging_, released_;
  IcmpLimit icmp_limit_;
  std::shared_ptr<CapturePoint> capture_;
  esp::ChildWatch watch_{sad_};
  base::Instant looked_{};
  std::optional<base::Instant> drop_reported_;
  std::deque<Task> backlog_;  // the IKE thread's
  tun::Shard shard_;          // last: stops first
};

}  // namespace daemon_app
