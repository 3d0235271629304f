#include "tun/shard.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "fixture.h"
#include "tun/udp_socket.h"

using namespace fixture;
using tun::Shard;

namespace {

// Packets from memory. `fed` may be called from any thread.
class MemorySource : public tun::PacketSource {
 public:
  void feed(std::size_t count) {
    const std::lock_guard lock(mutex_);
    waiting_ += count;
    ring();
  }
  void endless() {
    const std::lock_guard lock(mutex_);
    endless_ = true;
    ring();
  }
  void fail() {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    ring();
  }
  std::function<void()> before_packets;  // on the shard's thread, as packets are about to be read
  int descriptor() const override { return event_.get(); }
  base::Status recv_batch(base::PacketPool& pool, base::PacketBatch& batch, std::uint64_t& dropped) override {
    const std::lock_guard lock(mutex_);
    if (failed_) return base::local_error("the device is gone");
    if (waiting_ > 0 && before_packets) before_packets();
    while (!batch.full() && (waiting_ > 0 || endless_)) {
      base::Frame frame;
      frame.buffer = pool.take();
      if (waiting_ > 0) --waiting_;
      if (!frame.buffer) {
        ++dropped;
        continue;
      }
      frame.set_single(base::kHeadroom, 1);
      batch.push(std::move(frame));
    }
    std::uint64_t count = 0;
    if (waiting_ == 0 && !endless_) (void)!read(event_.get(), &count, sizeof count);
    return {};
  }

 private:
  void ring() {
    const std::uint64_t one = 1;
    REQUIRE(write(event_.get(), &one, sizeof one) == sizeof one);
  }
  std::mutex mutex_;
  std::size_t waiting_ = 0;
  bool endless_ = false, failed_ = false;
  tun::FileDescriptor event_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
};

// A number that one thread raises and another waits for.
class Counter {
 public:
  void add(std::size_t more) {
    const std::lock_guard lock(mutex_);
    value_ += more;
    changed_.notify_all();
  }
  // Whether it comes to `wanted` within two seconds.
  bool reaches(std::size_t wanted) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(2), [&] { return value_ >= wanted; });
  }
  std::size_t value() {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t value_ = 0;
};

}  // namespace

TEST_CASE("a shard hands the packets of each source to that source's handler, with the time") {
  MemorySource first, second;
  Counter from_first, from_second, late;
  Shard shard(256);
  base::Instant last{};
  const auto count_into = [&](Counter& counter) {
    return [&](base::PacketBatch& batch, base::Instant now) {
      if (now < last || now == base::Instant{}) late.add(1);
      last = now;
      counter.add(batch.size());
      batch.clear();
    };
  };
  shard.add_source(first, count_into(from_first));
  shard.add_source(second, count_into(from_second));
  must(shard.start("test"));
  first.feed(130);
  second.feed(1);
  CHECK(from_first.reaches(130));
  CHECK(from_second.reaches(1));
  shard.stop();
  CHECK(from_first.value() == 130);
  CHECK(from_second.value() == 1);
  CHECK(late.value() == 0);
  CHECK(shard.dropped() == 0);
}

TEST_CASE("what was posted before a packet came is done before the packet is looked at") {
  MemorySource source;
  Counter done, seen;
  std::size_t done_before_packet = 0;
  Shard shard(128);
  shard.add_source(source, [&](base::PacketBatch& batch, base::Instant) {
    done_before_packet = done.value();
    seen.add(batch.size());
  });
  // The task comes while the shard is on its way to the socket already.
  source.before_packets = [&] { CHECK(shard.post([&] { done.add(1); })); };
  must(shard.start("test"));
  source.feed(1);
  CHECK(seen.reaches(1));
  shard.stop();
  CHECK(done_before_packet == 1);
}

TEST_CASE("sources join and go while others are served") {
  MemorySource first, late, next;
  Counter from_first, from_late, from_next, done;
  Shard shard(256);
  const auto count_into = [](Counter& counter) {
    return [&counter](base::PacketBatch& batch, base::Instant) { counter.add(batch.size()); };
  };
  const auto join = [&](MemorySource& source, Counter& counter) {
    return shard.post([&shard, &source, handler = count_into(counter), &done] {
      if (!shard.join_source(source, handler).has_error()) done.add(1);
    });
  };
  shard.add_source(first, count_into(from_first));
  must(shard.start("test"));
  CHECK(join(late, from_late));
  late.feed(2);
  CHECK(from_late.reaches(2));
  CHECK(shard.post([&] { shard.remove_source(late), done.add(1); }));
  CHECK(join(next, from_next));  // in the place of the one that went
  CHECK(done.reaches(3));
  late.feed(5);
  next.feed(3);
  first.feed(1);
  CHECK(from_next.reaches(3));
  CHECK(from_first.reaches(1));
  shard.stop();
  CHECK(from_late.value() == 2);
}

TEST_CASE("packets of a source that goes as they are read are not handed on") {
  MemorySource source;
  Counter seen, done;
  Shard shard(128);
  shard.add_source(source, [&](base::PacketBatch& batch, base::Instant) { seen.add(batch.size()); });
  source.before_packets = [&] { CHECK(shard.post([&] { shard.remove_source(source), done.add(1); })); };
  must(shard.start("test"));
  source.feed(1);
  CHECK(done.reaches(1));
  shard.stop();
  CHECK(seen.value() == 0);
}

