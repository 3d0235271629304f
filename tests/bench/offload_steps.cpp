// Steps of tun/offload/: joining packets, and cutting up.
#include "tests/bench/steps.h"
#include "tests/support/esp_pair.h"
#include "tests/support/offload_packets.h"
#include "tun/offload/coalesce.h"

namespace bench {
namespace {

constexpr std::size_t kPackets = 40, kHeaders = 40;  // about what fills 64 KiB; octets of IPv4 and TCP

class Coalesce final : public Step {
 public:
  explicit Coalesce(std::size_t size) : coalescer_(std::make_unique<tun::Coalescer>()) {
    coalescer_->set_options({true, true, true});
    offload::Shape shape;
    shape.payload = offload::counting(size - kHeaders);
    for (std::size_t i = 0; i < kPackets; ++i) {
      fresh_.push_back(offload::make(shape));
      shape.sequence += static_cast<std::uint32_t>(shape.payload.size());
      ++shape.id;
    }
  }
  std::size_t packets() const override { return kPackets; }
  void prepare() override { stream_ = fresh_; }  // finish() writes into the first
  void run() override {
    for (auto& packet : stream_) coalescer_->add(packet);
    groups_ += coalescer_->finish().size();
    runs_ += 1;
    coalescer_->clear();
  }
  bool good() const override { return groups_ == runs_; }  // all of them became one

 private:
  std::unique_ptr<tun::Coalescer> coalescer_;
  std::vector<base::Bytes> fresh_, stream_;
  std::size_t groups_ = 0, runs_ = 0;
};

class Segment final : public Step {
 public:
  explicit Segment(std::size_t size) : out_(size) {
    offload::Shape shape;
    shape.payload = offload::counting(kPackets * (size - kHeaders));
    frame_ = support::frame_of(pool_, offload::make(shape));
    frame_.gso = {static_cast<std::uint16_t>(size - kHeaders), kHeaders, 20, false};
  }
  std::size_t packets() const override { return kPackets; }
  void run() override {
    for (std::uint32_t i = 0; i < kPackets; ++i) segmenter_.write(frame_, i, out_.data());
  }
  bool good() const override { return offload::checksums_are_good(out_); }

 private:
  base::PacketPool pool_{1};
  tun::OffloadSegmenter segmenter_;
  base::Frame frame_;
  base::Bytes out_;
};

}  // namespace

std::unique_ptr<Step> make_coalesce(std::size_t size) { return std::make_unique<Coalesce>(size); }
std::unique_ptr<Step> make_segment(std::size_t size) { return std::make_unique<Segment>(size); }

}  // namespace bench
