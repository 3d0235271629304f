#include "apps/daemon/spi_source.h"

namespace daemon_app {

RandomSpiSource::RandomSpiSource(base::Rng& rng, std::uint32_t shard_count)
    : rng_(rng), shard_mask_(shard_count - 1) {}

base::Spi RandomSpiSource::draw() {
  const std::uint32_t shard = next_shard_++ & shard_mask_;
  for (;;) {
    const std::uint32_t value = (rng_.u32() & ~shard_mask_) | shard;
    if (value >= kLowest && reserve(base::Spi(value))) return base::Spi(value);
  }
}

bool RandomSpiSource::reserve(base::Spi spi) {
  if (!used_.insert(spi.value).second) return false;
  expected_.add(spi);
  return true;
}

void RandomSpiSource::release(base::Spi spi) {
  if (used_.erase(spi.value) != 0) expected_.remove(spi);
}

}  // namespace daemon_app
