// Every error with its exact place.
#include "support.h"

using namespace config_test;

TEST_CASE("all errors of a file are reported at once, in order of the file") {
  CHECK(check(R"(daemon:
  lisen: 0.0.0.0
  ports: {ike: 70000}
profiles:
  pr1:
    local:
      adress: 192.0.2.1
      auth: {psk: a}
    remote:
      address: 192.0.2.300
      auth: {psk: b}
    ike:
      proposals: [aes-cbc-256/sha1-96/modp-2048, aes-cbc-265/sha1-96/modp-2048]
      lifetime: 1 day
    encap: yes
    children:
      net:
        local_ts: [10.0.0.1/8]
        start: maybe
      net: {}
    colour: red
)") == Lines{
           "f:2:3: error: unknown key \"lisen\" in daemon; did you mean \"listen\"?",
           "f:3:16: error: ike: \"70000\" is no number from 1 to 65535",
           "f:7:7: error: unknown key \"adress\" in local; did you mean \"address\"?",
           "f:10:16: error: address: \"192.0.2.300\" is no address, prefix or host name",
           "f:13:50: error: proposals: unknown algorithm \"aes-cbc-265\"; did you mean "
           "\"aes-cbc-256\"?",
           "f:14:17: error: lifetime: \"1 day\" is no duration: write 90s, 15m or 24h",
           "f:15:12: error: encap: \"yes\" is none of auto, udp, esp",
           "f:18:20: error: local_ts: \"10.0.0.1/8\" is no network (host bits zero), address or "
           "range of addresses",
           "f:19:16: error: start: \"maybe\" is none of none, up, trap",
           "f:20:7: error: \"net\" is given twice: the first is in line 17",
           "f:21:5: error: unknown key \"colour\" in pr1",
       });
}

TEST_CASE("unknown keys are errors at every level") {
  CHECK(check("profile: {}\n") ==
        Lines{"f:1:1: error: unknown key \"profile\" in the file; did you mean \"profiles\"?"});
  CHECK(check("daemon:\n  control: {sockt: /s}\n  tun: {device: x}\n  routing: {tabel: 5}\n  ports: {nat: "
              "1}\n") == Lines{"f:2:13: error: unknown key \"sockt\" in control; did you mean \"socket\"?",
                               "f:3:9: error: unknown key \"device\" in tun",
                               "f:4:13: error: unknown key \"tabel\" in routing; did you mean \"table\"?",
                               "f:5:11: error: unknown key \"nat\" in ports; did you mean \"natt\"?"});
  CHECK(check(profile_with("    ike: {lifetme: 1h}\n    liveness: {dely: 1s}\n    retry: {trie: 1}\n")) ==
        Lines{"f:7:11: error: unknown key \"lifetme\" in ike; did you mean \"lifetime\"?",
              "f:8:16: error: unknown key \"dely\" in liveness; did you mean \"delay\"?",
              "f:9:13: error: unknown key \"trie\" in retry; did you mean \"tries\"?"});
  CHECK(check(child_with("        lokal_ts: 10.0.0.0/8\n")) ==
        Lines{"f:7:9: error: unknown key \"lokal_ts\" in net; did you mean \"local_ts\"?"});
  CHECK(check(profile_with("    lifetime: 1h\n")) == Lines{"f:7:5: error: unknown key \"lifetime\" in pr1"});
}

TEST_CASE("duplicate keys are errors at every level") {
  CHECK(check("daemon: {}\ndaemon: {}\n") ==
        Lines{"f:2:1: error: \"daemon\" is given twice: the first is in line 1"});
  CHECK(check("daemon:\n  routes: true\n  routes: true\n") ==
        Lines{"f:3:3: error: \"routes\" is given twice: the first is in line 2"});
  CHECK(check("daemon: {ports: {ike: 1, ike: 1}}\n") ==
        Lines{"f:1:26: error: \"ike\" is given twice: the first is in line 1"});
  CHECK(check(profile_with("  pr1: {}\n")) ==
        Lines{"f:7:3: error: \"pr1\" is given twice: the first is in line 2"});
  CHECK(check(profile_with("    local: {}\n")) ==
        Lines{"f:7:5: error: \"local\" is given twice: the first is in line 3"});
  CHECK(check(profile_with("      net: {}\n")) ==
        Lines{"f:7:7: error: \"net\" is given twice: the first is in line 6"});
  CHECK(check(child_with("        mode: tunnel\n        mode: tunnel\n")) ==
        Lines{"f:8:9: error: \"mode\" is given twice: the first is in line 7"});
  CHECK(check("daemon: {interfaces: {a: eth0, a: eth1}}\n") ==
        Lines{"f:1:32: error: \"a\" is given twice: the first is in line 1"});
}

