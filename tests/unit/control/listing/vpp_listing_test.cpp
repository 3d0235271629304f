// Profiles, SPDs and tunnel protection in VPP's forms, against what VPP and its wiki page print.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "control/listing/ikev2_profile.h"
#include "control/listing/ikev2_sa.h"
#include "control/listing/ipsec_sa.h"
#include "control/listing/ipsec_spd.h"
#include "control/listing/ipsec_tunnel.h"
#include "tests/unit/control/sample.h"

using namespace control::listing;

namespace {

control::ProfileConfigView wiki_profile() {
  control::ProfileConfigView p;
  p.name = "pr1";
  p.local_auth = p.remote_auth = control::AuthText{"shared-key-mic", "Vpp123"};
  p.local_id = "fqdn:vpp.home";
  p.remote_id = "fqdn:roadwarrior.vpn.example.com";
  control::ChildConfigView c;
  c.name = "net";
  c.local_ts = {"192.168.5.0/24"};
  c.remote_ts = {"192.168.3.0/24"};
  c.lifetime_s = 3600;
  c.jitter_s = 10;
  c.handover_s = 5;
  p.children = {c};
  return p;
}

control::ManualPolicyView policy(std::uint64_t index, const char* direction, int priority, const char* action,
                                 const char* local, const char* remote) {
  control::ManualPolicyView p;
  p.index = index;
  p.spd = 1;
  p.direction = direction;
  p.priority = priority;
  p.action = action;
  p.local = local;
  p.remote = remote;
  return p;
}

// The SAs and policies of the page's example for manual keying.
control::ManualView wiki_manual() {
  control::ManualView view;
  for (const bool inbound : {false, true}) {
    control::ManualSaView sa;
    sa.index = inbound ? 1 : 0;
    sa.id = inbound ? 20 : 10;
    sa.spi = inbound ? 1000 : 1001;
    sa.protocol = "esp";
    sa.mode = inbound ? "tunnel" : "transport";
    sa.inbound = inbound;
    sa.outbound = !inbound;
    sa.source = "192.168.100.3";
    sa.destination = "192.168.100.2";
    sa.encr = "aes-cbc-128";
    sa.integ = "sha1-96";
    sa.esn = inbound;
    sa.replay_window = inbound ? 64 : 0;
    sa.keys = control::ManualKeyView{"4a506a794f574265564551694d653768",
                                     "4339314b55523947594d6d3547666b45764e6a58"};
    view.sas.push_back(sa);
  }
  view.spds = {1};
  view.policies = {policy(2, "outbound", 100, "bypass", "0.0.0.0/0|50", "0.0.0.0/0|50"),
                   policy(5, "outbound", 10, "protect", "192.168.100.3/32", "192.168.100.2/32"),
                   policy(6, "inbound", 10, "protect", "192.168.100.3/32", "192.168.100.2/32")};
  view.policies[1].sa_id = 10;
  view.policies[1].packets = view.policies[2].packets = 9;
  view.policies[1].bytes = 756;
  view.policies[2].sa_id = 20;
  view.policies[2].bytes = 1224;
  view.bindings = {{"GigabitEthernet0/8/0", 1}};
  return view;
}

}  // namespace

TEST_CASE("show ikev2 profile prints the page's example in the page's form") {
  CHECK(ikev2_profile({wiki_profile()}, VppForm::wiki) ==
        "profile pr1\n"
        "  auth-method shared-key-mic auth data Vpp123\n"
        "  local id-type fqdn data vpp.home\n"
        "  remote id-type fqdn data roadwarrior.vpn.example.com\n"
        "  local traffic-selector addr 192.168.5.0 - 192.168.5.255 port 0 - 65535 protocol 0\n"
        "  remote traffic-selector addr 192.168.3.0 - 192.168.3.255 port 0 - 65535 protocol 0\n");
}

