// Nanoseconds of processor time per packet for each step of the data path, with each engine.
// `--benchmark_filter=REGEX` picks some; the names are STEP/ENGINE/CIPHER/OCTETS, or STEP/SIZE of the table.
#include <benchmark/benchmark.h>

#include "crypto/botan/provider.h"
#ifdef IKEV2D_HAS_IPSEC_MB
#include "crypto/ipsec_mb/provider.h"
#endif
#include "tests/bench/steps.h"

namespace {

struct Named {
  const char* name;
  crypto::CipherSpec spec;
};
const Named kCiphers[] = {
    {"aes-gcm-128", {crypto::Encr::aes_gcm_16, 128, crypto::Integ::none}},
    {"aes-gcm-256", {crypto::Encr::aes_gcm_16, 256, crypto::Integ::none}},
    {"chacha20-poly1305", {crypto::Encr::chacha20_poly1305, 256, crypto::Integ::none}},
    {"aes-cbc-128-sha2-256", {crypto::Encr::aes_cbc, 128, crypto::Integ::hmac_sha2_256_128}},
    {"aes-cbc-256-sha2-512", {crypto::Encr::aes_cbc, 256, crypto::Integ::hmac_sha2_512_256}},
};

void measure(benchmark::State& state, const bench::NamedStep& named) {
  const auto step = named.make();
  for (auto unused : state) {
    (void)unused;
    state.PauseTiming();
    step->prepare();
    state.ResumeTiming();
    step->run();
  }
  if (!step->good()) state.SkipWithError("packets were lost");
  const auto packets = static_cast<double>(state.iterations()) * static_cast<double>(step->packets());
  // CPU time over packets: printed with its unit, as "612.3ns".
  state.counters["per_packet"] =
      benchmark::Counter(packets, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void add(const std::string& name, std::function<std::unique_ptr<bench::Step>()> make) {
  benchmark::RegisterBenchmark(name.c_str(), measure, bench::NamedStep{name, std::move(make)});
}

void add_pipelines(const crypto::Provider& engine) {
  for (const auto& cipher : kCiphers) {
    for (const std::size_t size : {std::size_t{64}, std::size_t{512}, std::size_t{1400}}) {
      const std::string tail = "/" + engine.name() + "/" + cipher.name + "/" + std::to_string(size);
      const auto of = [&engine, spec = cipher.spec, size](auto* make_step) {
        return [&engine, spec, size, make_step] { return make_step(engine, spec, size); };
      };
      add("seal" + tail, of(bench::make_seal));
      add("train" + tail, of(bench::make_seal_train));
      add("open" + tail, of(bench::make_open));
    }
  }
}

void add_others() {
  for (const std::size_t policies : {10, 1000, 100000}) {
    add("classify/" + std::to_string(policies), [=] { return bench::make_classify(policies); });
  }
  for (const std::size_t sas : {1, 10000, 100000}) {
    add("sad/" + std::to_string(sas), [=] { return bench::make_sad_lookup(sas); });
  }
  for (const std::uint32_t window : {64u, 1024u, 4096u}) {
    add("replay/" + std::to_string(window), [=] { return bench::make_replay(window, false); });
    add("replay-esn/" + std::to_string(window), [=] { return bench::make_replay(window, true); });
  }
  for (const std::size_t size : {std::size_t{64}, std::size_t{1400}}) {
    add("coalesce/" + std::to_string(size), [=] { return bench::make_coalesce(size); });
    add("segment/" + std::to_string(size), [=] { return bench::make_segment(size); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto botan = crypto::make_botan_provider();
  add_pipelines(*botan);
#ifdef IKEV2D_HAS_IPSEC_MB
  const auto fast = crypto::make_ipsec_mb_provider(*botan);
  if (!fast.has_error()) add_pipelines(**fast);
#endif
  add_others();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
