#include "apps/daemon/capture_command.h"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>

#include "base/base64.h"

namespace daemon_app {
namespace {

constexpr std::int64_t kLongest = 86400;  // seconds

Capture::Sink sink_to(const std::shared_ptr<control::Responder>& responder) {
  return {[responder](base::ByteSpan octets) {
            responder->send(control::write_part({{"pcapng", base::to_base64(octets)}}));
          },
          [responder](std::function<void()> next) { responder->when_sent(std::move(next)); }};
}

}  // namespace

void run_capture(boost::asio::io_context& io, Capture& capture, const CaptureOptions& options,
                 const nlohmann::json& args, const std::shared_ptr<control::Responder>& responder) {
  if (capture.running())
    return responder->finish(control::failed("busy", "a capture is running already: one at a time"));
  const Capture::Run run = capture.start(options, sink_to(responder));
  auto timer = std::make_shared<boost::asio::steady_timer>(io);
  responder->when_gone([&capture, run, timer] {
    timer->cancel();
    capture.abort(run);
  });
  const auto length = args.find("for_s");
  if (length == args.end() || !length->is_number_integer()) return;
  timer->expires_after(
      std::chrono::seconds(std::clamp<std::int64_t>(length->get<std::int64_t>(), 1, kLongest)));
  timer->async_wait([&capture, run, responder, timer](boost::system::error_code error) {
    if (error) return;
    capture.finish(run, [responder](const Capture::Totals& totals) {
      responder->finish(control::succeeded({{"packets", totals.packets}, {"lost", totals.lost}}));
    });
  });
}

}  // namespace daemon_app
