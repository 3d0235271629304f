// One data thread: waits for its sources, hands batches to a handler, flushes sinks. Reads the clock once a
// batch.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/packet.h"
#include "base/time.h"
#include "tun/packet_io.h"

namespace tun {

class Shard {
 public:
  // What to do with a batch from one source. Empties it. Runs on the shard's thread.
  using BatchHandler = std::function<void(base::PacketBatch& batch, base::Instant now)>;
  using Task = std::function<void()>;
  // Called on the shard's thread when a source ends with an error.
  using ErrorHandler = std::function<void(const base::Error&)>;

  explicit Shard(std::size_t pool_buffers = 256);
  ~Shard();  // stops

  // Before start(). The source outlives the shard.
  void add_source(PacketSource& source, BatchHandler handler);
  // The same by a task, once it has started. Fails where the descriptor cannot be waited for.
  base::Status join_source(PacketSource& source, BatchHandler handler);
  // By a task. What the source has received and was not read is lost. From then on it may go.
  void remove_source(const PacketSource& source);
  void set_error_handler(ErrorHandler handler);
  // Runs after each round of batches, and at least every `period` while there is no traffic.
  void set_idle_handler(base::Duration period, std::function<void(base::Instant now)> handler);

  // Starts the thread; the name is cut to 15 characters. Fails where the system has no thread or descriptor
  // left, or a source's descriptor cannot be waited for. Once only.
  base::Status start(const std::string& thread_name);
  // Ends the thread and waits for it; posted tasks still run. Not from the shard's own thread.
  void stop();
  // Runs a task on the shard's thread, between batches. From one other thread only (the IKE thread). False
  // when the queue is full: nothing happened, try again later.
  bool post(Task task);

  // For the shard's thread only, once it has started.
  base::PacketPool& pool();
  std::uint64_t dropped() const;  // packets that sources lost for lack of buffers

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tun
