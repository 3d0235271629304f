// VPP's commands, word by word: what each becomes, or why it is refused. The list follows VPP's wiki page,
// and what later versions have added.
#include <catch2/catch_test_macros.hpp>

#include "apps/ctl/arguments.h"
#include "apps/ctl/ask.h"
#include "apps/ctl/vpp_words.h"
#include "tests/unit/ctl/recorder.h"

using ctl_test::check_all;
using ctl_test::split;
using nlohmann::json;

namespace {

constexpr const char* kKey = "4a506a794f574265564551694d653768";
constexpr const char* kIntegKey = "4339314b55523947594d6d3547666b45764e6a58";

}  // namespace

TEST_CASE("every command of VPP's page is taken as written, or refused with a reason") {
  check_all({
      // Manual keying.
      {"ipsec spd add 1", "manual-spd-add", ""},
      {"ipsec spd del 1", "manual-spd-delete", ""},
      {"set interface ipsec spd GigabitEthernet0/6/0 1", "manual-spd-bind", ""},
      {"set interface ipsec spd GigabitEthernet0/6/0 1 del", "manual-spd-unbind", ""},
      {"ipsec sa add 10 spi 1001 esp crypto-key 00 crypto-alg aes-cbc-128 integ-key 11 integ-alg sha1-96",
       "manual-sa-add", ""},
      {"ipsec sa add 10 spi 1001 esp crypto-key 00 crypto-alg aes-cbc-128 integ-key 11 integ-alg sha1-96 "
       "tunnel-src 192.168.100.3 tunnel-dst 192.168.100.2",
       "manual-sa-add", ""},
      {"ipsec sa add 10 spi 1000 esp crypto-key 00 crypto-alg aes-cbc-128 integ-key 11 sha1-96 tunnel-src "
       "2001::1 "
       "tunnel-dst 2001::2",
       "manual-sa-add", ""},
      {"ipsec sa add 10 spi 1000 ah integ-key 11 integ-alg sha1-96", "manual-sa-add", ""},
      {"ipsec sa add 1 spi 7 esp crypto-alg aes-gcm-128 crypto-key 00 salt 0x01020304 tunnel src 10.0.0.1 "
       "dst "
       "10.0.0.2 encap-copy-dscp decap-copy-ecn",
       "manual-sa-add", ""},
      {"ipsec sa add 1 spi 7 esp udp-encap udp-src-port 4500 udp-dst-port 4500 use-esn use-anti-replay "
       "anti-replay-size 128 inbound",
       "manual-sa-add", ""},
      {"ipsec sa add 1 spi 7 async", nullptr, "no asynchronous encryption"},
      {"ipsec sa add 1 spi 7 tunnel src 1.1.1.1 dst 2.2.2.2 hop-limit 9", nullptr, "hop-limit"},
      {"ipsec sa add 1 spi 7 tunnel src 1.1.1.1 dst 2.2.2.2 table-id 9", nullptr, "table-id"},
      {"ipsec sa del 10", "manual-sa-delete", ""},
      {"ipsec sa bind 10 0", nullptr, "cannot be bound"},
      {"ipsec sa unbind 10", nullptr, "cannot be bound"},
      {"set ipsec sa 10 crypto-key 00 integ-key 11", "manual-sa-keys", ""},
      {"ipsec policy add spd 1 inbound priority 10 action protect sa 20 local-ip-range 192.168.4.4 - "
       "192.168.4.4 "
       "remote-ip-range 192.168.3.3 - 192.168.3.3",
       "manual-policy-add", ""},
      {"ipsec policy add spd 1 priority 100 outbound action bypass protocol 50", "manual-policy-add", ""},
      {"ipsec policy add spd 2 ip6 priority -200 outbound action discard protocol 6 local-port-range 1 - 9 "
       "remote-port-range 80 - 80",
       "manual-policy-add", ""},
      {"ipsec policy del spd 1 inbound priority 10 action bypass", "manual-policy-delete", ""},
      {"ipsec policy add spd 1 action resolve", nullptr, "unsupported action: 'resolve'"},
      {"ipsec policy add spd 1 action protect", nullptr, "action protect needs sa ID"},
      {"show ipsec", "list", ""},
      {"show ipsec all", "list", ""},
      {"show ipsec sa", "list", ""},
      {"show ipsec sa detail", "list", ""},
      {"show ipsec spd", "list", ""},
      {"show ipsec spd bindings", "list", ""},
      {"show ipsec tunnel", "list", ""},
      {"show ipsec protect", "list", ""},
      {"show ipsec protect-hash", "list", ""},
      {"show ipsec interface", "list", ""},
      {"clear ipsec counters", nullptr, "as long as their SA"},
      {"clear ipsec sa 1", nullptr, "as long as their SA"},
      {"create ipsec tunnel local-ip 1.1.1.1 local-spi 1 remote-ip 2.2.2.2 remote-spi 2", nullptr,
       "VPP has given it up"},
      {"set interface ipsec key ipsec0 local crypto aes-cbc-128 00", nullptr, "keys belong to SAs"},
      {"ipsec itf create", nullptr, "one tunnel interface"},
      {"ipsec itf delete ipsec0", nullptr, "one tunnel interface"},
      {"ipsec tunnel protect ipip0 sa-in 1 sa-out 2", nullptr, "policies choose"},
      {"set ipsec async mode on", nullptr, "always off"},
      // Commands about the host.
      {"set int state GigabitEthernet0/8/0 up", nullptr, "ip link set dev GigabitEthernet0/8/0 up"},
      {"set interface state eth0 up", nullptr, "ip link set dev eth0 up"},
      {"set int ip address eth0 192.168.100.3/24", nullptr, "ip address add 192.168.100.3/24 dev eth0"},
      {"set interface ip address del eth0 10.0.0.1/8", nullptr, "ip address del 10.0.0.1/8 dev eth0"},
      {"set ip arp eth0 192.168.100.2 08:00:27:12:3c:cc", nullptr,
       "ip neighbour replace 192.168.100.2 lladdr 08:00:27:12:3c:cc dev eth0"},
      {"set ip neighbor eth0 10.0.0.1 08:00:27:12:3c:cc", nullptr, "ip neighbour replace 10.0.0.1"},
      {"ip route add 10.6.0.0/16 via 11.11.11.10 loop0", nullptr,
       "ip route add 10.6.0.0/16 via 11.11.11.10 dev loop0"},
      {"ip route add 192.168.3.0/24 via ipsec0", nullptr, "ip route add 192.168.3.0/24 dev ipsec0"},
      {"loopback create", nullptr, "ip link add loop0 type dummy"},
      {"set interface unnumbered ipsec0 use eth0", nullptr, "ipsec0 needs no address"},
      {"ping 192.168.5.1 source eth1", nullptr, "ping -I eth1 192.168.5.1"},
      {"show interface", nullptr, "ip -s link"},
      {"show error", "list", ""},
      // IKEv2.
      {"ikev2 profile add profile1", "ikev2_profile_add_del", ""},
      {"ikev2 profile del profile1", "ikev2_profile_add_del", ""},
      {"ikev2 profile set profile1 auth shared-key-mic string Vpp123", "ikev2_profile_set_auth", ""},
      {"ikev2 profile set profile1 auth shared-key-mic hex abcd1234", "ikev2_profile_set_auth", ""},
      {"ikev2 profile set profile1 auth rsa-sig cert-file /home/localadmin/certs/server-cert.pem",
       "ikev2_profile_set_auth", ""},
      {"set ikev2 local key /home/localadmin/certs/client-key.pem", "ikev2_set_local_key", ""},
      {"ikev2 profile set profile1 id remote ip4-addr 192.168.123.20", "ikev2_profile_set_id", ""},
      {"ikev2 profile set profile1 id local fqdn vpp.home", "ikev2_profile_set_id", ""},
      {"ikev2 profile set profile1 id local key-id 0xabcd", "ikev2_profile_set_id", ""},
      {"ikev2 profile set profile1 id local rfc822 vpp@vpp.home", "ikev2_profile_set_id", ""},
      {"ikev2 profile set profile1 traffic-selector local ip-range 192.168.124.0 - 192.168.124.255 "
       "port-range 0 - "
       "65535 protocol 0",
       "ikev2_profile_set_ts", ""},
      {"ikev2 profile set pr1 responder TenGigabitEthernet4/0/0 192.168.4.1", "ikev2_set_responder", ""},
      {"ikev2 profile set pr1 ike-crypto-alg aes-cbc 256 ike-integ-alg sha1-96 ike-dh modp-2048",
       "ikev2_set_ike_transforms", ""},
      {"ikev2 profile set pr1 esp-crypto-alg aes-cbc 256 esp-integ-alg sha1-96 esp-dh ecp-256",
       "ikev2_set_esp_transforms", ""},
      {"ikev2 profile set pr1 sa-lifetime 3600 10 5 0", "ikev2_set_sa_lifetime", ""},
      {"ikev2 profile set pr1 tunnel ipip0", "ikev2_set_tunnel_interface", ""},
      {"ikev2 profile set pr1 udp-encap", "ikev2_profile_set_udp_encap", ""},
      {"ikev2 profile set pr1 ipsec-over-udp port 4501", "ikev2_profile_set_ipsec_udp_port", ""},
      {"ikev2 profile set pr1 disable natt", "ikev2_profile_disable_natt", ""},
      {"ikev2 initiate sa-init pr1", "initiate", ""},
      {"ikev2 initiate del-child-sa c0b24047", "ikev2_initiate_del_child_sa", ""},
      {"ikev2 initiate del-sa f40329997e6563dd", "ikev2_initiate_del_ike_sa", ""},
      {"ikev2 initiate rekey-child-sa c0b24047", "ikev2_initiate_rekey_child_sa", ""},
      {"show ikev2 profile", "list", ""},
      {"show ikev2 sa", "list", ""},
      {"show ikev2 sa details", "list", ""},
      {"ikev2 set liveness 30 3", "ikev2_profile_set_liveness", ""},
      {"ikev2 dpd disable", nullptr, "must be noticed"},
      {"ikev2 set sleep interval 2", nullptr, "has no interval"},
      {"show ikev2 sleep interval", nullptr, "has no interval"},
      // The page's words of the API test.
      {"ipsec_spd_add_del spd_id 1", nullptr, "ipsec spd add|del ID"},
      {"ipsec_interface_add_del_spd host-eth0 1", nullptr, "set interface ipsec spd INTERFACE ID"},
      {"ipsec_sad_add_del_entry esp sad_id 10 spi 1001", nullptr, "ipsec sa add|del ID"},
      {"ipsec_spd_add_del_entry spd_id 1 priority 100 inbound action bypass", nullptr,
       "ipsec policy add|del"},
      {"ipsec_sa_set_key sa_id 10", nullptr, "set ipsec sa ID crypto-key"},
      {"ikev2_profile_add_del name pr1", nullptr, "ikev2 profile add|del NAME"},
      {"ikev2_profile_set_auth name pr1 auth_method rsa-sig", nullptr, "ikev2 profile set NAME auth"},
      {"ikev2_set_local_key file /home/localadmin/certs/client-key.pem", nullptr, "set ikev2 local key PATH"},
      {"ikev2_profile_set_id name pr1 id_type fqdn", nullptr, "ikev2 profile set NAME id"},
      {"ikev2_profile_set_ts name pr1 protocol 0", nullptr, "ikev2 profile set NAME traffic-selector"},
      // Its further commands here.
      {"reload --dry-run", "reload", ""},
      {"config save", "list", ""},
  });
}

