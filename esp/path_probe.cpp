#include "esp/path_probe.h"

#include <algorithm>
#include <string_view>

namespace esp {
namespace {

constexpr std::string_view kMark = "ikev2d-path";

}  // namespace

void write_probe(const PathProbe& probe, base::MutableByteSpan text) {
  std::copy(kMark.begin(), kMark.end(), text.begin());
  text[kMark.size()] = static_cast<std::uint8_t>(probe.kind);
  base::store_be32(&text[kMark.size() + 1], probe.id);
  base::store_be32(&text[kMark.size() + 5], probe.size);
  std::fill(text.begin() + kProbeText, text.end(), std::uint8_t{0});
}

std::optional<PathProbe> read_probe(base::ByteSpan text) {
  if (text.size() < kProbeText || !std::equal(kMark.begin(), kMark.end(), text.begin())) return {};
  const std::uint8_t kind = text[kMark.size()];
  if (kind != static_cast<std::uint8_t>(ProbeKind::question) &&
      kind != static_cast<std::uint8_t>(ProbeKind::answer)) {
    return {};
  }
  return PathProbe{static_cast<ProbeKind>(kind), base::load_be32(&text[kMark.size() + 1]),
                   base::load_be32(&text[kMark.size() + 5])};
}

}  // namespace esp
