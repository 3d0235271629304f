#include <cstdio>
#include <filesystem>
#include <fstream>

#include "config/proposal_text.h"
#include "support.h"

using namespace config_test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kSample = R"(daemon:                                # every key optional
  listen: [0.0.0.0, "::"]              # addresses to bind
  ports: {ike: 500, natt: 4500}
  control: {socket: /run/ikev2d.sock, group: root, mode: "0660"}
  tun: {kind: tun, name: ipsec0, mtu: auto}
  routes: true
  interfaces: {GigabitEthernet0/8/0: eth0}
profiles:
  pr1:
    local:
      address: 192.168.100.3
      id: fqdn:vpp.home
      auth: {psk: Vpp123}
    remote:
      address: 192.168.100.2
      port: 500
      id: fqdn:roadwarrior.vpn.example.com
      auth: {psk: Vpp123}
    ike:
      proposals: [aes-cbc-256/hmac-sha1/sha1-96/modp-2048]
      lifetime: 24h
    encap: auto
    children:
      net:
        local_ts: [192.168.124.0/24]
        remote_ts: [192.168.125.0/24]
        proposals: [aes-cbc-192/sha1-96/esn/no-esn]
        mode: tunnel
        start: none
        lifetime: 1h
)";

ikev2::PeerConfig sample_profile() {
  std::vector<std::string> warnings;
  ikev2::PeerConfig p;
  p.name = "pr1";
  p.local_address = base::IpAddress::v4(0xc0a86403);
  p.local_id = *ikev2::Identity::parse("fqdn:vpp.home");
  p.local_auth.credential = ikev2::CredentialId(1);
  p.remote_address = base::IpAddress::v4(0xc0a86402);
  p.remote_port = 500;
  p.remote_id = ikev2::IdentityPattern(*ikev2::Identity::parse("fqdn:roadwarrior.vpn.example.com"));
  p.remote_auth.credential = ikev2::CredentialId(2);
  p.proposals = {*config::parse_ike_proposal("aes-cbc-256/hmac-sha1/sha1-96/modp-2048", warnings)};
  p.lifetime = 24h;
  ikev2::ChildConfig c;
  c.name = "net";
  c.local_ts = {*spd::TrafficSelector::parse("192.168.124.0/24")};
  c.remote_ts = {*spd::TrafficSelector::parse("192.168.125.0/24")};
  c.proposals = {*config::parse_child_proposal("aes-cbc-192/sha1-96/esn/no-esn", warnings)};
  c.lifetime = 1h;
  p.children = {c};
  return p;
}

// IdentityPattern has no operator==; everything else must be equal as a whole.
void check_equal(ikev2::PeerConfig a, ikev2::PeerConfig b) {
  REQUIRE(a.remote_id.has_value() == b.remote_id.has_value());
  if (a.remote_id) CHECK(a.remote_id->text() == b.remote_id->text());
  CHECK(a.local_id == b.local_id);
  CHECK(a.local_address == b.local_address);
  CHECK(a.remote_address == b.remote_address);
  CHECK(a.proposals == b.proposals);
  CHECK(a.children == b.children);
  CHECK(a.local_auth == b.local_auth);
  CHECK(a.remote_auth == b.remote_auth);
  CHECK(a.name == b.name);
  CHECK(a.lifetime == b.lifetime);
  CHECK(a.encap == b.encap);
}

}  // namespace

TEST_CASE("the documented sample reads as the expected model") {
  const auto result = config::load_text(kSample, "f");
  CHECK(lines_of(result) == Lines{});
  REQUIRE(result.ok());
  const config::Daemon& d = result.config.daemon;
  CHECK(d.listen == std::vector{base::IpAddress::v4(0), base::IpAddress::v6(0, 0)});
  CHECK(d.ike_port == 500);
  CHECK(d.natt_port == 4500);
  CHECK(d.control.socket == "/run/ikev2d.sock");
  CHECK(d.control.group == "root");
  CHECK(d.control.mode == 0660);
  CHECK(d.tun.name == "ipsec0");
  CHECK_FALSE(d.tun.tap);
  CHECK(d.tun.mtu == 0);
  CHECK(d.routes);
  CHECK(d.fragment_size == 1280);
  CHECK(d.nat_keepalive == 20s);
  CHECK(d.interfaces == std::map<std::string, std::string>{{"GigabitEthernet0/8/0", "eth0"}});
  REQUIRE(result.config.peers.size() == 1);
  check_equal(*result.config.peers[0], sample_profile());
  REQUIRE(result.config.credentials.size() == 2);
  CHECK(result.config.credentials[0].id == ikev2::CredentialId(1));
  CHECK(result.config.credentials[1].id == ikev2::CredentialId(2));
  for (const auto& c : result.config.credentials) CHECK(base::as_text(c.material.psk.span()) == "Vpp123");
}

