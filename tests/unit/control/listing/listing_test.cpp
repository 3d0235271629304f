#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "control/listing/ikev2_sa.h"
#include "control/listing/ipsec_sa.h"
#include "control/listing/status_table.h"
#include "tests/unit/control/sample.h"

using namespace control::listing;

namespace {

control::StatusView aead_responder() {
  control::StatusView view = sample::full();
  control::IkeSaView& sa = view.ike_sas[0];
  sa.role = "responder";
  sa.initiator_spi = "0a31536e3db8670f";
  sa.encr = "aes-gcm-16-256";
  sa.prf = "hmac-sha2-256";
  sa.integ.reset();
  sa.ke = {"curve25519", "ml-kem-768"};
  sa.local.id = "ip4-addr:192.168.100.3";
  sa.remote.id = "";
  sa.established_us = 456'100;
  sa.stats.reset();
  control::ChildView& child = sa.children[0];
  child.encr = "aes-gcm-16-256";
  child.integ.reset();
  child.esn = false;
  child.encap = "udp";
  sa.local.port = sa.remote.port = 4500;
  child.local_ts = {"10.0.0.0/8|tcp/443", "10.0.0.1-10.0.0.9|udp/1000-2000"};
  child.remote_ts = {"2001:db8::/64|icmpv6"};
  child.keys = control::KeyView{"aabbccdd00000001", "eeff001101020304", "", ""};
  return view;
}

std::string all_details(const control::StatusView& view, bool secrets) {
  std::string out;
  for (const IpsecSa& sa : ipsec_sas(view)) out += ipsec_sa_detail(sa, secrets);
  return out;
}

}  // namespace

TEST_CASE("show ikev2 sa prints one line an IKE SA") {
  CHECK(ikev2_sa(sample::status(), {}) ==
        "iip 192.168.100.3 ispi f40329997e6563dd rip 192.168.100.2 rspi 984e52c554274bc6\n");
  CHECK(ikev2_sa({}, {}).empty());
}

TEST_CASE("show ikev2 sa details prints VPP's dump, with the keys when asked for") {
  const std::string expected =
      "iip 192.168.100.3 ispi f40329997e6563dd rip 192.168.100.2 rspi 984e52c554274bc6\n"
      " encr:aes-cbc-256 prf:hmac-sha1 integ:sha1-96 dh-group:modp-2048\n"
      " profile: pr1\n"
      " state: AUTHENTICATED\n"
      " uptime: 11.500000 (s)\n"
      "\n"
      " nonce i:0a0b\n"
      "       r:0c0d\n"
      " SK_d    d0\n"
      " SK_a  i:a1\n"
      "       r:a2\n"
      " SK_e  i:e1\n"
      "       r:e2\n"
      " SK_p  i:b1\n"
      "       r:b2\n"
      " identifier (i) id-type fqdn data vpp.home\n"
      " identifier (r) id-type fqdn data roadwarrior.vpn.example.com\n"
      "   child sa 0:\n"
      "    uptime: 10.250000 (s)\n"
      "    encr:aes-cbc-192 integ:sha1-96 esn:yes \n"
      "    spi(i) c0b24047 spi(r) 63199535\n"
      "    SK_e  i:22\n"
      "          r:11\n"
      "    SK_a  i:44\n"
      "          r:33\n"
      "    traffic selectors (i):0 type 7 protocol_id 0 addr 192.168.124.0 - 192.168.124.255 port 0 - 65535\n"
      "    traffic selectors (r):0 type 7 protocol_id 0 addr 192.168.125.0 - 192.168.125.255 port 0 - 65535\n"
      "Stats:\n"
      " keepalives :1\n"
      " rekey :2\n"
      " SA init :3 (retransmit: 4)\n"
      " retransmit: 5\n"
      " SA auth :6\n"
      "\n";
  CHECK(ikev2_sa(sample::full(), {true, std::nullopt, true}) == expected);
}

