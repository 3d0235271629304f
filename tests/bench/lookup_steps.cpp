// Steps that look something up: policy, SA, replay window.
#include "tests/bench/steps.h"
#include "tests/support/esp_pair.h"
#include "tests/support/plain_cipher.h"

namespace bench {
namespace {

constexpr std::size_t kLookups = 256;  // of one run

class Classify final : public Step {
 public:
  explicit Classify(std::size_t count) {
    std::vector<spd::Policy> policies(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      policies[i].id = i + 1;
      policies[i].action = spd::Action::protect;
      policies[i].selectors = {{net(kLocal)}, {net(kRemote + i * 256)}};
    }
    snapshot_ = spd::Snapshot(std::move(policies));
    const std::uint32_t last = kRemote + (static_cast<std::uint32_t>(count) - 1) * 256;
    packet_ = support::udp_packet(base::IpAddress::v4(kLocal + 1), base::IpAddress::v4(last + 1), 1, 2, 64);
  }
  std::size_t packets() const override { return kLookups; }
  void run() override {
    for (std::size_t i = 0; i < kLookups; ++i) {
      const auto parsed = esp::parse_ip(packet_);
      found_ += snapshot_.find(spd::Direction::outbound, parsed->outbound_key()) != nullptr ? 1u : 0u;
    }
    runs_ += 1;
  }
  bool good() const override { return found_ == runs_ * kLookups; }

 private:
  static constexpr std::uint32_t kLocal = 0x0a010000, kRemote = 0x0b000000;
  static spd::TrafficSelector net(std::uint32_t at) {
    return spd::TrafficSelector::of(
        base::AddressRange{base::IpAddress::v4(at), base::IpAddress::v4(at + 255)});
  }
  spd::Snapshot snapshot_;
  base::Bytes packet_;
  std::size_t found_ = 0, runs_ = 0;
};

class SadLookup final : public Step {
 public:
  explicit SadLookup(std::size_t count) {
    support::TestRng rng;
    std::vector<base::Spi> all;
    while (all.size() < count) {
      support::SaShape shape;
      shape.child = all.size() + 1;
      shape.spi = rng.u32() | 0x10000;
      if (sad_.add(esp::InboundSa::make(support::params_of(shape, true), provider_).value())) {
        all.push_back(base::Spi(shape.spi));
      }
    }
    for (std::size_t i = 0; i < kLookups; ++i) wanted_.push_back(all[rng.u32() % all.size()]);
  }
  std::size_t packets() const override { return kLookups; }
  void run() override {
    for (const base::Spi spi : wanted_) {
      found_ += sad_.find(crypto::IpsecProtocol::esp, destination_, spi) != nullptr ? 1u : 0u;
    }
    runs_ += 1;
  }
  bool good() const override { return found_ == runs_ * kLookups; }

 private:
  support::PlainProvider provider_;
  esp::Sad sad_;
  base::IpAddress destination_ = support::params_of({}, true).local.address;
  std::vector<base::Spi> wanted_;
  std::size_t found_ = 0, runs_ = 0;
};

class Replay final : public Step {
 public:
  Replay(std::uint32_t window, bool esn) : window_(window, esn) {}
  std::size_t packets() const override { return kLookups; }
  void run() override {
    for (std::size_t i = 0; i < kLookups; ++i) {
      const auto full = window_.check(static_cast<std::uint32_t>(++sequence_));
      good_ = full.has_value() && window_.update(*full) && good_;
    }
  }
  bool good() const override { return good_; }

 private:
  esp::ReplayWindow window_;
  std::uint64_t sequence_ = 0;
  bool good_ = true;
};

}  // namespace

std::unique_ptr<Step> make_classify(std::size_t policies) { return std::make_unique<Classify>(policies); }
std::unique_ptr<Step> make_sad_lookup(std::size_t count) { return std::make_unique<SadLookup>(count); }
std::unique_ptr<Step> make_replay(std::uint32_t window, bool esn) {
  return std::make_unique<Replay>(window, esn);
}

}  // namespace bench
