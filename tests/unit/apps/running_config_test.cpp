#include "apps/daemon/running_config.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "apps/daemon/profile_view.h"

namespace {

using namespace daemon_app;

const char* const kFile =
    "daemon: {tun: {name: ipsec7}}\n"
    "profiles:\n"
    "  site:\n"
    "    local: {address: 192.0.2.1, id: fqdn:left.example, auth: {psk: Secret1}}\n"
    "    remote: {address: 192.0.2.2, auth: {psk: {hex: abcd}}}\n"
    "    children: {net: {local_ts: [10.1.0.0/16], remote_ts: [10.2.0.0/16]}}\n";

config::Config read(const std::string& text) {
  auto loaded = config::load_text(text, "/etc/ikev2d/profiles.yaml");
  for (const auto& d : loaded.diagnostics) UNSCOPED_INFO(d.text());
  REQUIRE(loaded.ok());
  return std::move(loaded.config);
}

struct Fixture {
  std::set<std::uint64_t> known;  // credentials of the key worker
  RunningConfig config{
      {[](const ikev2::PeerConfig& peer) { return std::make_shared<const ikev2::PeerConfig>(peer); },
       [this](ikev2::CredentialId id, const SharedMaterial&) { known.insert(id.value); },
       [this](ikev2::CredentialId id) { known.erase(id.value); }}};
  explicit Fixture(const std::string& text = kFile) { config.begin(read(text)); }

  void set(const std::string& name, const std::function<base::Status(config::VppProfile&)>& change) {
    const auto commands = config.edit(name, change);
    if (commands.has_error()) UNSCOPED_INFO(commands.error().reason);
    REQUIRE(commands.has_value());
  }
  void make_page_profile() {
    REQUIRE(config.make("pr1").has_value());
    set("pr1", [](auto& p) { return config::set_psk(p, "Vpp123", false); });
    set("pr1", [](auto& p) { return config::set_id(p, true, "fqdn", "vpp.home"); });
  }
};

}  // namespace

TEST_CASE(
    "a profile made by commands reaches the engine once it is complete, with the secrets that it needs") {
  Fixture f;
  const auto before = f.known.size();
  const auto made = f.config.make("pr1");
  REQUIRE(made.has_value());
  CHECK(made->empty());
  CHECK(f.config.find("pr1") == nullptr);
  CHECK(f.config.why_not("pr1") ==
        "profile 'pr1' is not complete: ikev2 profile set pr1 auth shared-key-mic|rsa-sig … is missing");
  const auto complete = f.config.edit("pr1", [](auto& p) { return config::set_psk(p, "Vpp123", false); });
  REQUIRE(complete.has_value());
  REQUIRE(complete->size() == 1);
  CHECK(std::get<ikev2::ReplacePeer>(complete->front()).peer->name == "pr1");
  CHECK(f.known.size() == before + 2);
  REQUIRE(f.config.find("pr1") != nullptr);
  CHECK(f.known.count(f.config.find("pr1")->local_auth.credential.value) == 1);
}

TEST_CASE("secrets that were replaced are forgotten, but not while a handshake may need them") {
  Fixture f;
  f.make_page_profile();
  const auto standing = f.known.size();
  f.set("pr1", [](auto& p) { return config::set_psk(p, "Other", false); });
  CHECK(f.known.size() == standing + 2);
  for (int i = 0; i < 7; ++i) f.config.sweep();
  CHECK(f.known.size() == standing);
  REQUIRE(f.config.unmake("pr1").has_value());
  for (int i = 0; i < 7; ++i) f.config.sweep();
  CHECK(f.known.size() == 2);  // those of the file
}

TEST_CASE("profiles of the file are not for commands, and a name is taken once") {
  Fixture f;
  CHECK(f.config.make("site").has_error());
  CHECK(f.config.unmake("site").error().reason.find("change it there") != std::string::npos);
  CHECK(f.config.edit("site", [](auto&) -> base::Status { return {}; }).has_error());
  CHECK(f.config.unmake("nobody").error().reason == "no profile 'nobody'");
  CHECK(f.config.make("a b").has_error());
}

TEST_CASE("a word that does not fit leaves the profile as it was") {
  Fixture f;
  f.make_page_profile();
  const auto wrong = f.config.edit("pr1", [](auto& p) -> base::Status {
    p.lifetime_s = 10;
    p.jitter_s = 20;
    return {};
  });
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().reason == "jitter: must be shorter than the lifetime");
  CHECK(f.config.profiles().at("pr1").made->jitter_s == 0);
}

