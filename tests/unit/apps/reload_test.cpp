#include "apps/daemon/reload.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>

#include "config/model.h"

namespace {

using namespace daemon_app;
using namespace std::chrono_literals;

ikev2::PeerConfig sample() {
  const auto loaded = config::load_text(
      "profiles:\n"
      "  pr1:\n"
      "    local: {address: 192.0.2.1, auth: {psk: a}}\n"
      "    remote: {address: 192.0.2.2, auth: {psk: b}}\n"
      "    children:\n"
      "      net: {local_ts: [10.1.0.0/16], remote_ts: [10.2.0.0/16]}\n"
      "      lab: {local_ts: [10.3.0.0/16], remote_ts: [10.4.0.0/16]}\n",
      "f");
  REQUIRE(loaded.ok());
  return *loaded.config.peers[0];
}

ProfileStep after(const std::function<void(ikev2::PeerConfig&)>& change, bool same_secrets = true) {
  auto fresh = sample();
  change(fresh);
  return compare_profiles(sample(), fresh, same_secrets);
}

}  // namespace

TEST_CASE("a profile that is the same is kept, whatever its credentials are called") {
  const auto step = after([](auto& p) { p.local_auth.credential = ikev2::CredentialId(77); });
  CHECK(step.action == ReloadAction::keep);
  CHECK_FALSE(step.changes());
}

TEST_CASE("each change costs the least that brings it into force") {
  const auto action = [](const std::function<void(ikev2::PeerConfig&)>& change) {
    return after(change).action;
  };
  CHECK(action([](auto& p) { p.liveness_delay = 5s; }) == ReloadAction::keep);
  CHECK(action([](auto& p) { p.retry.tries = 3; }) == ReloadAction::keep);
  CHECK(action([](auto& p) { p.lifetime = 1h; }) == ReloadAction::rekey);
  CHECK(action([](auto& p) { p.proposals.pop_back(); }) == ReloadAction::rekey);
  CHECK(action([](auto& p) { p.local_id = *ikev2::Identity::parse("fqdn:a.example"); }) ==
        ReloadAction::reauth);
  CHECK(action([](auto& p) { p.encap = ikev2::Encap::udp; }) == ReloadAction::reauth);
  CHECK(action([](auto& p) { p.local_address.reset(); }) == ReloadAction::replace);
  CHECK(action([](auto& p) { p.remote_address = *base::IpAddress::parse("192.0.2.9"); }) ==
        ReloadAction::replace);
  CHECK(after([](auto&) {}, false).action == ReloadAction::reauth);
  CHECK(after([](auto&) {}, false).why == std::vector<std::string>{"auth"});
  CHECK(after([](auto& p) { p.liveness_delay = 5s; }).changes());
}

TEST_CASE("who can only respond cannot authenticate again first: its SAs are replaced") {
  CHECK(after([](auto& p) { p.remote_address = ikev2::AnyPeer{}; }, false).action == ReloadAction::replace);
}

TEST_CASE("a child is changed by itself, and its sisters are kept") {
  auto step = after([](auto& p) { p.children[0].lifetime = 10min; });
  CHECK(step.action == ReloadAction::keep);
  REQUIRE(step.children.size() == 2);
  CHECK(step.children[0].action == ReloadAction::rekey);
  CHECK(step.children[0].why == std::vector<std::string>{"lifetime"});
  CHECK(step.children[1].action == ReloadAction::keep);
  step = after([](auto& p) { p.children[1].remote_ts = p.children[0].remote_ts; });
  CHECK(step.children[1].action == ReloadAction::replace);
  step = after([](auto& p) { p.children[0].start = ikev2::Start::up; });
  CHECK(step.children[0].action == ReloadAction::keep);
  CHECK(step.changes());
}

TEST_CASE("children come and go without the others") {
  const auto step = after([](auto& p) { p.children[0].name = "new"; });
  REQUIRE(step.children.size() == 3);
  CHECK(step.children[0].action == ReloadAction::add);
  CHECK(step.children[1].action == ReloadAction::keep);
  CHECK(step.children[2].action == ReloadAction::remove);
  // A new IKE SA is made with the children that the old one has: not where those differ.
  CHECK(after([](auto& p) { p.children[0].name = "new"; }, false).action == ReloadAction::replace);
}
