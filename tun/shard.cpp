#include "tun/shard.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <deque>

#include "base/spsc_ring.h"
#include "tun/file_descriptor.h"
#include "tun/socket_address.h"

namespace tun {

namespace {

constexpr std::size_t kTasks = 1024;
// Batches that one source may deliver before the others get their turn.
constexpr int kBatchesPerTurn = 4;
// How often in a row a descriptor may report an error and deliver nothing.
constexpr int kEmptyErrors = 16;
constexpr std::size_t kEvents = 16;
constexpr std::uint64_t kWakeUp = ~std::uint64_t{0};

base::Instant clock_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return base::Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

struct Shard::Impl {
  struct Source {
    PacketSource* source = nullptr;  // null: removed
    BatchHandler handler;
    int empty_errors = 0;
  };

  explicit Impl(std::size_t buffers) : pool(buffers), tasks(kTasks) {}

  base::Status prepare();
  base::Status watch(int descriptor, std::uint64_t key);
  void run();
  int timeout_ms() const;
  void serve(Source& source, std::uint32_t events);
  void end_source(Source& source, const base::Error& error);
  void run_tasks();
  // One that is awake already, or about to be, is left alone: it looks for tasks once more.
  void wake() {
    if (woken.exchange(true, std::memory_order_acq_rel)) return;
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the thread wakes anyway.
    [[maybe_unused]] const ssize_t written = write(wake_up.get(), &one, sizeof one);
  }

  base::PacketPool pool;  // first: frames of the batch below return to it
  base::PacketBatch batch;
  std::deque<Source> sources;  // one that is added does not move the others
  ErrorHandler error_handler;
  std::function<void(base::Instant)> idle_handler;
  base::Duration idle_period{};
  base::Instant idle_due{};
  base::SpscRing<Task> tasks;
  FileDescriptor wake_up, poll;
  std::atomic<bool> stopping{false}, woken{false};
  std::atomic<std::uint64_t> dropped{0};
  std::thread thread;
};

base::Status Shard::Impl::watch(int descriptor, std::uint64_t key) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key;
  if (epoll_ctl(poll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0) return {};
  return base::local_error("epoll_ctl: " + errno_text(errno));
}

base::Status Shard::Impl::prepare() {
  poll = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!poll.is_open()) return base::local_error("epoll_create1: " + errno_text(errno));
  if (!wake_up.is_open()) return base::local_error("eventfd: no descriptor left");
  RETURN_IF_ERROR(watch(wake_up.get(), kWakeUp));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    RETURN_IF_ERROR(watch(sources[i].source->descriptor(), i));
  }
  return {};
}

int Shard::Impl::timeout_ms() const {
  if (!idle_handler) return -1;
  const base::Duration left = idle_due - clock_now();
  if (left <= base::Duration::zero()) return 0;
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

void Shard::Impl::end_source(Source& source, const base::Error& error) {
  epoll_ctl(poll.get(), EPOLL_CTL_DEL, source.source->descriptor(), nullptr);
  if (error_handler) error_handler(error);
}

void Shard::Impl::serve(Source& source, std::uint32_t events) {
  if (source.source == nullptr) return;  // removed by a task of the same round
  bool delivered = false;
  for (int turn = 0; turn < kBatchesPerTurn; ++turn) {
    std::uint64_t lost = 0;
    const base::Status status = source.source->recv_batch(pool, batch, lost);
    if (lost != 0) dropped.fetch_add(lost, std::memory_order_relaxed);
    const bool more = batch.full() || batch.octets() >= kLongBatch;
    delivered = delivered || lost != 0 || !batch.empty();
    // What was posted before these packets arrived is done before they are looked at: a new SA is there.
    run_tasks();
    if (source.source == nullptr) return batch.clear();
    if (!batch.empty()) source.handler(batch, clock_now());
    batch.clear();
    if (status.has_error()) return end_source(source, status.error());
    if (!more) break;
  }
  if (delivered || (events & (EPOLLERR | EPOLLHUP)) == 0) {
    source.empty_errors = 0;
  } else if (++source.empty_errors >= kEmptyErrors) {
    end_source(source, base::local_error("a descriptor reports an error that reading does not clear"));
  }
}

void Shard::Impl::run_tasks() {
  Task task;
  for (std::size_t i = 0; i < kTasks && tasks.try_pop(task); ++i) task();
}

void Shard::Impl::run() {
  std::array<epoll_event, kEvents> events;
  idle_due = clock_now() + idle_period;
  while (!stopping.load(std::memory_order_acquire)) {
    const int ready = epoll_wait(poll.get(), events.data(), static_cast<int>(events.size()), timeout_ms());
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.u64 == kWakeUp) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(wake_up.get(), &count, sizeof count);
        woken.exchange(false, std::memory_order_acq_rel);  // then looks: what is posted later wakes again
        run_tasks();
      } else {
        serve(sources[event.data.u64], event.events);
      }
    }
    if (idle_handler) {
      const base::Instant now = clock_now();
      idle_due = now + idle_period;
      idle_handler(now);
    }
  }
  run_tasks();
}

Shard::Shard(std::size_t pool_buffers) : impl_(std::make_unique<Impl>(pool_buffers)) {
  impl_->wake_up = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

Shard::~Shard() { stop(); }

void Shard::add_source(PacketSource& source, BatchHandler handler) {
  impl_->sources.push_back({&source, std::move(handler)});
}

base::Status Shard::join_source(PacketSource& source, BatchHandler handler) {
  auto& sources = impl_->sources;
  std::size_t place = 0;
  while (place < sources.size() && sources[place].source != nullptr) ++place;
  RETURN_IF_ERROR(impl_->watch(source.descriptor(), place));
  if (place == sources.size()) sources.emplace_back();
  sources[place] = {&source, std::move(handler)};
  return {};
}

void Shard::remove_source(const PacketSource& source) {
  for (Impl::Source& one : impl_->sources) {
    if (one.source != &source) continue;
    epoll_ctl(impl_->poll.get(), EPOLL_CTL_DEL, source.descriptor(), nullptr);
    one = {};
  }
}

void Shard::set_error_handler(ErrorHandler handler) { impl_->error_handler = std::move(handler); }

void Shard::set_idle_handler(base::Duration period, std::function<void(base::Instant now)> handler) {
  impl_->idle_period = period;
  impl_->idle_handler = std::move(handler);
}

base::Status Shard::start(const std::string& thread_name) {
  RETURN_IF_ERROR(impl_->prepare());
  // Signals are the main thread's business; a new thread inherits the mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  base::Status status;
  try {
    impl_->thread = std::thread([this] { impl_->run(); });
    pthread_setname_np(impl_->thread.native_handle(), thread_name.substr(0, 15).c_str());
  } catch (const std::system_error& error) {
    status = base::local_error(std::string("data thread: ") + error.what());
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

void Shard::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->stopping.store(true, std::memory_order_release);
  impl_->wake();
  impl_->thread.join();
}

bool Shard::post(Task task) {
  if (!impl_->tasks.try_push(task)) return false;
  impl_->wake();
  return true;
}

base::PacketPool& Shard::pool() { return impl_->pool; }

std::uint64_t Shard::dropped() const { return impl_->dropped.load(std::memory_order_relaxed); }

}  // namespace tun
