#include "apps/daemon/key_worker.h"

#include <pthread.h>

#include "ikev2/auth/psk.h"

namespace daemon_app {
namespace {

base::Error authentication_failed(std::string reason) {
  base::Error error = base::crypto_error(std::move(reason));
  error.notify = static_cast<std::uint16_t>(ikev2::NotifyType::authentication_failed);
  return error;
}

}  // namespace

KeyVault::KeyVault(const crypto::Provider& provider, base::Rng& rng,
                   std::vector<config::Credential> credentials)
    : provider_(provider), rng_(rng), decoy_(32) {
  rng_.fill(decoy_.mutable_span());
  for (auto& credential : credentials) secrets_.emplace(credential.id, std::move(credential.psk));
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

ikev2::AuthDone KeyVault::authenticate(const ikev2::StartAuth& work) const {
  ikev2::AuthDone done;
  done.job = work.job;
  const auto prf = provider_.prf(work.prf);
  if (prf.has_error()) {
    done.status = prf.error();
    return done;
  }
  const auto found = secrets_.find(work.credential);
  const bool known = found != secrets_.end();
  const base::SecretBytes computed = ikev2::psk_auth(**prf, known ? found->second : decoy_, work.octets);
  const bool equal = work.expected.empty() || base::constant_time_equal(computed, work.expected);
  if (!known) {
    done.status = authentication_failed("no shared secret is configured for this peer");
  } else if (!equal) {
    // RFC 7296 2.21.2.
    done.status =
        authentication_failed("the peer's AUTH does not fit: the shared secrets of both sides differ");
  } else if (work.expected.empty()) {
    done.auth = base::to_bytes(computed);
  }
  return done;
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
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    if (auto* ke = std::get_if<ikev2::StartKe>(&job)) {
      done_(vault_.exchange(std::move(*ke)));
    } else {
      done_(vault_.authenticate(std::get<ikev2::StartAuth>(job)));
    }
  }
}

}  // namespace daemon_app
