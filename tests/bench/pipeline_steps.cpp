// Steps that are a whole pipeline: seal, open, train.
#include "tests/bench/steps.h"
#include "tests/support/esp_pair.h"
#include "tests/support/offload_packets.h"

namespace bench {
namespace {

constexpr std::size_t kBatch = base::PacketBatch::kCapacity;
constexpr std::uint32_t kMtu = 9000;  // of the outer path: nothing here is too big

support::SaShape shape_of(const crypto::CipherSpec& cipher) {
  support::SaShape shape;
  shape.cipher = cipher;
  return shape;
}

class Seal : public Step {
 public:
  Seal(const crypto::Provider& provider, const crypto::CipherSpec& cipher, std::size_t size) {
    left_.send_by(shape_of(cipher), provider)->params.outer_mtu = kMtu;
    packet_ = support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, size - 28);
  }
  std::size_t packets() const override { return kBatch; }
  void prepare() override {
    sent_.clear();
    while (!batch_.full()) batch_.push(support::frame_of(pool_, packet_));
    offered_ += kBatch;
  }
  void run() override { left_.out.process(batch_, sent_); }
  bool good() const override { return left_.counters.get(esp::Counter::out_packets) == offered_; }

 protected:
  base::PacketPool pool_{2 * kBatch};
  support::EspEnd left_;
  base::PacketBatch batch_;
  esp::OutboundResult sent_;
  base::Bytes packet_;
  std::uint64_t offered_ = 0;
};

class Open final : public Seal {
 public:
  Open(const crypto::Provider& provider, const crypto::CipherSpec& cipher, std::size_t size)
      : Seal(provider, cipher, size) {
    right_.receive_by(shape_of(cipher), provider);
  }
  void prepare() override {
    delivered_.clear();
    Seal::prepare();
    Seal::run();
    support::carry(sent_.udp, wire_);
  }
  void run() override { right_.in.process(esp::Arrival::udp, wire_, delivered_, ike_); }
  bool good() const override { return right_.counters.get(esp::Counter::in_packets) == offered_; }

 private:
  support::EspEnd right_;
  base::PacketBatch wire_, delivered_, ike_;
};

class SealTrain final : public Seal {
 public:
  SealTrain(const crypto::Provider& provider, const crypto::CipherSpec& cipher, std::size_t size)
      : Seal(provider, cipher, size) {
    left_.out.set_segmenter(&segmenter_);
    offload::Shape shape;
    shape.payload = offload::counting(kPackets * (size - kHeaders));
    packet_ = offload::make(shape);
    support::ip("10.1.0.1").write(&packet_[12]);
    support::ip("10.2.0.2").write(&packet_[16]);
    offload::store_checksums(packet_);
    gso_ = {static_cast<std::uint16_t>(size - kHeaders), kHeaders, 20, false};
  }
  std::size_t packets() const override { return kPackets; }
  void prepare() override {
    sent_.clear();
    base::Frame frame = support::frame_of(pool_, packet_);
    frame.gso = gso_;
    batch_.push(std::move(frame));
    offered_ += kPackets;
  }

 private:
  static constexpr std::uint16_t kPackets = 40, kHeaders = 40;
  tun::OffloadSegmenter segmenter_;
  base::Gso gso_;
};

}  // namespace

std::unique_ptr<Step> make_seal(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                std::size_t size) {
  return std::make_unique<Seal>(provider, cipher, size);
}
std::unique_ptr<Step> make_open(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                std::size_t size) {
  return std::make_unique<Open>(provider, cipher, size);
}
std::unique_ptr<Step> make_seal_train(const crypto::Provider& provider, const crypto::CipherSpec& cipher,
                                      std::size_t size) {
  return std::make_unique<SealTrain>(provider, cipher, size);
}

}  // namespace bench
