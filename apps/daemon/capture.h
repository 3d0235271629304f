// One capture: points on the threads that carry packets, and what they have recorded as octets of a file.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/daemon/capture_point.h"

namespace daemon_app {

struct CaptureOptions {
  bool plain = false;
  std::optional<std::string> profile;  // its packets alone
  std::vector<base::IpAddress> peers;  // of it: IKE with them, besides that with the peers of its children
};

// Of the IKE thread. Runs at most one capture at a time.
class Capture {
 public:
  struct Ports {
    std::function<CaptureFilter(const CaptureOptions&)> filter;  // as SAs are now
    // Gives each data thread its point; null: takes it away. `points` has one for each, in their order.
    std::function<void(const std::vector<std::shared_ptr<CapturePoint>>& points)> attach;
    std::function<void(const std::vector<std::shared_ptr<CapturePoint>>& points,
                       const std::shared_ptr<const CaptureFilter>& filter)>
        refilter;
    std::size_t threads = 0;
  };
  // Whoever gets the octets: `write` some of them, `when_written` calls back once they have left.
  struct Sink {
    std::function<void(base::ByteSpan)> write;
    std::function<void(std::function<void()>)> when_written;
  };
  struct Totals {
    std::uint64_t packets = 0, lost = 0;
  };

  Capture(boost::asio::io_context& io, Ports ports);
  ~Capture();

  bool running() const { return sink_ != nullptr; }
  // Which capture: one that is over is not stopped again.
  using Run = std::uint64_t;
  // Not while one is running.
  Run start(const CaptureOptions& options, Sink sink);
  // Nothing more is recorded; `done` is called once the sink has got the rest. Nothing where it is over.
  void finish(Run run, std::function<void(const Totals&)> done);
  // Nobody takes the rest.
  void abort(Run run);
  // SAs came, went or moved.
  void refresh();
  // One IKE message that has been sent or has come.
  void record_ike(const base::Endpoint& local, const base::Endpoint& remote, bool marked,
                  base::ByteSpan message, bool inbound);

 private:
  void arm();
  void work();
  void detach();
  bool collect();
  void end();

  boost::asio::steady_timer timer_;
  Ports ports_;
  CaptureOptions options_;
  std::unique_ptr<Sink> sink_;
  std::vector<std::shared_ptr<CapturePoint>> points_;  // of the data threads, then ours
  std::shared_ptr<bool> alive_;                        // of this capture: late callbacks find it gone
  Run run_ = 0;
  std::function<void(const Totals&)> done_;  // set: the capture finishes
  bool refresh_waits_ = false;
  Totals totals_;
};

}  // namespace daemon_app
