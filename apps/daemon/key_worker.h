// The thread that holds the secrets and private keys: key exchanges, AUTH values and certificates, off the
// IKE thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "base/secret.h"
#include "config/model.h"
#include "crypto/provider.h"
#include "ikev2/auth/authenticator.h"
#include "ikev2/event.h"

namespace daemon_app {

// The work itself, without the thread.
class KeyVault {
 public:
  KeyVault(const crypto::Provider& provider, base::Rng& rng, std::vector<config::Credential> credentials);

  void learn(ikev2::CredentialId id, std::shared_ptr<const crypto::KeyMaterial> material) {
    authenticator_.put(id, std::move(material));
  }
  void forget(ikev2::CredentialId id) { authenticator_.remove(id); }

  ikev2::KeDone exchange(ikev2::StartKe work);
  // Computes our AUTH value.
  ikev2::AuthDone authenticate(const ikev2::StartAuth& work) const {
    return authenticator_.authenticate(work);
  }
  // Checks the peer's, with its certificates at the time of the system's clock. A credential that is not
  // there costs about the same work as one that is, and fails.
  ikev2::VerifyDone verify(const ikev2::StartVerify& work) const;

 private:
  base::Status exchange_into(ikev2::StartKe& work, ikev2::KeDone& done);

  const crypto::Provider& provider_;
  base::Rng& rng_;
  ikev2::Authenticator authenticator_;
};

class KeyWorker {
 public:
  using Job = std::variant<ikev2::StartKe, ikev2::StartAuth, ikev2::StartVerify>;
  // Called on the worker's thread.
  using Done = std::function<void(ikev2::Completion)>;
  static constexpr std::size_t kMaxWaiting = 1024;

  KeyWorker(const crypto::Provider& provider, std::unique_ptr<base::Rng> rng,
            std::vector<config::Credential> credentials, Done done);
  ~KeyWorker();  // finishes the job at hand, forgets those that wait

  // A credential that jobs submitted from now on find, or find no longer; null: forgotten.
  void set(ikev2::CredentialId id, std::shared_ptr<const crypto::KeyMaterial> material);
  // False when too many wait: nothing is queued, and nothing will be answered.
  bool submit(Job job);

 private:
  void run();
  void take_news();  // with the mutex held

  std::unique_ptr<base::Rng> rng_;
  KeyVault vault_;
  Done done_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::vector<std::pair<ikev2::CredentialId, std::shared_ptr<const crypto::KeyMaterial>>> news_;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else stands
};

}  // namespace daemon_app
