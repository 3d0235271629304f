#include "apps/daemon/spi_source.h"

namespace daemon_app {

RandomSpiSource::RandomSpiSource(base::Rng& rng, std::uint32_t shard_count)
    : rng_(rng), shard_mask_(shard_count - 1) {}

base::Spi RandomSpiSource::draw() {
  const std::uint32_t shard = next_shard_++ & shard_mask_;
  for (;;) {
    const std::uint32_t value = (rng_.u32() & ~shard_mask_) | shard;
    if (value >= kLowest && used_.insert(value).second) return base::Spi(value);
  }
}

}  // namespace daemon_app