TEST_CASE("what is saved loads again as what runs, the profiles of commands included") {
  Fixture f;
  f.make_page_profile();
  const std::string saved = f.config.save(true);
  CAPTURE(saved);
  const auto again = read(saved);
  REQUIRE(again.peers.size() == 2);
  CHECK(again.daemon.tun.name == "ipsec7");
  Fixture g(saved);
  const auto plan = f.config.plan(read(saved));
  REQUIRE(plan.has_value());
  for (const auto& step : plan->steps) {
    INFO(step.profile);
    CHECK(step.action == ReloadAction::keep);
    CHECK_FALSE(step.changes());
  }
  CHECK(g.config.save(true) == saved);
}

TEST_CASE("what is saved without secrets holds none, and says at which place one is missing") {
  Fixture f;
  f.make_page_profile();
  const std::string saved = f.config.save(false);
  CHECK(saved.find("Secret1") == std::string::npos);
  CHECK(saved.find("Vpp123") == std::string::npos);
  CHECK(saved.find("abcd") == std::string::npos);
  const auto loaded = config::load_text(saved, "f");
  CHECK_FALSE(loaded.ok());
  CHECK(loaded.diagnostics.size() == 4);
}

TEST_CASE("a plan tells added, removed, kept and changed profiles apart, and those of commands stay") {
  Fixture f;
  f.make_page_profile();
  std::string text = kFile;
  text += "  new:\n    local: {auth: {psk: x}}\n    remote: {auth: {psk: x}}\n    children: {net: {}}\n";
  auto plan = f.config.plan(read(text));
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 3);
  CHECK(plan->steps[0].profile == "new");
  CHECK(plan->steps[0].action == ReloadAction::add);
  CHECK(plan->steps[1].action == ReloadAction::keep);
  CHECK(plan->steps[2].action == ReloadAction::keep);
  const auto unchanged = f.config.profiles().at("site").peer;
  f.config.adopt(std::move(*plan));
  CHECK(f.config.profiles().at("site").peer == unchanged);
  CHECK(f.config.find("new") != nullptr);

  plan = f.config.plan(read("daemon: {tun: {name: ipsec7}}\n"));
  REQUIRE(plan.has_value());
  CHECK(plan->steps[0].action == ReloadAction::remove);
  CHECK(plan->steps[1].profile == "pr1");
  CHECK(plan->steps[1].action == ReloadAction::keep);
  CHECK(plan->steps[2].action == ReloadAction::remove);
}

TEST_CASE("another secret in the file asks for a new authentication") {
  Fixture f;
  std::string text = kFile;
  text.replace(text.find("Secret1"), 7, "Secret2");
  const auto plan = f.config.plan(read(text));
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 1);
  CHECK(plan->steps[0].action == ReloadAction::reauth);
  CHECK(plan->steps[0].why == std::vector<std::string>{"auth"});
}

TEST_CASE("what cannot change while the daemon runs is named at its place, and nothing is planned") {
  Fixture f;
  std::string text = kFile;
  text.replace(text.find("ipsec7"), 6, "ipsec8");
  text += "manual: {spds: [1]}\n";
  const auto plan = f.config.plan(read(text));
  REQUIRE(plan.has_error());
  CHECK(plan.error().reason.find("/etc/ikev2d/profiles.yaml:1:10: error: daemon.tun cannot change") == 0);
  CHECK(plan.error().reason.find("\n/etc/ikev2d/profiles.yaml:7:") != std::string::npos);
}

TEST_CASE("the view of a profile holds its PSK with secrets alone, and of files the names") {
  Fixture f;
  f.make_page_profile();
  const auto view = [&](const char* name, bool secrets) {
    return make_profile_config_view(name, f.config.profiles().at(name), secrets);
  };
  CHECK(view("pr1", true).local_auth->data == "Vpp123");
  CHECK_FALSE(view("pr1", false).local_auth->data);
  CHECK(view("site", true).remote_auth->data == "0xabcd");
  CHECK(view("site", false).local_id == "fqdn:left.example");
  CHECK(view("site", false).responder_address == "192.0.2.2");
  CHECK(view("site", false).ike.empty());  // the default is not said
  CHECK(view("pr1", false).origin == "command");
  REQUIRE(f.config.make("bare").has_value());
  CHECK_FALSE(view("bare", true).local_auth);
  CHECK_FALSE(view("bare", true).missing.empty());
}
