#include "apps/daemon/crypto_engine.h"

#ifdef IKEV2D_HAS_IPSEC_MB
#include "crypto/ipsec_mb/provider.h"
#endif

namespace daemon_app {
namespace {

base::Result<std::unique_ptr<crypto::Provider>> make_ipsec_mb(
    [[maybe_unused]] const crypto::Provider& botan) {
#ifdef IKEV2D_HAS_IPSEC_MB
  return crypto::make_ipsec_mb_provider(botan);
#else
  return base::local_error("this build has no ipsec-mb");
#endif
}

}  // namespace

base::Result<std::unique_ptr<crypto::Provider>> choose_engine(config::CryptoEngine choice,
                                                              const crypto::Provider& botan,
                                                              base::LogSink& log) {
  if (choice == config::CryptoEngine::botan) return std::unique_ptr<crypto::Provider>();
  auto made = make_ipsec_mb(botan);
  if (made.has_value() || choice == config::CryptoEngine::ipsec_mb) return made;
  log.write({base::LogLevel::info, "crypto-engine", "Botan encrypts packets: " + made.error().reason, {}});
  return std::unique_ptr<crypto::Provider>();
}

}  // namespace daemon_app
