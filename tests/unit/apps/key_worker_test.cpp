#include "apps/daemon/key_worker.h"

#include <catch2/catch_test_macros.hpp>
#include <condition_variable>

#include "crypto/botan/provider.h"
#include "crypto/botan/rng.h"
#include "ikev2/auth/psk.h"
#include "ikev2/types.h"

namespace {

using namespace daemon_app;

const ikev2::CredentialId kKnown{7}, kUnknown{8};

std::vector<config::Credential> credentials() {
  std::vector<config::Credential> list;
  list.push_back({kKnown, {.psk = base::SecretBytes(base::as_bytes("Vpp123"))}});
  return list;
}

ikev2::StartAuth auth_work(ikev2::CredentialId credential) {
  ikev2::StartAuth work;
  work.job = ikev2::JobId(1);
  work.credential = credential;
  work.prf = crypto::Prf::hmac_sha2_256;
  work.octets = base::to_bytes(base::as_bytes("signed octets"));
  return work;
}

ikev2::StartVerify verify_work(ikev2::CredentialId credential, base::Bytes proof) {
  ikev2::StartVerify work;
  work.job = ikev2::JobId(1);
  work.credential = credential;
  work.prf = crypto::Prf::hmac_sha2_256;
  work.octets = base::to_bytes(base::as_bytes("signed octets"));
  work.proof = std::move(proof);
  return work;
}

// Collects completions and lets the test wait for them.
class Mailbox {
 public:
  void put(ikev2::Completion completion) {
    const std::lock_guard lock(mutex_);
    completions_.push_back(std::move(completion));
    arrived_.notify_all();
  }
  ikev2::Completion take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !completions_.empty(); });
    ikev2::Completion first = std::move(completions_.front());
    completions_.pop_front();
    return first;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<ikev2::Completion> completions_;
};

}  // namespace

TEST_CASE("AUTH with a shared secret is what RFC 7296 2.15 says, and is recognised again") {
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  const KeyVault vault(*provider, *rng, credentials());

  const auto computed = vault.authenticate(auth_work(kKnown));
  REQUIRE_FALSE(computed.status.has_error());
  const auto prf = provider->prf(crypto::Prf::hmac_sha2_256);
  const auto reference = ikev2::psk_auth(**prf, base::as_bytes("Vpp123"), base::as_bytes("signed octets"));
  CHECK(base::equal(computed.auth, reference));

  CHECK_FALSE(vault.verify(verify_work(kKnown, computed.auth)).status.has_error());
}

TEST_CASE("a wrong AUTH is refused, and so is one of another length, and the reason names the secrets") {
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  const KeyVault vault(*provider, *rng, credentials());

  base::Bytes wrong = vault.authenticate(auth_work(kKnown)).auth;
  wrong.back() ^= 1;
  for (const base::Bytes& proof : {wrong, base::Bytes{}, base::Bytes(5, 0)}) {
    const auto checked = vault.verify(verify_work(kKnown, proof));
    REQUIRE(checked.status.has_error());
    CHECK(checked.status.error().family == base::ErrorFamily::crypto);
    CHECK(checked.status.error().reason == "the two sides hold different secrets");
  }
}

TEST_CASE("an unknown credential fails, both to compute and to check") {
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  const KeyVault vault(*provider, *rng, credentials());
  const auto computed = vault.authenticate(auth_work(kUnknown));
  CHECK(computed.status.has_error());
  CHECK(computed.auth.empty());
  CHECK(vault.verify(verify_work(kUnknown, base::Bytes(32, 0))).status.has_error());
  auto signature = verify_work(kUnknown, base::Bytes(64, 0));
  signature.schemes = {{crypto::SignatureKind::ed25519, crypto::Hash::identity, 0}};
  CHECK(vault.verify(signature).status.has_error());
}

TEST_CASE("two workers agree on a secret, each from its own key pair") {
  const auto provider = crypto::make_botan_provider();
  Mailbox mail;
  KeyWorker a(*provider, crypto::make_system_rng(), {}, [&](ikev2::Completion c) { mail.put(std::move(c)); });
  KeyWorker b(*provider, crypto::make_system_rng(), {}, [&](ikev2::Completion c) { mail.put(std::move(c)); });

  // The initiator generates, the responder generates and agrees, the initiator agrees.
  REQUIRE(a.submit(ikev2::StartKe{ikev2::JobId(1), crypto::Ke::curve25519, nullptr, {}}));
  auto first = std::get<ikev2::KeDone>(mail.take());
  REQUIRE_FALSE(first.status.has_error());
  CHECK(first.shared_secret.empty());
  REQUIRE(first.own != nullptr);

  REQUIRE(b.submit(ikev2::StartKe{ikev2::JobId(2), crypto::Ke::curve25519, nullptr, first.public_value}));
  auto second = std::get<ikev2::KeDone>(mail.take());
  REQUIRE_FALSE(second.status.has_error());

  REQUIRE(a.submit(
      ikev2::StartKe{ikev2::JobId(3), crypto::Ke::curve25519, std::move(first.own), second.public_value}));
  const auto third = std::get<ikev2::KeDone>(mail.take());
  REQUIRE_FALSE(third.status.has_error());
  CHECK(third.job == ikev2::JobId(3));
  CHECK(base::equal(second.shared_secret, third.shared_secret));
  CHECK(third.shared_secret.size() == 32);
}

TEST_CASE("a public value of a wrong length is answered with the reason") {
  const auto provider = crypto::make_botan_provider();
  const auto rng = crypto::make_system_rng();
  KeyVault vault(*provider, *rng, {});
  const auto done = vault.exchange({ikev2::JobId(4), crypto::Ke::curve25519, nullptr, base::Bytes(31, 9)});
  REQUIRE(done.status.has_error());
  CHECK(done.job == ikev2::JobId(4));
  CHECK(done.shared_secret.empty());
}