TEST_CASE("a source that never runs dry does not starve another, tasks, or the end") {
  MemorySource flood, quiet;
  Counter flooded, heard, ran;
  Shard shard(128);
  shard.add_source(flood, [&](base::PacketBatch& batch, base::Instant) { flooded.add(batch.size()); });
  shard.add_source(quiet, [&](base::PacketBatch& batch, base::Instant) { heard.add(batch.size()); });
  must(shard.start("test"));
  flood.endless();
  CHECK(flooded.reaches(1000));
  quiet.feed(3);
  CHECK(heard.reaches(3));
  CHECK(shard.post([&] { ran.add(1); }));
  CHECK(ran.reaches(1));
  shard.stop();
}

TEST_CASE("frames that a handler keeps exhaust the pool, and what is lost for it is counted") {
  MemorySource source;
  Counter seen;
  std::vector<base::Frame> kept;
  Shard shard(10);
  shard.add_source(source, [&](base::PacketBatch& batch, base::Instant) {
    for (base::Frame& frame : batch) kept.push_back(std::move(frame));
    seen.add(batch.size());
  });
  must(shard.start("test"));
  source.feed(25);
  CHECK(seen.reaches(10));
  shard.stop();
  CHECK(kept.size() == 10);
  CHECK(shard.dropped() == 15);
  kept.clear();
}

TEST_CASE("tasks run on the shard's thread in order, those of before the start and of the end too") {
  Shard shard(1);
  std::vector<int> order;
  std::string name(16, '\0');
  CHECK(shard.post([&] { order.push_back(1); }));
  must(shard.start("shard-with-a-long-name"));
  CHECK(shard.post([&] {
    order.push_back(2);
    pthread_getname_np(pthread_self(), name.data(), name.size());
  }));
  CHECK(shard.post([&] { order.push_back(3); }));
  shard.stop();
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(std::string(name.c_str()) == "shard-with-a-lo");
}

TEST_CASE("a full task queue refuses the task and keeps the others") {
  Shard shard(1);
  std::size_t accepted = 0, ran = 0;
  while (accepted < 100000 && shard.post([&] { ++ran; })) ++accepted;
  CHECK(accepted == 1024);
  must(shard.start("test"));
  shard.stop();
  CHECK(ran == accepted);
}

TEST_CASE("the idle handler runs without traffic, and the clock goes on by about the period") {
  Shard shard(1);
  Counter idle;
  std::vector<base::Instant> times;
  shard.set_idle_handler(std::chrono::milliseconds(5), [&](base::Instant now) {
    times.push_back(now);
    idle.add(1);
  });
  must(shard.start("test"));
  CHECK(idle.reaches(4));
  shard.stop();
  REQUIRE(times.size() >= 4);
  for (std::size_t i = 1; i < 4; ++i) CHECK(times[i] - times[i - 1] >= std::chrono::milliseconds(5));
}

TEST_CASE("the idle handler runs after a round of batches") {
  MemorySource source;
  Shard shard(4);
  Counter idle;
  bool handled = false;
  shard.add_source(source, [&](base::PacketBatch&, base::Instant) { handled = true; });
  shard.set_idle_handler(std::chrono::hours(1), [&](base::Instant) { idle.add(handled ? 1 : 0); });
  must(shard.start("test"));
  source.feed(1);
  CHECK(idle.reaches(1));
  shard.stop();
}

TEST_CASE("a source that fails is reported once and left alone, and the others go on") {
  MemorySource bad, good;
  Counter errors, heard;
  std::string reason;
  Shard shard(8);
  shard.add_source(bad, [](base::PacketBatch&, base::Instant) {});
  shard.add_source(good, [&](base::PacketBatch& batch, base::Instant) { heard.add(batch.size()); });
  shard.set_error_handler([&](const base::Error& error) {
    reason = error.reason;
    errors.add(1);
  });
  must(shard.start("test"));
  bad.fail();
  CHECK(errors.reaches(1));
  good.feed(5);
  CHECK(heard.reaches(5));
  shard.stop();
  CHECK(errors.value() == 1);
  CHECK(reason == "the device is gone");
}

TEST_CASE("a descriptor that cannot be waited for is an error of the start") {
  class Broken : public tun::PacketSource {
   public:
    int descriptor() const override { return -1; }
    base::Status recv_batch(base::PacketPool&, base::PacketBatch&, std::uint64_t&) override { return {}; }
  };
  Broken source;
  Shard shard(1);
  shard.add_source(source, [](base::PacketBatch&, base::Instant) {});
  CHECK(shard.start("test").has_error());
}

TEST_CASE("a shard answers datagrams between real sockets") {
  const Namespace space;
  const Inside inside(space);
  tun::UdpOptions options;
  options.bind = {address("127.0.0.1"), 0};
  const auto server = must(tun::UdpSocket::open(options));
  const auto client = must(tun::UdpSocket::open(options));
  Shard shard(64);
  shard.add_source(*server, [&](base::PacketBatch& batch, base::Instant) { server->send_batch(batch); });
  must(shard.start("test"));
  base::PacketPool pool(16);
  for (int round = 0; round < 20; ++round) {
    const std::string question = "question " + std::to_string(round);
    CHECK(send(*client, pool, base::as_bytes(question), {}, server->bound()) == 0);
    base::PacketBatch batch;
    receive(*client, pool, batch);
    REQUIRE(batch.size() == 1);
    CHECK(text(batch[0]) == question);
  }
  shard.stop();
}