TEST_CASE("names of profiles and children keep to their characters") {
  CHECK(
      check("profiles:\n  my profile:\n    local: {auth: {psk: a}}\n    remote: {auth: {psk: a}}\n"
            "    children:\n      net/1: {}\n") ==
      Lines{"f:2:3: error: \"my profile\" is no name for a profile: letters, digits, '_', '-' and '.', at "
            "most 64",
            "f:6:7: error: \"net/1\" is no name for a child: letters, digits, '_', '-' and '.', at most 64"});
}

TEST_CASE("a value of the wrong shape is named") {
  CHECK(check("daemon: yes\n") == Lines{"f:1:9: error: daemon: expected a map, found a single value"});
  CHECK(check("- a\n") == Lines{"f:1:1: error: the file: expected a map, found a list"});
  CHECK(check("just text\n") == Lines{"f:1:1: error: the file: expected a map, found a single value"});
  CHECK(check("profiles: [a]\n") == Lines{"f:1:11: error: profiles: expected a map, found a list"});
  CHECK(check("profiles:\n  pr1: text\n") ==
        Lines{"f:2:8: error: pr1: expected a map, found a single value"});
  CHECK(
      check("daemon:\n  routes: [true]\n  listen: {a: b}\n  ports:\n    ike:\n  interfaces: {x: [eth0]}\n") ==
      Lines{"f:2:11: error: routes: expected a single value, found a list",
            "f:3:11: error: listen: expected a list, found a map",
            "f:5:5: error: ike: expected a single value, found nothing",
            "f:6:19: error: interfaces: expected a single value, found a list"});
  CHECK(check(child_with("        local_ts: []\n        proposals:\n          - [x]\n")) ==
        Lines{"f:7:19: error: local_ts: the list is empty; leave the key out for the default",
              "f:9:13: error: proposals: expected a single value, found a list"});
  CHECK(check(profile_with("    liveness: 30s\n")) ==
        Lines{"f:7:15: error: liveness: expected a map, found a single value"});
}

TEST_CASE("a profile without children is an error") {
  CHECK(check("profiles:\n  pr1:\n    local: {auth: {psk: a}}\n    remote: {auth: {psk: a}}\n") ==
        Lines{"f:2:3: error: profile pr1 has no children"});
  CHECK(check("profiles:\n  pr1:\n    local: {auth: {psk: a}}\n    remote: {auth: {psk: a}}\n    children: "
              "{}\n") == Lines{"f:5:5: error: profile pr1 has no children"});
}

TEST_CASE("a profile without local and remote lacks its secrets") {
  CHECK(check("profiles:\n  pr1:\n    children: {net: {}}\n") ==
        Lines{"f:2:3: error: local.auth is missing: write auth: {psk: TEXT}",
              "f:2:3: error: remote.auth is missing: write auth: {psk: TEXT}"});
  CHECK(check("profiles:\n  pr1:\n    local: {}\n    remote: {auth: {psk: a}}\n    children: {net: {}}\n") ==
        Lines{"f:3:5: error: local.auth is missing: write auth: {psk: TEXT}"});
}

