// Which engine encrypts the packets of the data path. IKE itself always has Botan.
#pragma once

#include <memory>

#include "base/log.h"
#include "config/model.h"
#include "crypto/provider.h"

namespace daemon_app {

// The engine that `choice` names, in front of `botan`, which outlives it; null where that is Botan itself.
// With `automatic`, one that is not there or fails its self-test is passed over with a line in the log. The
// error names what `choice` asks for and this build or machine has not.
base::Result<std::unique_ptr<crypto::Provider>> choose_engine(config::CryptoEngine choice,
                                                              const crypto::Provider& botan,
                                                              base::LogSink& log);

}  // namespace daemon_app