TEST_CASE("the page's SA becomes a request with its keys, and the tunnel's ends") {
  const auto request = ctl::ipsec_sa_request(
      split(std::string("add 10 spi 1001 esp crypto-key ") + kKey + " crypto-alg aes-cbc-128 integ-key " +
            kIntegKey + " integ-alg sha1-96 tunnel-src 192.168.100.3 tunnel-dst 192.168.100.2"));
  REQUIRE(request.has_value());
  CHECK(request->args == json{{"id", 10},
                              {"spi", 1001},
                              {"protocol", "esp"},
                              {"encr", "aes-cbc-128"},
                              {"encr_key", kKey},
                              {"integ", "sha1-96"},
                              {"integ_key", kIntegKey},
                              {"mode", "tunnel"},
                              {"source", "192.168.100.3"},
                              {"destination", "192.168.100.2"},
                              {"replay_window", 0}});
}

TEST_CASE("a salt stands behind the key, and extended numbers bring a window") {
  const auto request = ctl::ipsec_sa_request(split("add 1 spi 7 salt 0x1020304 crypto-key aabb use-esn"));
  REQUIRE(request.has_value());
  CHECK(request->args["encr_key"] == "aabb01020304");
  CHECK(request->args["replay_window"] == 64);
  CHECK(ctl::ipsec_sa_request(split("add 1 spi 7 salt 0x102030405")).has_error());
  CHECK(ctl::ipsec_sa_request(split("add 1 esp")).error().reason == "spi is missing");
  CHECK(ctl::ipsec_sa_request(split("add 1 spi 7 tunnel-src 1.1.1.1")).has_error());
}