TEST_CASE("show ikev2 sa prints an AEAD responder's quirks and redacts its keys") {
  const std::string expected =
      "iip 192.168.100.2 ispi a31536e3db8670f rip 192.168.100.3 rspi 984e52c554274bc6\n"
      " encr:aes-gcm-16-256 prf:hmac-sha2-256  dh-group:curve25519 ke1:ml-kem-768\n"
      " profile: pr1\n"
      " state: AUTHENTICATED\n"
      " uptime: .456100 (s)\n"
      "\n"
      " nonce i:0a0b\n"
      "       r:0c0d\n"
      " SK_d    [redacted]\n"
      " SK_e  i:[redacted]\n"
      "       r:[redacted]\n"
      " SK_p  i:[redacted]\n"
      "       r:[redacted]\n"
      " identifier (i) none\n"
      " identifier (r) id-type ip4-addr data 192.168.100.3\n"
      "   child sa 0:\n"
      "    uptime: 10.250000 (s)\n"
      "    encr:aes-gcm-16-256  esn:no \n"
      "    spi(i) 63199535 spi(r) c0b24047\n"
      "    SK_e  i:[redacted]\n"
      "          r:[redacted]\n"
      "    traffic selectors (i):0 type 8 protocol_id 58 addr 2001:db8:: - 2001:db8::ffff:ffff:ffff:ffff "
      "port 0 - "
      "65535\n"
      "    traffic selectors (r):0 type 7 protocol_id 6 addr 10.0.0.0 - 10.255.255.255 port 443 - 443\n"
      "1 type 7 protocol_id 17 addr 10.0.0.1 - 10.0.0.9 port 1000 - 2000\n"
      "Stats:\n"
      " keepalives :0\n"
      " rekey :0\n"
      " SA init :1 (retransmit: 0)\n"
      " retransmit: 0\n"
      " SA auth :1\n"
      "\n";
  CHECK(ikev2_sa(aead_responder(), {true, std::nullopt, false}) == expected);
  CHECK(ikev2_sa(aead_responder(), {false, 0x984e52c554274bc6, false}) == expected);
  CHECK(ikev2_sa(aead_responder(), {true, 1, false}).empty());
}

TEST_CASE("The states of an IKE SA have VPP's names") {
  control::StatusView view = sample::status();
  for (const auto& [ours, vpp] : {std::pair("connecting", "SA_INIT"), std::pair("rekeying", "AUTHENTICATED"),
                                  std::pair("deleting", "DELETED"), std::pair("?", "UNKNOWN")}) {
    view.ike_sas[0].state = ours;
    CHECK(ikev2_sa(view, {true, std::nullopt, false}).find(std::string(" state: ") + vpp + "\n") !=
          std::string::npos);
  }
}

TEST_CASE("An identity from the network cannot write to the terminal") {
  control::StatusView view = sample::status();
  view.ike_sas[0].remote.id = "fqdn:a\x1b[2J\nb\xc2\x9b";
  const std::string out = ikev2_sa(view, {true, std::nullopt, false});
  CHECK(out.find("data a\\x1b[2J\\x0ab\\x9b\n") != std::string::npos);
}

TEST_CASE("show ipsec sa lists each direction on a line") {
  std::string out;
  const control::StatusView view = sample::full();
  for (const IpsecSa& sa : ipsec_sas(view)) out += ipsec_sa_brief(sa);
  CHECK(out ==
        "[16] sa 2147483652 (0x80000004) spi 1662620981 (0x63199535) protocol:esp flags:[esn anti-replay "
        "tunnel "
        "Protect ]\n"
        "[17] sa 3221225476 (0xc0000004) spi 3232907335 (0xc0b24047) protocol:esp flags:[esn anti-replay "
        "tunnel "
        "Protect inbound ]\n");
}

TEST_CASE("A transport SA of a child protects the tunnel interface, and has no other flag") {
  control::StatusView view = sample::status();
  view.ike_sas[0].children[0].mode = "transport";
  view.ike_sas[0].children[0].esn = false;
  view.ike_sas[0].children[0].spi_out = "000003e9";
  CHECK(ipsec_sa_brief(ipsec_sas(view)[0]) ==
        "[0] sa 2147483648 (0x80000000) spi 1001 (0x000003e9) protocol:esp flags:[Protect ]\n");
  CHECK(ipsec_sa_detail(ipsec_sas(view)[0], false).find("table-ID") == std::string::npos);
}