TEST_CASE("show ikev2 profile prints today's lines in VPP's order, and no secret that it was not given") {
  control::ProfileConfigView p = wiki_profile();
  p.local_auth->data.reset();
  p.remote_auth->data.reset();
  p.tunnel = "ipip0";
  p.responder_interface = "TenGigabitEthernet4/0/0";
  p.responder_address = "192.168.4.1";
  p.udp_encap = p.natt_disabled = true;
  p.ipsec_udp_port = 4501;
  p.ike = {{"aes-cbc 256", "sha1-96", "modp-2048"}};
  p.children[0].esp = {{"aes-cbc 256", "sha1-96", ""}};
  CHECK(ikev2_profile({p}, VppForm::current) ==
        "profile pr1\n"
        "  auth-method shared-key-mic auth data [redacted]\n"
        "  local id-type fqdn data vpp.home\n"
        "  remote id-type fqdn data roadwarrior.vpn.example.com\n"
        "  local traffic-selector addr 192.168.5.0 - 192.168.5.255 port 0 - 65535 protocol 0\n"
        "  remote traffic-selector addr 192.168.3.0 - 192.168.3.255 port 0 - 65535 protocol 0\n"
        "  protected tunnel ipip0\n"
        "  responder TenGigabitEthernet4/0/0 192.168.4.1 \n"
        "  udp-encap\n"
        "  NAT-T disabled\n"
        "  ipsec-over-udp port 4501\n"
        "  ike-crypto-alg aes-cbc 256 ike-integ-alg sha1-96 ike-dh modp-2048\n"
        "  esp-crypto-alg aes-cbc 256 esp-integ-alg sha1-96\n"
        "  lifetime 3600 jitter 10 handover 5 maxdata 0\n");
}

TEST_CASE("what is known of a profile survives its way through JSON") {
  control::ProfileConfigView p = wiki_profile();
  p.origin = "command";
  p.missing = "set ikev2 local key PATH";
  p.responder_host = "gate.example.com";
  p.ike = {{"aes-gcm-16 256", "", "curve25519"}};
  const auto back = control::profile_configs_from_json(nlohmann::json::array({control::to_json(p)}));
  REQUIRE(back.size() == 1);
  CHECK(control::to_json(back[0]) == control::to_json(p));
  CHECK(control::profile_configs_from_json({{"name", 7}}).empty());
}

TEST_CASE("show ikev2 sa in the page's form prints its example to the letter") {
  control::StatusView view = sample::full();
  control::IkeSaView& sa = view.ike_sas[0];
  sa.role = "responder";
  std::swap(sa.local, sa.remote);
  std::swap(sa.children[0].spi_in, sa.children[0].spi_out);
  Ikev2SaOptions options;
  options.wiki = options.secrets = true;
  CHECK(ikev2_sa(view, options) ==
        " iip 192.168.100.3 ispi f40329997e6563dd rip 192.168.100.2 rspi 984e52c554274bc6\n"
        " encr:aes-cbc-256 prf:hmac-sha1 integ:sha1-96 dh-group:modp-2048 \n"
        "  nonce i:0a0b\n"
        "        r:0c0d\n"
        "  SK_d    d0\n"
        "  SK_a  i:a1\n"
        "        r:a2\n"
        "  SK_e  i:e1\n"
        "        r:e2\n"
        "  SK_p  i:b1\n"
        "        r:b2\n"
        "  identifier (i) fqdn vpp.home\n"
        "  identifier (r) fqdn roadwarrior.vpn.example.com\n"
        "  child sa 0:\n"
        "    encr:aes-cbc-192 integ:sha1-96 esn:yes \n"
        "    spi(i) c0b24047 spi(r) 63199535\n"
        "    SK_e  i:11\n"
        "          r:22\n"
        "    SK_a  i:33\n"
        "          r:44\n"
        "    traffic selectors (i):\n"
        "      0 type 7 protocol_id 0 addr 192.168.125.0 - 192.168.125.255 port 0 - 65535\n"
        "    traffic selectors (r):\n"
        "      0 type 7 protocol_id 0 addr 192.168.124.0 - 192.168.124.255 port 0 - 65535\n"
        "\n");
}