TEST_CASE("what is left out gets its documented default") {
  const auto result = config::load_text(profile_with(""), "f");
  CHECK(lines_of(result) == Lines{});
  const config::Daemon& d = result.config.daemon;
  CHECK(d.listen == std::vector{base::IpAddress::v4(0), base::IpAddress::v6(0, 0)});
  CHECK(d.control.socket == "/run/ikev2d.sock");
  CHECK(d.control.mode == 0660);
  CHECK(d.tun.name == "ipsec0");
  CHECK(d.routes);
  CHECK(d.interfaces.empty());
  REQUIRE(result.config.peers.size() == 1);
  const ikev2::PeerConfig& p = *result.config.peers[0];
  CHECK_FALSE(p.local_address.has_value());
  CHECK_FALSE(p.local_id.has_value());
  CHECK_FALSE(p.remote_id.has_value());
  CHECK(p.remote_port == 500);
  CHECK(p.proposals == config::default_ike_proposals());
  CHECK(p.lifetime == 24h);
  CHECK(p.encap == ikev2::Encap::automatic);
  CHECK(p.initial_contact);
  CHECK(p.mobike);
  CHECK(p.liveness_delay == 30s);
  CHECK(p.liveness_timeout == 150s);
  CHECK(p.liveness_action == ikev2::LivenessAction::clear);
  CHECK(p.retry == ikev2::RetryConfig{1s, 5min, 0});
  REQUIRE(p.children.size() == 1);
  const ikev2::ChildConfig& c = p.children[0];
  CHECK(c.local_ts.empty());
  CHECK(c.remote_ts.empty());
  CHECK(c.proposals == config::default_child_proposals());
  CHECK(c.mode == ikev2::Mode::tunnel);
  CHECK(c.start == ikev2::Start::none);
  CHECK(c.lifetime == 1h);
  CHECK(c.lifetime_bytes == 0);
  CHECK(c.lifetime_packets == 0);
  CHECK(c.replay_window == 1024);
  CHECK_FALSE(c.jitter.has_value());
  CHECK_FALSE(c.handover.has_value());
}