TEST_CASE("Children with the same index are counted instead") {
  control::StatusView view = sample::status();
  view.ike_sas.push_back(view.ike_sas[0]);
  const auto sas = ipsec_sas(view);
  REQUIRE(sas.size() == 4);
  for (std::size_t i = 0; i < sas.size(); ++i) CHECK(sas[i].index == 4 * (i / 2) + i % 2);
}

TEST_CASE("show ipsec sa detail prints both directions in full") {
  const std::string errors =
      "   \"no buffers (dropped)\":[packets:0]\n"
      "   \"buffer with oversized header (dropped)\":[packets:0]\n"
      "   \"no enough buffer tail space (dropped)\":[packets:0]\n"
      "   \"no tunnel protocol\":[packets:0]\n"
      "   \"unsupported payload\":[packets:0]\n"
      "   \"sequence number cycled (dropped)\":[packets:0]\n"
      "   \"crypto queue full (dropped)\":[packets:0]\n"
      "   \"no Encrypting SA (dropped)\":[packets:0]\n"
      "   \"IP fragments drop\":[packets:0]\n";
  const std::string expected =
      "[16] sa 2147483652 (0x80000004) spi 1662620981 (0x63199535) protocol:esp flags:[esn anti-replay "
      "tunnel "
      "Protect ]\n"
      "   locks 1\n"
      "   salt 0x0\n"
      "   outbound thread-index:1\n"
      "   outbound seq 5\n"
      "   crypto alg aes-cbc-192 key [redacted]\n"
      "   integrity alg sha1-96 key [redacted]\n"
      "   UDP:[src:65535 dst:65535]\n"
      "   tx/rx:[packets:1 bytes:84]\n"
      "   SA errors:\n"
      "   \"packets lost\":[packets:0]\n"
      "   \"hand-off\":[packets:0]\n"
      "   \"Integrity check failed\":[packets:0]\n"
      "   \"Decryption failed\":[packets:0]\n"
      "   \"crypto engine error (dropped)\":[packets:0]\n"
      "   \"SA replayed packet\":[packets:0]\n"
      "   \"undersized packet\":[packets:0]\n" +
      errors +
      "   \"other errors (dropped)\":[packets:11]\n"
      "   table-ID:0 [192.168.100.3->192.168.100.2] hop-limit:0 point-to-point CS0 [resolved ] [none] "
      "[resolved "
      "via fib-entry: 0]\n"
      "[17] sa 3221225476 (0xc0000004) spi 3232907335 (0xc0b24047) protocol:esp flags:[esn anti-replay "
      "tunnel "
      "Protect inbound ]\n"
      "   locks 1\n"
      "   salt 0x0\n"
      "   inbound thread-index:1\n"
      "   inbound seq 7\n"
      "   window-size: 1024\n"
      "   window: Bl <- 1000000000000000000000000000000000000000000000000000000000000001 Tl\n"
      "   crypto alg aes-cbc-192 key [redacted]\n"
      "   integrity alg sha1-96 key [redacted]\n"
      "   UDP:[src:65535 dst:65535]\n"
      "   tx/rx:[packets:1 bytes:84]\n"
      "   SA errors:\n"
      "   \"packets lost\":[packets:8]\n"
      "   \"hand-off\":[packets:0]\n"
      "   \"Integrity check failed\":[packets:3]\n"
      "   \"Decryption failed\":[packets:0]\n"
      "   \"crypto engine error (dropped)\":[packets:0]\n"
      "   \"SA replayed packet\":[packets:2]\n"
      "   \"undersized packet\":[packets:5]\n" +
      errors +
      "   \"outside the selectors (dropped)\":[packets:1]\n"
      "   \"wrong padding (dropped)\":[packets:4]\n"
      "   \"other errors (dropped)\":[packets:6]\n"
      "   table-ID:0 [192.168.100.2->192.168.100.3] hop-limit:0 point-to-point CS0 [resolved ] [none] "
      "[resolved "
      "via fib-entry: 0]\n";
  CHECK(all_details(sample::full(), false) == expected);
}

