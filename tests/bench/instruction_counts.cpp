// Runs each step of the data path a fixed number of times, for valgrind to count its instructions; see
// instruction_counts.py. Outside of valgrind it does the same work and prints the same lines.
//
// The Botan engine alone: valgrind shows no AVX-512, which ipsec-mb would choose its code by.
#include <botan/version.h>
#include <valgrind/callgrind.h>

#include <cstdio>

#include "crypto/botan/provider.h"
#include "tests/bench/steps.h"

namespace {

constexpr crypto::CipherSpec kGcm{crypto::Encr::aes_gcm_16, 128, crypto::Integ::none};
constexpr int kRuns = 8;

std::vector<bench::NamedStep> steps(const crypto::Provider& botan) {
  using namespace bench;
  return {
      {"seal-gcm-128-64", [&] { return make_seal(botan, kGcm, 64); }},
      {"seal-gcm-128-1400", [&] { return make_seal(botan, kGcm, 1400); }},
      {"train-gcm-128-1400", [&] { return make_seal_train(botan, kGcm, 1400); }},
      {"open-gcm-128-64", [&] { return make_open(botan, kGcm, 64); }},
      {"open-gcm-128-1400", [&] { return make_open(botan, kGcm, 1400); }},
      {"classify-10", [] { return make_classify(10); }},
      {"classify-1000", [] { return make_classify(1000); }},
      {"sad-1", [] { return make_sad_lookup(1); }},
      {"sad-10000", [] { return make_sad_lookup(10000); }},
      {"replay-1024", [] { return make_replay(1024, false); }},
      {"replay-1024-esn", [] { return make_replay(1024, true); }},
      {"coalesce-1400", [] { return make_coalesce(1400); }},
      {"segment-1400", [] { return make_segment(1400); }},
  };
}

// Counts are dumped under the name of the step; the line on standard output says for how many packets.
bool count(const bench::NamedStep& named) {
  const auto step = named.make();
  step->prepare();
  step->run();  // what is made on first use is made now
  CALLGRIND_ZERO_STATS;
  for (int i = 0; i < kRuns; ++i) {
    step->prepare();
    CALLGRIND_TOGGLE_COLLECT;
    step->run();
    CALLGRIND_TOGGLE_COLLECT;
  }
  CALLGRIND_DUMP_STATS_AT(named.name.c_str());
  std::printf("step %s %zu\n", named.name.c_str(), kRuns * step->packets());
  return step->good();
}

}  // namespace

int main() {
  const auto botan = crypto::make_botan_provider();
  // What the numbers depend on beside our own code.
  std::printf("platform %s-%d.%d/botan-%s\n",
#ifdef __clang__
              "clang", __clang_major__, __clang_minor__,
#else
              "gcc", __GNUC__, __GNUC_MINOR__,
#endif
              Botan::short_version_cstr());
  for (const auto& step : steps(*botan)) {
    if (count(step)) continue;
    std::fprintf(stderr, "step %s: packets were lost\n", step.name.c_str());
    return 1;
  }
  return 0;
}
