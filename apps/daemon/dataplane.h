// The data path as the IKE thread sees it: children in, counters out.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "apps/daemon/capture.h"
#include "apps/daemon/data_shard.h"
#include "apps/daemon/path_watch.h"
#include "apps/daemon/plain_sockets.h"
#include "apps/daemon/routing.h"
#include "apps/daemon/status_view.h"
#include "apps/daemon/trap_table.h"
#include "base/log.h"
#include "crypto/provider.h"
#include "ikev2/action.h"
#include "ikev2/event.h"
#include "spd/spd.h"

namespace daemon_app {

// Of the IKE thread alone; what shards shall do is posted to them.
class Dataplane {
 public:
  struct Parts {
    boost::asio::io_context& io;
    const crypto::Provider& provider;
    Routing& routing;
    base::LogSink& log;
    // One that receives for each lane, then one that sends for each; or a single one that does both. The low
    // bits of an inbound SPI name the lane of its SA, those of a child's id that of its outbound SA.
    std::vector<std::unique_ptr<DataShard>> shards;
    std::uint32_t lanes = 1;  // a power of two
    std::function<void(const ikev2::ChildEvent&)>
        on_event;  // called on the IKE thread, never from within a call
    std::function<control::DataPathView()> describe;
    bool probe_paths = true;
    std::function<void(tun::AnsweredAddresses)> answer_for;  // told when networks come and go
    std::uint32_t mark = 0;                                  // of outer packets
  };
  explicit Dataplane(Parts parts);
  ~Dataplane();  // stops the shards

  void start(const std::function<void(const base::Error&)>& on_error);

  // A child that cannot be installed is reported as expired, so that the engine deletes it with the peer.
  void install(ikev2::InstallChild child);
  void use(base::ChildId id);
  void remove(base::ChildId id);
  void move(const ikev2::MoveChild& change);

  // Traps, with their routes and their guard against clear text.
  void install(const ikev2::InstallTrap& trap);
  void remove(const ikev2::RemoveTrap& trap);
  void answer(const ikev2::AnswerAcquire& answer);
  // What the engine is told of that; nullopt where the trap is gone meanwhile.
  std::optional<ikev2::Acquire> acquire_of(const TrapHit& hit) const;

  // SAs, bundles and policies that are keyed by hand (apps/daemon/manual/port.h). Policies hold from
  // publish_policies() on.
  void add(std::shared_ptr<esp::InboundSa> sa);
  void add(std::shared_ptr<const esp::Bundle> bundle);
  void add(base::Spi outermost, std::shared_ptr<const esp::InboundBundle> bundle);
  void remove_sas(base::ChildId name);
  // Packets of tun and comp that have no ESP and no AH around: the first lane reads them, and owns their SAs.
  PlainSockets& plain() { return plain_; }
  void on_receiver(base::Spi spi, std::function<void()> task);
  void on_sender(base::ChildId bundle, std::function<void()> task);
  // `read` sees that bundle on the thread that owns it, or nullptr; then `done` is called on the IKE thread.
  void read_bundle(base::ChildId id, std::function<void(const esp::Bundle*)> read,
                   std::function<void()> done);
  // What waits at that trap is dropped, and the next packet asks again once the pause is over.
  void answer_trap(base::ChildId trap, base::Duration pause);
  // A policy that protects by the newest child of that name ("profile/child") which is up and takes the
  // packet, in what their selectors have in common; it goes with that child. Nullopt: there is none.
  std::optional<base::ChildId> protect_by(const std::string& child, spd::Policy policy,
                                          const spd::PacketKey& packet);
  // Who else hears of the engine's answers to acquires.
  void on_answer(std::function<void(const ikev2::AnswerAcquire&)> hears) { on_answer_ = std::move(hears); }
  spd::Spd& policies() { return spd_; }
  void publish_policies();
  std::uint32_t lanes() const { return lanes_; }