TEST_CASE("what this version does not do yet is refused in words") {
  CHECK(check(child_with("        mode: transport\n")).empty());
  CHECK(check(child_with("        mode: beet\n")) ==
        Lines{"f:7:15: error: mode: \"beet\" is none of tunnel, transport"});
  CHECK(check("daemon: {tun: {kind: tup}}\n") ==
        Lines{"f:1:22: error: kind: \"tup\" is none of tun, tap; did you mean \"tun\"?"});
  CHECK(check("daemon: {path: {df: keep}}\n") ==
        Lines{"f:1:21: error: df: \"keep\" is none of clear, copy, set"});
  CHECK(check("daemon: {path: {fragment: never}}\n") ==
        Lines{"f:1:27: error: fragment: \"never\" is none of before, after"});
  CHECK(check(profile_with("    ike: {proposals: [aes-gcm-256/ml-kem-768]}\n")) ==
        Lines{"f:7:23: error: proposals: ml-kem-768 is not supported by this version"});
}

TEST_CASE("a weak algorithm is a warning at its proposal") {
  CHECK(check(profile_with("    ike: {proposals: [aes-cbc-128/sha1-96/modp-1024]}\n")) ==
        Lines{"f:7:23: warning: proposals: modp-1024 is weak"});
}

TEST_CASE("the old meaning of number 12 needs that number in a proposal") {
  CHECK(check(child_with("        proposals: [aes-cbc-128/sha256]\n        sha2_256_96: true\n")).empty());
  CHECK(check(child_with("        proposals: [aes-cbc-128/sha1]\n        sha2_256_96: true\n")) ==
        Lines{"f:8:22: error: sha2_256_96: hmac-sha2-256-128 is in none of the proposals"});
}

TEST_CASE("bad identities are named where they stand") {
  const auto lines = check(R"(profiles:
  pr1:
    local: {id: "fqdn:*.example.com", auth: {psk: a}}
    remote:
      id: key-id:xyz
      auth: {psk: a}
    children: {net: {}}
)");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "f:3:17: error: id: \"fqdn:*.example.com\" is a pattern: our own identity must be one");
  CHECK_THAT(lines[1], Catch::Matchers::StartsWith("f:5:11: error: id: "));
  CHECK_THAT(lines[1], Catch::Matchers::ContainsSubstring("key-id:xyz"));
}

TEST_CASE("bad values of the daemon are named where they stand") {
  CHECK(check(R"(daemon:
  listen: [0.0.0.0, 0.0.0.0, 224.0.0.1, here]
  control: {socket: "", group: "a b", mode: rw}
  tun: {name: "no/slash", mtu: 100}
  routes: perhaps
  routing: {mark: 0, table: 254, rule_priority: 40000, protocol: 256}
  interfaces: {x: much-too-long-a-name}
)") == Lines{
           "f:2:21: error: listen: \"0.0.0.0\" is given twice",
           "f:2:30: error: listen: \"224.0.0.1\" is not the address of one host",
           "f:2:41: error: listen: \"here\" is no IPv4 or IPv6 address",
           "f:3:21: error: socket: \"\" is no path of a socket (1 to 107 octets)",
           "f:3:32: error: group: \"a b\" is no name of a group",
           "f:3:45: error: mode: \"rw\" is no file mode: write it in octal, as \"0660\"",
           "f:4:15: error: name: \"no/slash\" is no name of a Linux interface (1 to 15 characters, none of "
           "/:%)",
           "f:4:32: error: mtu: \"100\" is no number from 576 to 65535, nor auto",
           "f:5:11: error: routes: \"perhaps\" is neither true nor false",
           "f:6:19: error: mark: \"0\" is no number from 1 to 4294967295",
           "f:6:29: error: table: tables 253 to 255 are the kernel's own",
           "f:6:49: error: rule_priority: \"40000\" is no number from 1 to 32756",
           "f:6:66: error: protocol: \"256\" is no number from 5 to 255",
           "f:7:19: error: interfaces: \"much-too-long-a-name\" is no name of a Linux interface (1 to 15 "
           "characters, none of /:%)",
       });
}

TEST_CASE("text that would garble a terminal is escaped in messages") {
  for (const auto& line : check("daemon:\n  \"a\\x1b[31m\\nb\": 1\nprofiles:\n  p: {encap: \"\\x07\"}\n")) {
    for (const char c : line) CHECK((c >= 0x20 && c < 0x7f));
  }
}