TEST_CASE("a policy has VPP's defaults: inbound, any protocol, all addresses and ports of the family") {
  const auto plain = ctl::ipsec_policy_request(split("add spd 1 action bypass"));
  REQUIRE(plain.has_value());
  CHECK(plain->args == json{{"spd", 1},
                            {"direction", "inbound"},
                            {"priority", 0},
                            {"action", "bypass"},
                            {"local", "0.0.0.0-255.255.255.255"},
                            {"remote", "0.0.0.0-255.255.255.255"}});
  const auto v6 = ctl::ipsec_policy_request(
      split("add spd 1 priority -5 outbound action protect sa 3 protocol 6 remote-ip-range 2001::1 - 2001::2 "
            "remote-port-range 80 - 81"));
  REQUIRE(v6.has_value());
  CHECK(v6->args["priority"] == -5);
  CHECK(v6->args["local"] == "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff|6");
  CHECK(v6->args["remote"] == "2001::1-2001::2|6/80-81");
  CHECK(v6->args["id"] == 3);
  CHECK(ctl::ipsec_policy_request(split("add spd 1 action bypass sa 3")).has_error());
  CHECK(ctl::ipsec_policy_request(split("add action bypass")).error().reason == "spd is missing");
}

TEST_CASE("words that are missing or too many are named") {
  const auto reason = [](const std::string& line) {
    const auto request = ctl::ikev2_profile_request(split(line));
    REQUIRE(request.has_error());
    return request.error().reason;
  };
  CHECK(reason("") == "add, del or set is missing");
  CHECK(reason("add") == "the name of the profile is missing");
  CHECK(reason("add a b") == "'b' is not understood here");
  CHECK(reason("set a bogus") == "'bogus' is not understood here");
  CHECK(reason("set a auth shared-key-mic Vpp123") == "string or hex is missing");
  CHECK(reason("set a id fqdn x") == "local or remote is missing");
  CHECK(reason("set a traffic-selector local protocol 6") == "ip-range is missing");
  CHECK(reason("set a ike-crypto-alg aes-cbc 256 ike-integ-alg sha1-96") == "ike-dh is missing");
  CHECK(reason("set a sa-lifetime 3600 x 5 0") == "the jitter in seconds: 'x' is no number up to 4294967295");
}