TEST_CASE("show ipsec spd prints VPP's eight lists") {
  CHECK(ipsec_spd(wiki_manual(), 1) ==
        "spd 1\n"
        " ip4-outbound:\n"
        "   [2] priority 100 action bypass type ip4-outbound protocol IPSEC_ESP\n"
        "     local addr range 0.0.0.0 - 255.255.255.255 port range 0 - 65535\n"
        "     remote addr range 0.0.0.0 - 255.255.255.255 port range 0 - 65535\n"
        "     packets 0 bytes 0\n"
        "   [5] priority 10 action protect type ip4-outbound protocol any sa 10\n"
        "     local addr range 192.168.100.3 - 192.168.100.3 port range 0 - 65535\n"
        "     remote addr range 192.168.100.2 - 192.168.100.2 port range 0 - 65535\n"
        "     packets 9 bytes 756\n"
        " \n"
        " ip6-outbound:\n \n"
        " ip4-inbound-protect:\n"
        "   [6] priority 10 action protect type ip4-inbound-protect protocol any sa 20\n"
        "     local addr range 192.168.100.3 - 192.168.100.3 port range 0 - 65535\n"
        "     remote addr range 192.168.100.2 - 192.168.100.2 port range 0 - 65535\n"
        "     packets 9 bytes 1224\n"
        " \n"
        " ip6-inbound-protect:\n \n"
        " ip4-inbound-bypass:\n \n"
        " ip6-inbound-bypass:\n \n"
        " ip4-inbound-discard:\n \n"
        " ip6-inbound-discard:\n \n");
  CHECK(ipsec_spd_bindings(wiki_manual()) == "SPD Bindings:\n  1 -> GigabitEthernet0/8/0\n");
  CHECK(vpp_protocol_name(6) == "TCP");
  CHECK(vpp_protocol_name(200) == "unknown 200");
}

namespace {

// In the order in which the daemon lists them.
std::string ipsec_wiki(const control::StatusView& view, control::ManualView manual, bool secrets) {
  WikiPrinter printer(secrets);
  std::string out;
  for (const control::ManualSaView& sa : manual.sas) out += printer.sa(sa);
  std::stable_sort(manual.policies.begin(), manual.policies.end(), [](const auto& a, const auto& b) {
    const auto section = [](const control::ManualPolicyView& policy) {
      return spd_section(policy.direction == "outbound", policy.action,
                         policy.local.find(':') != std::string::npos);
    };
    return section(a) < section(b);
  });
  for (const std::uint32_t spd : manual.spds) {
    out += printer.spd(spd);
    for (const control::ManualPolicyView& policy : manual.policies)
      if (policy.spd == spd) out += printer.policy(policy);
  }
  const auto sas = ipsec_sas(view);
  for (std::size_t i = 0; i + 1 < sas.size(); i += 2) out += printer.tunnel(sas[i], sas[i + 1]);
  return out + printer.end();
}

}  // namespace

TEST_CASE("show ipsec in the page's form prints SAs, SPDs and tunnel interfaces") {
  CHECK(ipsec_wiki({}, {}, false) == "tunnel interfaces\n");
  CHECK(ipsec_wiki({}, wiki_manual(), true) ==
        "sa 10 spi 1001 mode transport protocol esp\n"
        "  crypto alg aes-cbc-128 key 4a506a794f574265564551694d653768 integrity alg sha1-96 key "
        "4339314b55523947594d6d3547666b45764e6a58\n"
        "sa 20 spi 1000 mode tunnel protocol esp\n"
        "  crypto alg aes-cbc-128 key 4a506a794f574265564551694d653768 integrity alg sha1-96 key "
        "4339314b55523947594d6d3547666b45764e6a58\n"
        "  tunnel src 192.168.100.3 dst 192.168.100.2\n"
        "spd 1\n"
        " outbound policies\n"
        "  priority 100 action bypass protocol IPSEC_ESP\n"
        "   local addr range 0.0.0.0 - 255.255.255.255 port range 0 - 65535\n"
        "   remote addr range 0.0.0.0 - 255.255.255.255 port range 0 - 65535\n"
        "   packets 0 bytes 0\n"
        "  priority 10 action protect protocol any sa 10\n"
        "   local addr range 192.168.100.3 - 192.168.100.3 port range 0 - 65535\n"
        "   remote addr range 192.168.100.2 - 192.168.100.2 port range 0 - 65535\n"
        "   packets 9 bytes 756\n"
        " inbound policies\n"
        "  priority 10 action protect protocol any sa 20\n"
        "   local addr range 192.168.100.3 - 192.168.100.3 port range 0 - 65535\n"
        "   remote addr range 192.168.100.2 - 192.168.100.2 port range 0 - 65535\n"
        "   packets 9 bytes 1224\n"
        "tunnel interfaces\n");
  CHECK(ipsec_wiki(sample::full(), {}, true) ==
        "tunnel interfaces\n"
        "  ipsec0 seq\n"
        "   seq 5 seq-hi 0 esn 1 anti-replay 1\n"
        "   local-spi 1662620981 local-ip 192.168.100.3\n"
        "   local-crypto aes-cbc-192 22\n"
        "   local-integrity sha1-96 44\n"
        "   last-seq 7 last-seq-hi 0 esn 1 anti-replay 1 window "
        "1000000000000000000000000000000000000000000000000000000000000001\n"
        "   remote-spi 3232907335 remote-ip 192.168.100.2\n"
        "   remote-crypto aes-cbc-192 11\n"
        "   remote-integrity sha1-96 33\n");
  CHECK(ipsec_wiki(sample::status(), {}, false).find("local-crypto aes-cbc-192 [redacted]\n") !=
        std::string::npos);
}

