// SPIs of our inbound SAs.
#pragma once

#include <unordered_set>

#include "base/rng.h"
#include "esp/expected_spis.h"
#include "ikev2/engine.h"

namespace daemon_app {

// Random SPIs, each unique among those drawn and not released. The low bits name the shard that owns the SA;
// shards take turns. Values below kLowest are never drawn: 0 to 255 are reserved (RFC 4303 2.1), the rest is
// left to SAs that are keyed by hand. Of the IKE thread alone.
class RandomSpiSource : public ikev2::SpiSource {
 public:
  static constexpr std::uint32_t kLowest = 0x1000;

  // shard_count is a power of two.
  RandomSpiSource(base::Rng& rng, std::uint32_t shard_count);

  base::Spi draw() override;
  void release(base::Spi spi) override;
  // For an SA that is keyed by hand; false where it is drawn already.
  bool reserve(base::Spi spi);
  // Those in use, for the data threads.
  const esp::ExpectedSpis& expected() const { return expected_; }

 private:
  base::Rng& rng_;
  const std::uint32_t shard_mask_;
  std::uint32_t next_shard_ = 0;
  std::unordered_set<std::uint32_t> used_;
  esp::ExpectedSpis expected_;
};

}  // namespace daemon_app
