// What one packet costs the ESP data path, in batches of 64: seal, open, replay window, policy look-up.
#include <benchmark/benchmark.h>

#include "crypto/botan/provider.h"
#include "tests/support/esp_pair.h"

namespace {

constexpr std::size_t kBatch = 64;

struct Named {
  const char* name;
  crypto::CipherSpec spec;
};
const Named kCiphers[] = {
    {"aes-gcm-128", {crypto::Encr::aes_gcm_16, 128, crypto::Integ::none}},
    {"aes-gcm-256", {crypto::Encr::aes_gcm_16, 256, crypto::Integ::none}},
    {"chacha20-poly1305", {crypto::Encr::chacha20_poly1305, 256, crypto::Integ::none}},
    {"aes-cbc-128 hmac-sha1-96", {crypto::Encr::aes_cbc, 128, crypto::Integ::sha1_96}},
    {"aes-cbc-256 hmac-sha2-256-128", {crypto::Encr::aes_cbc, 256, crypto::Integ::hmac_sha2_256_128}},
    {"aes-cbc-256 hmac-sha2-512-256", {crypto::Encr::aes_cbc, 256, crypto::Integ::hmac_sha2_512_256}},
};

const auto kProvider = crypto::make_botan_provider();

struct Bench {
  base::PacketPool pool{2 * kBatch};
  support::EspEnd left, right;
  base::PacketBatch batch, wire, delivered, ike;
  esp::OutboundResult sent;
  base::Bytes packet;

  Bench(const crypto::CipherSpec& cipher, std::size_t size) {
    support::SaShape shape;
    shape.cipher = cipher;
    left.send_by(shape, *kProvider)->params.outer_mtu = 9000;
    right.receive_by(shape, *kProvider);
    packet = support::udp_packet(support::ip("10.1.0.1"), support::ip("10.2.0.2"), 1, 2, size - 28);
  }
  void fill() {
    while (!batch.full()) batch.push(support::frame_of(pool, packet));
  }
  void seal() { left.out.process(batch, sent); }
  void carry() { support::carry(sent.udp, wire); }
  void open() { right.in.process(esp::Arrival::udp, wire, delivered, ike); }
};

void report(benchmark::State& state, std::size_t size) {
  const auto packets = static_cast<double>(state.iterations()) * kBatch;
  // CPU time over packets: printed with its unit, as "612.3ns".
  state.counters["per_packet"] =
      benchmark::Counter(packets, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.SetBytesProcessed(static_cast<std::int64_t>(packets * static_cast<double>(size)));
}

// The whole outbound pipeline; filling the batch is not measured.
void outbound(benchmark::State& state, const crypto::CipherSpec& cipher, std::size_t size) {
  Bench bench(cipher, size);
  for (auto unused : state) {
    (void)unused;
    state.PauseTiming();
    bench.sent.clear();
    bench.fill();
    state.ResumeTiming();
    bench.seal();
  }
  if (bench.left.counters.get(esp::Counter::out_packets) !=
      static_cast<std::uint64_t>(state.iterations()) * kBatch) {
    state.SkipWithError("packets were lost");
  }
  report(state, size);
}

void inbound(benchmark::State& state, const crypto::CipherSpec& cipher, std::size_t size) {
  Bench bench(cipher, size);
  for (auto unused : state) {
    (void)unused;
    state.PauseTiming();
    bench.delivered.clear();
    bench.fill();
    bench.seal();
    bench.carry();
    state.ResumeTiming();
    bench.open();
  }
  if (bench.right.counters.get(esp::Counter::in_packets) !=
      static_cast<std::uint64_t>(state.iterations()) * kBatch) {
    state.SkipWithError("packets were lost");
  }
  report(state, size);
}

void replay_window(benchmark::State& state) {
  esp::ReplayWindow window(static_cast<std::uint32_t>(state.range(0)), state.range(1) != 0);
  std::uint64_t sequence = 0;
  for (auto unused : state) {
    (void)unused;
    ++sequence;
    const auto full = window.check(static_cast<std::uint32_t>(sequence));
    benchmark::DoNotOptimize(window.update(full.value_or(0)));
  }
}

// The last of range(0) policies matches: the longest way through the list.
void policy_lookup(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  std::vector<spd::Policy> policies;
  for (std::uint32_t i = 0; i < count; ++i) {
    spd::Policy p;
    p.id = i + 1;
    p.action = spd::Action::protect;
    const auto net = [](std::uint32_t at) {
      return spd::TrafficSelector::of(
          base::AddressRange{base::IpAddress::v4(at), base::IpAddress::v4(at + 255)});
    };
    p.selectors = {{net(0x0a010000)}, {net(0x0b000000 + i * 256)}};
    policies.push_back(p);
  }
  const spd::Snapshot snapshot(policies);
  const spd::PacketKey key{
      base::IpAddress::v4(0x0a010001), base::IpAddress::v4(0x0b000000 + (count - 1) * 256), 1, 2, 17, true};
  for (auto unused : state) {
    (void)unused;
    benchmark::DoNotOptimize(snapshot.find(spd::Direction::outbound, key));
  }
}
BENCHMARK(replay_window)->ArgNames({"size", "esn"})->ArgsProduct({{64, 1024, 4096}, {0, 1}});
BENCHMARK(policy_lookup)->ArgName("policies")->Arg(10)->Arg(1000)->Arg(100000);

}  // namespace

int main(int argc, char** argv) {
  for (const auto& cipher : kCiphers) {
    for (const std::size_t size : {std::size_t{64}, std::size_t{512}, std::size_t{1448}}) {
      const std::string tail = std::string("/") + cipher.name + "/" + std::to_string(size);
      benchmark::RegisterBenchmark(("seal" + tail).c_str(), outbound, cipher.spec, size);
      benchmark::RegisterBenchmark(("open" + tail).c_str(), inbound, cipher.spec, size);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