  // Frames that reached the IKE thread's socket and belong to the data path.
  void hand_over(std::unique_ptr<base::PacketBatch> batch);
  PathWatch& paths() { return paths_; }
  Capture& capture() { return capture_; }
  // What is known of these children, and of these SAs that are keyed by hand, alone: no counters. It costs
  // what they are, however many others there are. The callback runs on the IKE thread, later.
  void observe(std::vector<base::ChildId> names, std::function<void(DataplaneStatus)> done);

  // What is not about single SAs: counters, and who carries packets.
  DataplaneStatus overview() const;
  // The traffic of these children alone, at once: without sequence numbers, which the shards know.
  DataplaneStatus glance(const std::vector<base::ChildId>& children) const;

  const std::vector<std::unique_ptr<DataShard>>& shards() const { return shards_; }

 private:
  struct Child {
    std::shared_ptr<esp::InboundSa> inbound;    // traffic counters alone are read here
    std::shared_ptr<esp::OutboundSa> outbound;  // the same
    crypto::ChildSuite suite;
    esp::Mode mode = esp::Mode::tunnel;
    base::Endpoint local, remote;
    bool udp_encap = false;
    std::string name;  // of its policy
    spd::SelectorPair selectors;
    std::uint32_t outer_mtu = 0;
    bool used = false;  // packets go to it
  };
  struct Sequences {
    base::ChildId child;
    SaSequences of;  // 0: another shard knows
  };

  base::Status try_install(ikev2::InstallChild& child);
  DataShard& owner_of(const esp::SaParams& params) {
    return esp::has_cipher(params.transform) ? owner_of(params.spi) : *shards_.front();
  }
  DataShard& owner_of(base::Spi spi_in) { return *shards_[spi_in.value & (lanes_ - 1)]; }
  // Of the outbound SA, or of the trap.
  DataShard& sender_of(base::ChildId id) {
    return *shards_[shards_.size() - lanes_ + (id.value & (lanes_ - 1))];
  }
  void tell_port();
  RoutedChild routed(const Child& child) const;
  std::uint32_t inner_mtu_of(const Child& child) const;
  Capture::Ports capture_ports(std::size_t threads);
  CaptureFilter capture_filter(const CaptureOptions& options) const;
  PathWatch::Ports path_ports();
  void watch_path(base::ChildId id, const Child& child, std::uint32_t link_mtu);
  void set_path_mtu(base::ChildId id, std::uint32_t outer_mtu);
  void watch_backlog();
  static ChildTraffic traffic_of(const Child& child);
  void add_counters(std::vector<control::CounterView>& out) const;
  using Look = std::function<std::vector<Sequences>(const DataShard& shard)>;
  void ask_shards(Look look, std::function<void(const std::vector<Sequences>&)> done);
  static std::vector<Sequences> sequences_of(const DataShard& shard, const std::vector<base::ChildId>& names);
  static void add_inbound(Sequences& to, const esp::InboundSa& sa);
  static void add_outbound(Sequences& to, const esp::Bundle& bundle);
  static void add_sequences(DataplaneStatus& status, const std::vector<Sequences>& sequences);

  boost::asio::io_context& io_;
  const crypto::Provider& provider_;
  Routing& routing_;
  base::LogSink& log_;
  std::function<void(const ikev2::ChildEvent&)> on_event_;
  std::function<void(const ikev2::AnswerAcquire&)> on_answer_;
  std::function<control::DataPathView()> describe_;
  std::function<void(tun::AnsweredAddresses)> answer_for_;
  spd::Spd spd_;
  bool discards_inbound_ = false;  // as the shards that receive know it
  std::map<base::ChildId, Child> children_;
  TrapTable traps_;
  PathWatch paths_;
  Capture capture_;
  boost::asio::steady_timer backlog_timer_;
  bool backlog_watched_ = false;
  std::uint64_t stray_dropped_ = 0;  // no room in the shard's queue
  const std::uint32_t lanes_;
  PlainSockets plain_;
  std::vector<std::unique_ptr<DataShard>> shards_;  // last: stop first
};

}  // namespace daemon_app
