// The IKE thread's loop: the engine between its sockets, its timer and whoever else has something to tell.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "apps/daemon/action_runner.h"
#include "apps/daemon/dataplane.h"
#include "apps/daemon/init_queue.h"
#include "apps/daemon/listeners.h"
#include "base/log.h"
#include "ikev2/engine.h"

namespace daemon_app {

// The only caller of the engine, and the only one who reads the clock for it. All calls on the IKE thread;
// none from within an action.
class IkeLoop {
 public:
  struct Parts {
    boost::asio::io_context& io;
    ikev2::Engine& engine;
    ActionRunner& runner;
    Dataplane& dataplane;
    const Listeners& listeners;
    base::PacketPool& pool;  // outlives the data path, which may hold frames of it
    base::LogSink& log;
    // Takes what is for SAs that are keyed by hand; false: it is for the engine. May be null.
    std::function<bool(const FromShard&)> take_manual = nullptr;
  };
  explicit IkeLoop(const Parts& parts);
  ~IkeLoop();

  void start();
  // Datagrams and events that never reached the engine: no buffer free, cut short, or a full inbox.
  std::uint64_t lost() const;

  void command(const ikev2::Command& command);
  void complete(ikev2::Completion completion);
  void child_event(const ikev2::ChildEvent& event);
  void network(const ikev2::NetworkChanged& event);

  // First messages of strangers that were dropped because too many waited.
  std::uint64_t dropped_strangers() const { return strangers_.dropped(); }

 private:
  // A descriptor that someone else owns.
  struct Watched {
    Watched(boost::asio::io_context& io, int descriptor) : wait(io, descriptor) {}
    ~Watched() { wait.release(); }
    boost::asio::posix::stream_descriptor wait;
  };
  struct SocketWatch : Watched {
    SocketWatch(boost::asio::io_context& io, tun::UdpSocket& s, bool on_natt_port)
        : Watched(io, s.descriptor()), socket(s), natt(on_natt_port) {}
    tun::UdpSocket& socket;
    const bool natt;
  };
  struct InboxWatch : Watched {
    InboxWatch(boost::asio::io_context& io, IkeInbox& i) : Watched(io, i.descriptor()), inbox(i) {}
    IkeInbox& inbox;
  };

  void watch(SocketWatch& watched);
  void watch(InboxWatch& watched);
  void receive(SocketWatch& watched);
  bool receive_batch(SocketWatch& watched);
  void take_message(const base::Endpoint& local, const base::Endpoint& remote, bool natt,
                    base::ByteSpan message, base::Instant now, ikev2::Actions& out);
  void serve_strangers();
  void take_segment(const base::Frame& frame, base::ByteSpan segment, bool natt, base::Instant now,
                    ikev2::Actions& out);
  void hand_over_esp(base::PacketBatch& batch);
  void drain(IkeInbox& inbox);
  void report(const esp::DropNote& note);
  void finish(ikev2::Actions&& actions);
  void arm_timer();

  boost::asio::io_context& io_;
  ikev2::Engine& engine_;
  ActionRunner& runner_;
  Dataplane& dataplane_;
  base::LogSink& log_;
  const std::function<bool(const FromShard&)> take_manual_;
  base::PacketPool& pool_;
  base::PacketBatch batch_;
  std::uint64_t dropped_ = 0;
  InitQueue strangers_;
  bool serving_ = false;  // serve_strangers() is on its way
  std::vector<std::unique_ptr<SocketWatch>> sockets_;
  std::vector<std::unique_ptr<InboxWatch>> inboxes_;
  boost::asio::steady_timer timer_;
  std::optional<base::Instant> armed_for_;
};

}  // namespace daemon_app
