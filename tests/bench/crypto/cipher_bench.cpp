// Time of one packet, sealed and opened in place, in batches of 32. Prints nanoseconds of processor time
// per packet; needs a Botan and a build with optimisation to mean anything.
#include <cstdio>
#include <ctime>
#include <vector>

#include "crypto/botan/provider.h"

namespace {

constexpr std::size_t kBatch = 32;

struct Case {
  const char* name;
  crypto::CipherSpec spec;
};

template <class Run>
double nanoseconds_per_packet(Run&& run) {
  run();
  const std::clock_t start = std::clock(), enough = start + 3 * CLOCKS_PER_SEC / 10;
  std::size_t packets = 0;
  std::clock_t now = start;
  for (; now < enough; now = std::clock()) {
    run();
    packets += kBatch;
  }
  return static_cast<double>(now - start) * 1e9 / CLOCKS_PER_SEC / static_cast<double>(packets);
}

void measure(const crypto::Provider& provider, const Case& c, std::size_t length) {
  const base::Bytes encr_key(crypto::encr_key_size(c.spec), 0x11),
      integ_key(crypto::integ_key_size(c.spec), 0x22);
  auto made = provider.cipher(c.spec, encr_key, integ_key);
  if (made.has_error()) return;
  crypto::Cipher& cipher = **made;
  const base::Bytes aad(8, 1), iv(cipher.iv_size(), 2);
  std::vector<base::Bytes> sealed(kBatch, base::Bytes(length + cipher.icv_size()));
  std::vector<crypto::CipherItem> items(kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    items[i].source = items[i].destination = sealed[i].data();
    items[i].length = static_cast<std::uint32_t>(length);
    items[i].aad = aad;
    items[i].iv = iv;
    items[i].tag = sealed[i].data() + length;
  }
  const double seal = nanoseconds_per_packet([&] { cipher.seal(items); });
  const auto pristine = sealed;
  std::size_t good = 0, all = 0;
  const double open = nanoseconds_per_packet([&] {
    for (std::size_t i = 0; i < kBatch; ++i) sealed[i] = pristine[i];  // a copy that counts, too
    cipher.open(items);
    for (const auto& item : items) good += item.ok ? 1u : 0u;
    all += kBatch;
  });
  const double forged = nanoseconds_per_packet([&] {
    for (auto& packet : sealed) packet[length] ^= 1;
    cipher.open(items);
  });
  std::printf("%-28s %6zu  seal %7.0f  open %7.0f  forged %7.0f%s\n", c.name, length, seal, open, forged,
              good == all ? "" : "  (packets were refused)");
}

}  // namespace

int main() {
  using crypto::Encr, crypto::Integ;
  const auto provider = crypto::make_botan_provider();
  const Case cases[] = {
      {"aes-gcm-16-128", {Encr::aes_gcm_16, 128, Integ::none}},
      {"aes-gcm-16-256", {Encr::aes_gcm_16, 256, Integ::none}},
      {"chacha20-poly1305", {Encr::chacha20_poly1305, 0, Integ::none}},
      {"aes-cbc-128 sha1-96", {Encr::aes_cbc, 128, Integ::sha1_96}},
      {"aes-cbc-256 sha2-256-128", {Encr::aes_cbc, 256, Integ::hmac_sha2_256_128}},
      {"null sha2-256-128", {Encr::null, 0, Integ::hmac_sha2_256_128}},
      {"aes-ccm-16-128", {Encr::aes_ccm_16, 128, Integ::none}},
  };
  for (const Case& c : cases)
    for (const std::size_t length : {64u, 512u, 1440u, 8192u}) measure(*provider, c, length);
}