TEST_CASE("every key of a child is read") {
  const auto p = only_profile(child_with(R"(        local_ts: [10.1.0.0/16, 10.9.0.1-10.9.0.7|tcp/443]
        remote_ts: 10.2.0.0/16|udp/1000-2000
        proposals: [aes-gcm-256, aes256-sha256]
        mode: tunnel
        start: trap
        lifetime: 3600
        lifetime_bytes: 10GiB
        lifetime_packets: 1000000
        jitter: 10s
        handover: 5
        replay_window: 64
        tfc: {pad_to: full, dummy_every: 10}
)"));
  const ikev2::ChildConfig& c = p.children.at(0);
  CHECK(spd::text(c.local_ts) == "10.1.0.0/16, 10.9.0.1-10.9.0.7|tcp/443");
  CHECK(spd::text(c.remote_ts) == "10.2.0.0/16|udp/1000-2000");
  CHECK(ikev2::text(c.proposals) == "aes-gcm-16-256/esn/no-esn, aes-cbc-256/hmac-sha2-256-128/no-esn");
  CHECK(c.start == ikev2::Start::trap);
  CHECK(c.lifetime == 3600s);
  CHECK(c.lifetime_bytes == 10ull << 30);
  CHECK(c.lifetime_packets == 1'000'000);
  CHECK(c.jitter == 10s);
  CHECK(c.handover == 5s);
  CHECK(c.replay_window == 64);
  CHECK(c.tfc_size == 65535);
  CHECK(c.dummy_every == 10);
}

TEST_CASE("every key of a profile is read") {
  const auto p = only_profile(R"(profiles:
  pr.1_a-B:
    local: {address: "2001:db8::1", id: "key-id:0xabcd", auth: {psk: a}}
    remote: {address: vpn.example.com, port: 4500, id: "fqdn:*.example.com", auth: {psk: {hex: 0001ff}}}
    ike: {proposals: aes256gcm16-prfsha384-x25519, lifetime: 90m}
    encap: udp
    initial_contact: false
    mobike: false
    replay_window: 128
    liveness: {delay: 10s, timeout: 1m, action: trap}
    retry: {initial: 2s, max: 1m, tries: 7}
    children:
      one: {}
      two: {replay_window: 32}
)");
  CHECK(p.name == "pr.1_a-B");
  CHECK(p.local_address->text() == "2001:db8::1");
  CHECK(p.local_id->text() == "key-id:0xabcd");
  CHECK(std::get<ikev2::HostName>(p.remote_address).name == "vpn.example.com");
  CHECK(p.remote_port == 4500);
  CHECK_FALSE(p.remote_id->is_exact());
  CHECK(p.remote_id->text() == "fqdn:*.example.com");
  CHECK(ikev2::text(p.proposals) == "aes-gcm-16-256/hmac-sha2-384/curve25519");
  CHECK(p.lifetime == 90min);
  CHECK(p.encap == ikev2::Encap::udp);
  CHECK_FALSE(p.initial_contact);
  CHECK_FALSE(p.mobike);
  CHECK(p.liveness_delay == 10s);
  CHECK(p.liveness_timeout == 60s);
  CHECK(p.liveness_action == ikev2::LivenessAction::trap);
  CHECK(p.retry == ikev2::RetryConfig{2s, 1min, 7});
  REQUIRE(p.children.size() == 2);
  CHECK(p.children[0].replay_window == 128);
  CHECK(p.children[1].replay_window == 32);
}

TEST_CASE("every key of the daemon is read") {
  const auto result = config::load_text(R"(daemon:
  listen: 192.0.2.1
  ports: {ike: 1500, natt: 14500}
  control: {socket: /tmp/s, group: "27", mode: 0600}
  tun: {kind: tun, name: vpn7, mtu: 1400}
  path: {df: copy, fragment: after, mss_clamp: false, probe: off}
  routes: false
  fragment_size: 576
  nat_keepalive: 5s
  limits: {children: 7, ike_per_identity: 3, ike_per_profile: 50}
  routing: {mark: 0x10, table: 100, rule_priority: 200, protocol: 99}
  interfaces: {a: eth0, b: eth1.5}
)",
                                        "f");
  CHECK(lines_of(result) == Lines{"f:1:1: warning: there are no profiles: nothing to negotiate"});
  CHECK(result.ok());
  const config::Daemon& d = result.config.daemon;
  CHECK(d.listen == std::vector{base::IpAddress::v4(0xc0000201)});
  CHECK(d.ike_port == 1500);
  CHECK(d.natt_port == 14500);
  CHECK(d.control.socket == "/tmp/s");
  CHECK(d.control.group == "27");
  CHECK(d.control.mode == 0600);
  CHECK(d.tun.name == "vpn7");
  CHECK(d.tun.mtu == 1400);
  CHECK(d.path.dont_fragment == config::DontFragment::copy);
  CHECK_FALSE(d.path.fragment_before);
  CHECK_FALSE(d.path.clamp_mss);
  CHECK_FALSE(d.path.probe);
  CHECK_FALSE(d.routes);
  CHECK(d.fragment_size == 576);
  CHECK(d.nat_keepalive == 5s);
  CHECK(d.limits.children_per_ike == 7);
  CHECK(d.limits.ike_per_identity == 3);
  CHECK(d.limits.ike_per_profile == 50);
  CHECK(d.routing.mark == 0x10);
  CHECK(d.routing.table == 100);
  CHECK(d.routing.rule_priority == 200);
  CHECK(d.routing.protocol == 99);
  CHECK(d.interfaces == std::map<std::string, std::string>{{"a", "eth0"}, {"b", "eth1.5"}});
}

TEST_CASE("the size of fragments is a number from 256, or off") {
  const auto size_of = [](const std::string& text) {
    return config::load_text("daemon: {fragment_size: " + text + "}\n", "f");
  };
  CHECK(size_of("off").config.daemon.fragment_size == 0);
  CHECK(size_of("256").ok());
  CHECK_FALSE(size_of("255").ok());
  CHECK_FALSE(size_of("65536").ok());
}

