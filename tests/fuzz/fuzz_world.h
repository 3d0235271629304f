// Two engines without cryptography, for fuzzing what is behind the ICV as well.
#pragma once

#include "tests/sim/sim_pair.h"
#include "tests/support/fake_provider.h"

namespace fuzz {

inline std::shared_ptr<const crypto::Provider> no_cryptography() {
  static const auto provider = std::make_shared<const test::FakeProvider>();
  return provider;
}

// How far a handshake has come when the fuzzer takes over.
enum class Stage : std::uint8_t { nothing, init_sent, half_open, established, count_ };

inline std::unique_ptr<sim::SimPair> world_at(Stage stage) {
  auto world =
      std::make_unique<sim::SimPair>(7, ikev2::EngineConfig{}, ikev2::EngineConfig{}, no_cryptography());
  int sent = 0;
  world->net.intercept = [&sent, stage](sim::Flight&) {
    ++sent;
    if (stage == Stage::init_sent) return false;
    return stage == Stage::established || sent < 3;  // the third message is IKE_AUTH
  };
  world->configure();
  if (stage != Stage::nothing) world->initiate();
  world->run(std::chrono::milliseconds(100));
  world->net.intercept = nullptr;
  return world;
}

}  // namespace fuzz