TEST_CASE("An AEAD key prints without its salt, and both only with secrets") {
  const std::string open = all_details(aead_responder(), true);
  CHECK(open.find("   salt 0x1020304\n") != std::string::npos);
  CHECK(open.find("   crypto alg aes-gcm-256 key eeff0011\n") != std::string::npos);
  CHECK(open.find("   salt 0x1\n") != std::string::npos);
  CHECK(open.find("   crypto alg aes-gcm-256 key aabbccdd\n") != std::string::npos);
  CHECK(open.find("   UDP:[src:4500 dst:4500]\n") != std::string::npos);
  CHECK(open.find("udp-encap") != std::string::npos);
  const std::string closed = all_details(aead_responder(), false);
  CHECK(closed.find("   salt [redacted]\n") != std::string::npos);
  CHECK(closed.find("integrity alg none key [redacted]\n") != std::string::npos);
  CHECK(closed.find("eeff0011") == std::string::npos);
}

TEST_CASE("An IPsec SA as JSON names its direction and holds keys only with secrets") {
  const auto view = sample::full();
  const auto sas = ipsec_sas(view);
  const auto out = ipsec_sa_json(sas[0], true), in = ipsec_sa_json(sas[1], false);
  CHECK(out["direction"] == "out");
  CHECK(out["spi"] == "63199535");
  CHECK(out["source"] == "192.168.100.3");
  CHECK(out["keys"]["encr"] == "22");
  CHECK(in["index"] == 17);
  CHECK(in["replays"] == 2);
  CHECK_FALSE(in.contains("keys"));
}

TEST_CASE("The status table shows profiles, children and errors") {
  CHECK(status_table(sample::full(), false) ==
        "ikev2d 0.1.0, up 12s: 1 of 2 profiles up, 1 IKE SA, 1 child SA\n"
        "packets: ipsec-mb, 2 threads, offloads tso gso gro\n"
        "\n"
        "PROFILE  DESIRED  ACTUAL  PEER           SINCE  IN    OUT   REKEY\n"
        "pr1      none     up      192.168.100.2  11s    84 B  84 B  56m40s\n"
        "  net       installed, esp tunnel, aes-cbc-192/sha1-96/esn, 192.168.124.0/24 to\n"
        "            192.168.125.0/24, in 1 packet, out 1 packet\n"
        "pr2      up       down    -              -      -     -     -\n"
        "  error     2026-01-02T03:04:05Z no answer\n");
  CHECK(status_table({"0.1.0", 3, {}, {}, {}, {}}, false) ==
        "ikev2d 0.1.0, up 3s: 0 of 0 profiles up, 0 IKE SAs, 0 child SAs\n");
}

TEST_CASE("The status table stays within 80 columns") {
  control::StatusView view = sample::full();
  view.profiles[0].name = view.ike_sas[0].profile = "a-profile-with-a-very-long-name-of-some-place";
  view.profiles[0].desired = "on-demand";
  view.profiles[0].actual = "connecting";
  view.profiles[1].last_error->reason =
      std::string(30, 'x') + " " + std::string(30, 'y') + " " + std::string(30, 'z');
  view.ike_sas[0].remote.address = "2001:db8:1111:2222:3333:4444:5555:6666";
  view.ike_sas[0].children[0].bytes_in = view.ike_sas[0].children[0].bytes_out = 1'099'000'000'000;
  view.ike_sas[0].children[0].local_ts = {"2001:db8:1111:2222::/64", "2001:db8:1111:3333::/64"};
  std::istringstream lines(status_table(view, false));
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
    all += line + "\n";
  }
  CHECK(all.find("2001:db8:1111:2222:3333:4444:5555:6666\n") != std::string::npos);
  CHECK(all.find("a-profile-with-a-very-long-name-of-some-place\n") != std::string::npos);
}

TEST_CASE("Colour appears only where asked for") {
  CHECK(status_table(sample::full(), false).find('\x1b') == std::string::npos);
  const std::string painted = status_table(sample::full(), true);
  CHECK(painted.find("\x1b[32mup\x1b[0m") != std::string::npos);
  CHECK(painted.find("\x1b[31mdown\x1b[0m") != std::string::npos);
}

TEST_CASE("show error prints count, node and reason of each counter") {
  CHECK(counters(sample::full()) ==
        "           Count  Node              Reason\n"
        "               3  esp-in            integrity\n"
        "18446744073709551615  esp-out           no-sa\n");
}