TEST_CASE("a peer that is kept up is restarted, unless the profile says otherwise") {
  CHECK(only_profile(child_with("        start: up\n")).liveness_action == ikev2::LivenessAction::restart);
  CHECK(only_profile(child_with("        start: up\n    liveness: {action: clear}\n")).liveness_action ==
        ikev2::LivenessAction::clear);
}

TEST_CASE("retry is a number of tries or for ever") {
  CHECK(only_profile(profile_with("    retry: 3\n")).retry.tries == 3);
  CHECK(only_profile(profile_with("    retry: forever\n")).retry.tries == 0);
  CHECK(check(profile_with("    retry: 0\n")) ==
        Lines{"f:7:12: error: retry: \"0\" is no number from 1 to 1000000, nor forever"});
}

TEST_CASE("the forms of remote addresses and identities") {
  const auto with = [](const std::string& remote) {
    return only_profile("profiles: {p: {local: {auth: {psk: a}}, remote: {" + remote +
                        "auth: {psk: a}}, children: {c: }}}");
  };
  CHECK(std::holds_alternative<ikev2::AnyPeer>(with("").remote_address));
  CHECK(std::get<base::Prefix>(with("address: 10.0.0.0/8, ").remote_address).text() == "10.0.0.0/8");
  CHECK(with("id: any, ").remote_id->is_any());
  CHECK(with("id: \"%any\", ").remote_id->is_any());
  CHECK(with("id: 192.0.2.1, ").remote_id->text() == "ip4-addr:192.0.2.1");
  CHECK(with("id: rfc822:a@example.com, ").remote_id->text() == "rfc822:a@example.com");
}

TEST_CASE("anchors and aliases save repetition") {
  const auto result = config::load_text(R"(profiles:
  a:
    local: &local {auth: {psk: x}}
    remote: {address: 192.0.2.1, auth: {psk: y}}
    children: {c: {}}
  b:
    local: *local
    remote: {address: 192.0.2.2, auth: {psk: z}}
    children: {c: {}}
)",
                                        "f");
  CHECK(lines_of(result) == Lines{});
  REQUIRE(result.config.credentials.size() == 4);
  CHECK(result.config.peers[1]->local_auth.credential == ikev2::CredentialId(3));
  CHECK(base::as_text(result.config.credentials[2].material.psk.span()) == "x");
}

TEST_CASE("a file that cannot be opened is a diagnostic") {
  const auto missing = config::load("/nonexistent/profiles.yaml");
  CHECK(lines_of(missing) == Lines{"/nonexistent/profiles.yaml:1:1: error: No such file or directory"});
  CHECK_FALSE(missing.ok());
  CHECK(lines_of(config::load("/")) == Lines{"/:1:1: error: is a directory"});
  CHECK(lines_of(config::load("/dev/zero")) == Lines{"/dev/zero:1:1: error: is larger than 67108864 octets"});
}

TEST_CASE("an empty file is a warning") {
  for (const char* text : {"", "# nothing\n", "---\n", "daemon:\nprofiles:\n", "profiles: {}\n"}) {
    CAPTURE(text);
    CHECK(check(text) == Lines{"f:1:1: warning: there are no profiles: nothing to negotiate"});
  }
}

TEST_CASE("limits are read, and have the engine's own values where they are left out") {
  const ikev2::EngineConfig usual;
  const auto limits = [](const std::string& text) {
    const auto result = config::load_text("daemon:\n  limits: {" + text + "}\n", "f");
    CHECK(result.ok());
    return result.config.daemon.limits;
  };
  CHECK(limits("").cookie_threshold == usual.cookie_threshold);
  CHECK(limits("cookie_threshold: 0").cookie_threshold == 0);
  CHECK(limits("half_open: 7").half_open_limit == 7);
  CHECK(limits("half_open_per_source: 2").half_open_per_source == 2);
  CHECK(limits("half_open_timeout: 5s").half_open_timeout == 5s);
  CHECK(limits("half_open_timeout: 5s").loaded_half_open_timeout == 5s);
  CHECK(limits("half_open_timeout: 60s").loaded_half_open_timeout == 10s);
  CHECK(limits("message_size: 1280").longest_message == 1280);
  for (const char* wrong : {"half_open: 0", "half_open_per_source: 1", "message_size: 1279",
                            "message_size: 16385", "half_open_timeout: 0s", "cookie: 1"}) {
    CHECK_FALSE(config::load_text("daemon:\n  limits: {" + std::string(wrong) + "}\n", "f").ok());
  }
}
