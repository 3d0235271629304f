#include "apps/daemon/key_worker.h"

#include <pthread.h>

#include <chrono>

namespace daemon_app {

KeyVault::KeyVault(const crypto::Provider& provider, base::Rng& rng,
                   std::vector<config::Credential> credentials)
    : provider_(provider), rng_(rng), authenticator_(provider, rng) {
  for (auto& credential : credentials) authenticator_.put(credential.id, std::move(credential.material));
}

ikev2::VerifyDone KeyVault::verify(const ikev2::StartVerify& work) const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return authenticator_.verify(work, std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

ikev2::KeDone KeyVault::exchange(ikev2::StartKe work) {
  ikev2::KeDone done;
  done.job = work.job;
  done.status = exchange_into(work, done);
  return done;
}

base::Status KeyVault::exchange_into(ikev2::StartKe& work, ikev2::KeDone& done) {
  if (work.own == nullptr) {
    ASSIGN_OR_RETURN(work.own, provider_.key_exchange(work.method, rng_));
  }
  done.public_value = work.own->public_value();
  if (!work.peer_public.empty()) {
    ASSIGN_OR_RETURN(done.shared_secret, work.own->agree(work.peer_public));
  }
  done.own = std::move(work.own);
  return {};
}

KeyWorker::KeyWorker(const crypto::Provider& provider, std::unique_ptr<base::Rng> rng,
                     std::vector<config::Credential> credentials, Done done)
    : rng_(std::move(rng)),
      vault_(provider, *rng_, std::move(credentials)),
      done_(std::move(done)),
      thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "ikev2d-keys");
}

KeyWorker::~KeyWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void KeyWorker::set(ikev2::CredentialId id, std::shared_ptr<const crypto::KeyMaterial> material) {
  {
    const std::lock_guard lock(mutex_);
    news_.emplace_back(id, std::move(material));
  }
  wake_.notify_one();
}

void KeyWorker::take_news() {
  for (auto& [id, material] : news_) {
    if (material) {
      vault_.learn(id, std::move(material));
    } else {
      vault_.forget(id);
    }
  }
  news_.clear();
}

bool KeyWorker::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= kMaxWaiting) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void KeyWorker::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty() || !news_.empty(); });
    if (stopping_) return;
    take_news();
    if (jobs_.empty()) continue;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    if (auto* ke = std::get_if<ikev2::StartKe>(&job)) {
      done_(vault_.exchange(std::move(*ke)));
    } else if (auto* auth = std::get_if<ikev2::StartAuth>(&job)) {
      done_(vault_.authenticate(*auth));
    } else {
      done_(vault_.verify(std::get<ikev2::StartVerify>(job)));
    }
  }
}

}  // namespace daemon_app
