#include "config/vpp_profile.h"

#include "support.h"

using namespace config_test;
using namespace std::chrono_literals;

namespace {

config::VppProfile page_profile() {
  config::VppProfile p;
  p.name = "pr1";
  REQUIRE(config::set_psk(p, "Vpp123", false).has_value());
  REQUIRE(config::set_id(p, true, "fqdn", "vpp.home").has_value());
  REQUIRE(config::set_id(p, false, "fqdn", "roadwarrior.vpn.example.com").has_value());
  REQUIRE(config::set_selector(p, true, {"192.168.124.0", "192.168.124.255", 0, 65535, 0}).has_value());
  REQUIRE(config::set_selector(p, false, {"192.168.125.0", "192.168.125.255", 0, 65535, 0}).has_value());
  return p;
}

bool offers(const ikev2::Proposals& proposals, const char* text) {
  for (const auto& proposal : proposals) {
    if (proposal.text().find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the page's profile becomes a profile of the file's kind") {
  const auto peer = only_profile(config::to_yaml(page_profile(), {}));
  CHECK(peer.name == "pr1");
  CHECK(peer.local_id->text() == "fqdn:vpp.home");
  CHECK(peer.remote_id->text() == "fqdn:roadwarrior.vpn.example.com");
  CHECK(std::holds_alternative<ikev2::AnyPeer>(peer.remote_address));
  REQUIRE(peer.children.size() == 1);
  CHECK(peer.children[0].local_ts[0].text() == "192.168.124.0/24");
  CHECK(peer.children[0].remote_ts[0].text() == "192.168.125.0/24");
  // What the page's strongSwan offers: aes256-sha1-modp2048, aes192-sha1-esn.
  CHECK(offers(peer.proposals, "sha1-96"));
  CHECK(offers(peer.children[0].proposals, "aes-cbc-192"));
}

TEST_CASE("what the initiator of the page says of algorithms and lifetimes is what is offered") {
  config::VppProfile p = page_profile();
  p.responder = "192.168.4.1";
  REQUIRE(config::set_ike_transforms(p, {"aes-cbc", "sha1-96", "modp-2048", "", 256}).has_value());
  REQUIRE(config::set_esp_transforms(p, {"aes-cbc", "sha1-96", "ecp-256", "", 256}).has_value());
  p.lifetime_s = 3600;
  p.jitter_s = 10;
  p.handover_s = 5;
  p.udp_encap = true;
  const auto peer = only_profile(config::to_yaml(p, {"", 20s, 60s}));
  REQUIRE(peer.proposals.size() == 1);
  CHECK(peer.proposals[0].text() == "aes-cbc-256/hmac-sha1/sha1-96/modp-2048");
  CHECK(peer.can_initiate());
  CHECK(peer.encap == ikev2::Encap::udp);
  CHECK(peer.liveness_timeout == 60s);
  CHECK(peer.children[0].proposals[0].text() == "aes-cbc-256/sha1-96/ecp-256/esn/no-esn");
  CHECK(peer.children[0].jitter == 10s);
  CHECK(peer.children[0].handover == 5s);
}

TEST_CASE("ciphers are named with their key length, or without where there is one alone") {
  config::VppProfile p;
  CHECK(config::set_ike_transforms(p, {"aes-gcm-16", "", "ecp-256", "hmac-sha2-384", 256}).has_value());
  CHECK(p.ike_proposal == "aes-gcm-16-256/hmac-sha2-384/ecp-256");
  CHECK(config::set_esp_transforms(p, {"chacha20-poly1305", "", "", "", 256}).has_value());
  CHECK(config::set_esp_transforms(p, {"3des", "sha1-96", "", "", 0}).has_value());
  CHECK(config::set_esp_transforms(p, {"aes-cbc-128", "sha1-96", "", "", 0}).has_value());
  CHECK(config::set_ike_transforms(p, {"aes-cbc", "", "modp-2048", "", 256})
            .error()
            .reason.find("needs an integrity algorithm") != std::string::npos);
  CHECK(config::set_ike_transforms(p, {"aes-cbc", "sha1-96", "modp-2048", "", 100}).has_error());
  CHECK(config::set_ike_transforms(p, {"rot13", "sha1-96", "modp-2048", "", 0}).has_error());
  CHECK(p.ike_proposal == "aes-gcm-16-256/hmac-sha2-384/ecp-256");  // refused words change nothing
}

TEST_CASE("words that make no sense are refused, each with its reason") {
  config::VppProfile p = page_profile();
  CHECK(config::check_vpp_name("a-b").has_error());
  CHECK(config::check_vpp_name("").has_error());
  CHECK(config::check_vpp_name("Pr_1").has_value());
  CHECK(config::set_psk(p, "", false).has_error());
  CHECK(config::set_psk(p, "xyz", true).has_error());
  CHECK(config::set_psk(p, "0xabcd1234", true).has_value());
  CHECK(config::set_certificate(p, "server.pem").has_error());
  CHECK(config::set_id(p, true, "der-asn1-gn", "x").error().reason.find("der-asn1-gn") != std::string::npos);
  CHECK(config::set_id(p, true, "ip4-addr", "vpp.home").has_error());
  CHECK(config::set_id(p, true, "key-id", "0xabcd").has_value());
  CHECK(config::set_selector(p, true, {"10.0.0.9", "10.0.0.1", 0, 65535, 0}).has_error());
  CHECK(config::set_selector(p, true, {"10.0.0.1", "2001:db8::1", 0, 65535, 0}).has_error());
  CHECK(config::set_selector(p, true, {"10.0.0.1", "10.0.0.9", 80, 80, 0}).has_error());
  CHECK(config::set_selector(p, true, {"10.0.0.1", "10.0.0.9", 80, 90, 6}).has_value());
  CHECK(p.local_ts == "10.0.0.1-10.0.0.9|tcp/80-90");
}

TEST_CASE("a profile is complete once it can prove who it is") {
  config::VppProfile p;
  p.name = "pr1";
  CHECK(config::missing(p, {}) == "ikev2 profile set pr1 auth shared-key-mic|rsa-sig …");
  CHECK(config::load_text(config::to_yaml(p, {}), "f").ok());  // so that the rest can be checked
  REQUIRE(config::set_certificate(p, "/certs/server.pem").has_value());
  CHECK(config::missing(p, {}) == "set ikev2 local key PATH");
  CHECK(config::missing(p, {"/certs/client.key", {}, {}}).empty());
  CHECK(config::missing(page_profile(), {}).empty());
}