TEST_CASE("The page's form has each policy as it comes, and inbound ones of IPv6 behind those of IPv4") {
  WikiSpdPrinter printer;
  CHECK(printer.end().empty());
  CHECK(printer.spd(1) == "spd 1\n outbound policies\n");
  const auto is = [](const std::string& text, int priority) {
    return text.starts_with(fmt::format("  priority {} action", priority));
  };
  CHECK(is(printer.policy(policy(1, "outbound", 1, "bypass", "::/0", "::/0")), 1));
  CHECK(printer.policy(policy(2, "inbound", 2, "protect", "2001:db8::/32", "::/0")).empty());
  const std::string inbound = printer.policy(policy(3, "inbound", 3, "discard", "10.0.0.0/8", "0.0.0.0/0"));
  REQUIRE(inbound.starts_with(" inbound policies\n"));
  CHECK(is(inbound.substr(18), 3));
  const std::string next = printer.spd(2);
  CHECK(is(next, 2));
  CHECK(next.ends_with("spd 2\n outbound policies\n"));
  CHECK(printer.end() == " inbound policies\n");
  CHECK(printer.end().empty());
}

TEST_CASE("show ipsec tunnel, interface and protect-hash print the SAs of children at the one device") {
  control::StatusView view = sample::full();
  view.data_path.device = "ipsec7";
  CHECK(ipsec_tunnel(view) ==
        "ipsec7 flags:[itf]\n"
        " output-sa:\n"
        "  [16] sa 2147483652 (0x80000004) spi 1662620981 (0x63199535) protocol:esp flags:[esn anti-replay "
        "tunnel "
        "Protect ]\n"
        " input-sa:\n"
        "  [17] sa 3221225476 (0xc0000004) spi 3232907335 (0xc0b24047) protocol:esp flags:[esn anti-replay "
        "tunnel "
        "Protect inbound ]\n");
  CHECK(ipsec_interface(view) == "[0] ipsec7 point-to-point\n");
  view.ike_sas.push_back(view.ike_sas[0]);
  view.ike_sas[1].remote.address = "192.168.100.9";
  CHECK(ipsec_interface(view) == "[0] ipsec7 multi-point\n");
  CHECK(ipsec_protect_hash(sample::full()) ==
        "IPv4:\n remote:192.168.100.2 spi:3232907335 (0xc0b24047) sa:17 tun:0\nIPv6:\n");
  CHECK(ipsec_all({}, {}) == "SPD Bindings:\nIPSec async mode: off\n");
}

TEST_CASE("SAs made by hand stand in the same list as those of children, each index once") {
  const auto sas = ipsec_sas(sample::full(), wiki_manual());
  REQUIRE(sas.size() == 4);
  CHECK(ipsec_sa_brief(sas[0]) == "[2] sa 10 (0xa) spi 1001 (0x000003e9) protocol:esp flags:[]\n");
  CHECK(ipsec_sa_brief(sas[1]) ==
        "[3] sa 20 (0x14) spi 1000 (0x000003e8) protocol:esp flags:[esn anti-replay tunnel inbound ]\n");
  CHECK(sas[2].index == 16);
  CHECK(ipsec_sa_detail(sas[1], false).find("   locks 1\n   salt 0x0\n   inbound thread-index:0\n") !=
        std::string::npos);
  CHECK(ipsec_sa_json(sas[0], false)["profile"].is_null());
  CHECK_FALSE(ipsec_sa_json(sas[0], false).contains("keys"));
}
