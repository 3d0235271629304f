#include "support.h"

using namespace config_test;

TEST_CASE("the two ports must differ") {
  CHECK(check("daemon: {ports: {ike: 4500}}\n" + profile_with("")) ==
        Lines{"f:1:10: error: ports: ike and natt must differ (RFC 3948 2.2)"});
  CHECK(check("daemon:\n  ports: {ike: 600, natt: 600}\n" + profile_with("")) ==
        Lines{"f:2:27: error: ports: ike and natt must differ (RFC 3948 2.2)"});
}

TEST_CASE("local and remote address are of one family") {
  CHECK(check(R"(profiles:
  pr1:
    local: {address: 192.0.2.1, auth: {psk: a}}
    remote: {address: "2001:db8::1", auth: {psk: a}}
    children: {net: {local_ts: 10.0.0.0/8, remote_ts: 10.0.0.0/8}}
)") == Lines{"f:4:23: error: address: 2001:db8::1 is IPv6, but local.address is IPv4"});
}

TEST_CASE("the local address is one that the daemon listens on") {
  const std::string profile =
      "profiles:\n  pr1:\n    local: {address: 192.0.2.1, auth: {psk: a}}\n"
      "    remote: {auth: {psk: a}}\n    children: {net: {}}\n";
  CHECK(check("daemon: {listen: [192.0.2.1]}\n" + profile) == Lines{});
  CHECK(check("daemon: {listen: [0.0.0.0]}\n" + profile) == Lines{});
  CHECK(check("daemon: {listen: [\"::\", 192.0.2.2]}\n" + profile) ==
        Lines{"f:4:22: error: address: 192.0.2.1 is not in daemon.listen"});
}

TEST_CASE("selectors of both sides have a family in common") {
  CHECK(check(child_with("        local_ts: 10.0.0.0/8\n        remote_ts: \"2001:db8::/32\"\n")) ==
        Lines{"f:8:20: error: remote_ts: no address family in common with local_ts"});
  CHECK(check(child_with("        local_ts: [10.0.0.0/8, \"2001:db8:1::/48\"]\n"
                         "        remote_ts: \"2001:db8::/32\"\n")) == Lines{});
  // remote_ts is the remote address 192.0.2.2 where left out.
  CHECK(check(child_with("        local_ts: \"2001:db8:1::/48\"\n")) ==
        Lines{"f:6:7: error: remote_ts: no address family in common with local_ts"});
}

TEST_CASE("only a peer with one address can be called") {
  const auto with = [](const std::string& remote, const std::string& start) {
    return check("profiles:\n  pr1:\n    local: {auth: {psk: a}}\n    remote: {" + remote +
                 "auth: {psk: a}}\n    children:\n      net:\n        start: " + start + "\n");
  };
  const std::string complaint =
      "f:7:16: error: start: nobody can be called: remote.address is not one address or host name";
  CHECK(with("", "up") == Lines{complaint});
  CHECK(with("", "trap") == Lines{complaint});
  CHECK(with("address: 10.0.0.0/8, ", "up") == Lines{complaint});
  CHECK(with("", "none") == Lines{});
  CHECK(with("address: 10.0.0.1, ", "up") == Lines{});
  CHECK(with("address: vpn.example.com, ", "up") == Lines{});
  // An address that cannot be read is one error, not two.
  CHECK(with("address: a..b, ", "up") ==
        Lines{"f:4:23: error: address: \"a..b\" is no address, prefix or host name"});
}

TEST_CASE("a trap knows its packets before there is an SA") {
  const auto with = [](const std::string& local, const std::string& remote, const std::string& child) {
    return check("profiles:\n  pr1:\n    local: {" + local + "auth: {psk: a}}\n    remote: {address: " +
                 remote + ", auth: {psk: a}}\n    children:\n      net:\n" + child + "        start: trap\n");
  };
  const std::string complaint = "error: start: a trap needs to know its packets: say ";
  CHECK(with("", "192.0.2.2", "") == Lines{"f:7:16: " + complaint + "local_ts, or local.address"});
  CHECK(with("address: 192.0.2.1, ", "192.0.2.2", "") == Lines{});
  CHECK(with("", "192.0.2.2", "        local_ts: 10.1.0.0/16\n") == Lines{});
  CHECK(with("", "vpn.example.com", "        local_ts: 10.1.0.0/16\n") ==
        Lines{"f:8:16: " + complaint + "remote_ts, or an address of the peer"});
  CHECK(with("", "vpn.example.com", "        local_ts: 10.1.0.0/16\n        remote_ts: 10.2.0.0/16\n") ==
        Lines{});
}

TEST_CASE("times that belong together fit") {
  CHECK(check(child_with("        lifetime: 60s\n        jitter: 60s\n        handover: 2m\n")) ==
        Lines{"f:8:17: error: jitter: must be shorter than the lifetime",
              "f:9:19: error: handover: must be shorter than the lifetime"});
  CHECK(check(child_with("        lifetime: 60s\n        jitter: 10\n        handover: 5\n")) == Lines{});
  CHECK(check(child_with("        lifetime: 0\n")) ==
        Lines{"f:7:19: error: lifetime: must be longer than 0"});
  CHECK(check(profile_with("    liveness: {delay: 60s, timeout: 30s}\n")) ==
        Lines{"f:7:37: error: timeout: must not be shorter than the delay"});
  CHECK(check(profile_with("    liveness: {delay: 200s}\n")) ==
        Lines{"f:7:5: error: timeout: must not be shorter than the delay"});
  CHECK(check(profile_with("    liveness: {delay: 0s}\n")) ==
        Lines{"f:7:23: error: delay: must be longer than 0"});
  CHECK(check(profile_with("    liveness: {delay: soon, timeout: 10s}\n")) ==
        Lines{"f:7:23: error: delay: \"soon\" is no duration: write 90s, 15m or 24h"});
  CHECK(check(profile_with("    retry: {initial: 1m, max: 30s}\n")) ==
        Lines{"f:7:31: error: max: must not be shorter than initial"});
}

TEST_CASE("without a replay window there are no extended sequence numbers") {
  const std::string complaint =
      "error: replay_window: 0 is possible without extended sequence numbers alone; say no-esn in each of "
      "the "
      "proposals";
  CHECK(check(child_with("        replay_window: 0\n")) == Lines{"f:7:24: " + complaint});
  CHECK(check(child_with("        replay_window: 0\n        proposals: aes-gcm-256/no-esn\n")) == Lines{});
  CHECK(check(profile_with("    replay_window: 0\n")) == Lines{"f:6:7: " + complaint});
  CHECK(check(child_with("        replay_window: 70000\n")) ==
        Lines{"f:7:24: error: replay_window: \"70000\" is no number from 0 to 4096"});
}

TEST_CASE("padding and dummies are of ESP in tunnel mode, and no longer than a packet") {
  CHECK(check(child_with("        tfc: {pad_to: 1400, dummy_every: 10}\n")) == Lines{});
  CHECK(check(child_with("        tfc: {pad_to: full}\n        mode: transport\n")) ==
        Lines{"f:7:9: error: tfc: only tunnel mode has padding and dummies"});
  CHECK(check(child_with("        tfc: {dummy_every: 1}\n        protocol: ah\n")) ==
        Lines{"f:7:9: error: tfc: only ESP has padding and dummies"});
  CHECK(check(child_with("        tfc: {pad_to: 65536}\n")) ==
        Lines{"f:7:23: error: pad_to: \"65536\" is no number from 1 to 65535, nor full"});
  CHECK(check(child_with("        tfc: {pads: 1}\n")) == Lines{"f:7:15: error: unknown key \"pads\" in tfc"});
}

TEST_CASE("profiles that a caller cannot tell apart are a warning") {
  const std::string one =
      ":\n    local: {auth: {psk: a}}\n    remote: {auth: {psk: a}}\n    children: {net: {}}\n";
  CHECK(check("profiles:\n  a" + one + "  b" + one) ==
        Lines{"f:6:3: warning: admits the same peers as profile a, which comes first when they call"});
}
