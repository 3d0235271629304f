// Any datagram on either port, at engines in every stage of a handshake. The worlds live on from input to
// input, as a daemon does, and begin anew from time to time.
#include "tests/fuzz/fuzz_world.h"

namespace {

constexpr int kInputsPerWorld = 5000;

struct Worlds {
  std::vector<std::unique_ptr<sim::SimPair>> stages;
  int inputs = 0;

  void begin() {
    stages.clear();
    for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(fuzz::Stage::count_); ++i) {
      stages.push_back(fuzz::world_at(static_cast<fuzz::Stage>(i)));
    }
    inputs = 0;
  }
};

// Puts the SPIs of a living SA into the header where the input says so, since no fuzzer guesses 64 bits.
void aim(base::Bytes& message, const sim::Node& node, std::uint8_t how) {
  const auto sas = node.engine.status(false).ike_sas;
  if ((how & 4) == 0 || message.size() < 28 || sas.empty()) return;
  base::store_be64(message.data(), sas[0].spi_i.value);
  base::store_be64(message.data() + 8, sas[0].spi_r.value);
  base::store_be32(message.data() + 24, static_cast<std::uint32_t>(message.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Worlds worlds;
  if (worlds.stages.empty() || ++worlds.inputs > kInputsPerWorld) worlds.begin();
  if (size < 1) return 0;
  sim::SimPair& world = *worlds.stages[data[0] >> 6];
  sim::Node& target = (data[0] & 1) != 0 ? world.left : world.right;
  sim::Node& other = (data[0] & 1) != 0 ? world.right : world.left;
  base::Bytes message(data + 1, data + size);
  aim(message, target, data[0]);
  const bool natt = (data[0] & 2) != 0;
  const std::uint16_t port = natt ? 4500 : 500;
  target.receive({{}, 0, {other.address, port}, {target.address, port}, natt, std::move(message)}, world.now);
  world.run(std::chrono::milliseconds(1));
  world.net.log.clear();
  target.reports.clear();
  other.reports.clear();
  return 0;
}
