// The examples of LISTINGS: what /proc/net/ipsec_* printed, and what the man pages show.
#include <catch2/catch_test_macros.hpp>

#include "control/listing/klips.h"
#include "tests/unit/control/sample.h"

using namespace control::listing;
using control::ManualPolicyView;
using control::ManualSaView;

namespace {

ManualSaView sa(const char* protocol, std::uint32_t spi, const char* source, const char* destination) {
  ManualSaView view;
  view.protocol = protocol;
  view.spi = spi;
  view.source = source;
  view.destination = destination;
  view.outbound = true;
  return view;
}

void use(ManualSaView& view, std::uint64_t bytes, std::uint64_t packets, std::uint64_t added,
         std::uint64_t used) {
  view.bytes_life.current = bytes;
  view.packets_life.current = packets;
  view.addtime.current = added;
  view.usetime.current = used;
  view.idle_s = 23;
}

// The two SAs of ipsec_spi(5).
KlipsTables page_tables() {
  KlipsTables tables;
  ManualSaView tunnel = sa("tun", 0x12a, "192.168.43.2", "192.168.43.1");
  use(tunnel, 14073, 14, 269, 149);
  tables.sas.push_back(tunnel);
  ManualSaView esp = sa("esp", 0x9a35fc02, "3049:1::2", "3049:1::1");
  esp.outbound = false;
  esp.inbound = true;
  esp.encr = "3des";
  esp.integ = "md5-96";
  esp.encr_bits = 192;
  esp.integ_bits = 128;
  esp.replay_window = 32;
  esp.replay_bits = ~std::uint64_t{0};
  esp.sequence = 7149;
  use(esp, 1222304, 7149, 4593, 3858);
  tables.sas.push_back(esp);
  return tables;
}

ManualPolicyView eroute(std::uint64_t packets, const char* local, const char* remote, const char* said) {
  ManualPolicyView view;
  view.direction = "outbound";
  view.packets = packets;
  view.local = local;
  view.remote = remote;
  view.said = said;
  return view;
}

std::string eroutes(const std::vector<ManualPolicyView>& views, KlipsFormat format, bool ids = false) {
  KlipsTables tables;
  tables.eroutes = views;
  tables.identities.resize(views.size());
  if (ids) tables.identities[0] = {"east", ""};
  return eroute_lines(tables, format, ids);
}

}  // namespace

TEST_CASE("spi prints what the kernel printed") {
  CHECK(spi_lines(page_tables(), KlipsFormat::proc) ==
        "tun0x12a@192.168.43.1 IPIP: dir=out src=192.168.43.2 "
        "life(c,s,h)=bytes(14073,0,0)addtime(269,0,0)usetime(149,0,0)packets(14,0,0) idle=23 natencap=none "
        "natsport=0 natdport=0 refcount=1 ref=1 refhim=0\n"
        "esp0x9a35fc02@3049:1::1 ESP_3DES_HMAC_MD5: dir=in  src=3049:1::2 ooowin=32 seq=7149 bit=0xffffffff "
        "alen=128 aklen=128 eklen=192 "
        "life(c,s,h)=bytes(1222304,0,0)addtime(4593,0,0)usetime(3858,0,0)packets(7149,0,0) idle=23 "
        "natencap=none natsport=0 natdport=0 refcount=1 ref=2 refhim=0\n");
}

TEST_CASE("spi --format man prints what the page shows") {
  CHECK(spi_lines(page_tables(), KlipsFormat::man) ==
        "tun.12a@192.168.43.1 IPIP: dir=out src=192.168.43.2 life(c,s,h)=bytes(14073,0,0)add(269,0,0) "
        "use(149,0,0)packets(14,0,0) idle=23\n"
        "esp:9a35fc02@3049:1::1 ESP_3DES_HMAC_MD5: dir=in src=3049:1::2 ooowin=32 seq=7149 bit=0xffffffff "
        "alen=128 aklen=128 eklen=192 life(c,s,h)=bytes(1222304,0,0)add(4593,0,0) "
        "use(3858,0,0)packets(7149,0,0) idle=23\n");
}

TEST_CASE("An SA that is new says little, and one with limits says them") {
  KlipsTables tables;
  ManualSaView ah = sa("ah", 0xa9123456, "192.0.2.23", "192.0.2.45");
  ah.integ = "sha1-96";
  ah.integ_bits = 160;
  ah.allocations.current = 1;
  tables.sas.push_back(ah);
  CHECK(spi_lines(tables, KlipsFormat::man) ==
        "ah.a9123456@192.0.2.45 AH_HMAC_SHA1: dir=out src=192.0.2.23 alen=160 aklen=160 life(c,s,h)=\n");
  tables.sas[0].allocations.hard = 3;
  tables.sas[0].bytes_life = {1, 10, 20};
  tables.sas[0].udp_encap = true;
  tables.sas[0].source_port = tables.sas[0].destination_port = 4500;
  tables.sas[0].users = 2;
  CHECK(spi_lines(tables, KlipsFormat::proc) ==
        "ah0xa9123456@192.0.2.45 AH_HMAC_SHA1: dir=out src=192.0.2.23 alen=160 aklen=160 "
        "life(c,s,h)=alloc(1,0,3)bytes(1,10,20) natencap=nonesp natsport=4500 natdport=4500 refcount=3 ref=1 "
        "refhim=0\n");
}

TEST_CASE("Transforms that KLIPS did not have are named after their algorithms") {
  const auto line = [](const char* encr, const char* integ) {
    KlipsTables tables;
    tables.sas.push_back(sa("esp", 256, "", "192.0.2.1"));
    tables.sas[0].encr = encr;
    tables.sas[0].integ = integ;
    return spi_lines(tables, KlipsFormat::man);
  };
  CHECK(line("aes-cbc-256", "sha1-96").starts_with("esp.100@192.0.2.1 ESP_AES_HMAC_SHA1: dir=out"));
  CHECK(line("aes-gcm-16-128", "").starts_with("esp.100@192.0.2.1 ESP_AES_GCM_16: dir=out"));
  CHECK(line("chacha20-poly1305", "").starts_with("esp.100@192.0.2.1 ESP_CHACHA20_POLY1305: dir=out"));
  CHECK(line("null", "hmac-sha2-256-128").starts_with("esp.100@192.0.2.1 ESP_NULL_HMAC_SHA2_256: dir=out"));
}

TEST_CASE("The flow of an inbound tunnel stands in its line") {
  KlipsTables tables;
  ManualSaView tunnel = sa("tun", 0x1002, "192.0.2.23", "192.0.2.45");
  tunnel.outbound = false;
  tunnel.inbound = true;
  tunnel.addtime.current = 6;
  tunnel.flow = "10.2.0.0/24->10.1.0.0/24";
  tables.sas.push_back(tunnel);
  CHECK(spi_lines(tables, KlipsFormat::proc) ==
        "tun0x1002@192.0.2.45 IPIP: dir=in  src=192.0.2.23 policy=10.2.0.0/24->10.1.0.0/24 flags=0x8<> "
        "life(c,s,h)=addtime(6,0,0) natencap=none natsport=0 natdport=0 refcount=1 ref=1 refhim=0\n");
}

TEST_CASE("Keys stand in the listing only where the daemon handed them out") {
  KlipsTables tables = page_tables();
  tables.sas[1].keys = control::ManualKeyView{"aabb", "ccdd"};
  const std::string lines = spi_lines(tables, KlipsFormat::proc);
  CHECK(lines.find(" enckey=0xaabb authkey=0xccdd\n") != std::string::npos);
  CHECK(spi_lines(page_tables(), KlipsFormat::proc).find("key=") == std::string::npos);
}

TEST_CASE("spigrp prints a line for each group, and one for each SA that is in none") {
  KlipsTables tables;
  tables.groups = {{"tun0x3d0@192.168.2.110", "comp0x3d0@192.168.2.110", "esp0x187a101b@192.168.2.110",
                    "ah0x187a101a@192.168.2.110"},
                   {"tun0x3d0@3049:1::2", "ah0x187a101a@3049:1::2"}};
  tables.sas.push_back(sa("esp", 0x130, "", "192.168.2.120"));
  tables.sas.push_back(sa("tun", 0x3d0, "", "192.168.2.110"));
  tables.sas.back().grouped = true;
  CHECK(spigrp_lines(tables, KlipsFormat::proc) ==
        "tun0x3d0@192.168.2.110 comp0x3d0@192.168.2.110 esp0x187a101b@192.168.2.110 "
        "ah0x187a101a@192.168.2.110 \n"
        "tun0x3d0@3049:1::2 ah0x187a101a@3049:1::2 \n"
        "esp0x130@192.168.2.120 \n");
  CHECK(spigrp_lines(tables, KlipsFormat::man) ==
        "tun.3d0@192.168.2.110 comp.3d0@192.168.2.110 esp.187a101b@192.168.2.110 ah.187a101a@192.168.2.110 \n"
        "tun:3d0@3049:1::2 ah:187a101a@3049:1::2 \n"
        "esp.130@192.168.2.120 \n");
}

TEST_CASE("tncfg prints our device and what it is attached to") {
  CHECK(tncfg_lines({{"ipsec0", "eth0", 1438, 1500}, {"ipsec1", "", 1438, 0}}) ==
        "ipsec0 -> eth0 mtu=1438(1438) -> 1500\n"
        "ipsec1 -> NULL mtu=0(0) -> 0\n");
}

TEST_CASE("eroute prints the columns of the kernel, in the order of the networks") {
  const std::vector<ManualPolicyView> views = {
      eroute(125, "3049:1::/64", "::/0", "tun0x130@3058:4::5"),
      eroute(2112, "192.168.8.55/32", "192.168.9.0/24", "%hold"),
      eroute(746, "192.168.2.110/32|tcp", "192.168.2.120/32|tcp/25", "esp0x130@192.168.2.120"),
      eroute(42, "192.168.6.0/24", "192.168.7.0/24", "%pass"),
      eroute(1867, "172.31.252.0/24", "0.0.0.0/0", "tun0x130@192.168.43.1")};
  CHECK(eroutes(views, KlipsFormat::proc) ==
        "1867       172.31.252.0/24    -> 0.0.0.0/0          => tun0x130@192.168.43.1\n"
        "746        192.168.2.110/32   -> 192.168.2.120/32:25 => esp0x130@192.168.2.120:6\n"
        "42         192.168.6.0/24     -> 192.168.7.0/24     => %pass\n"
        "2112       192.168.8.55/32    -> 192.168.9.0/24     => %hold\n"
        "125        3049:1::/64        -> ::/0               => tun0x130@3058:4::5\n");
  CHECK(eroutes({}, KlipsFormat::proc).empty());
  CHECK(eroutes({views[0]}, KlipsFormat::proc, true) ==
        "125        3049:1::/64        -> ::/0               => tun0x130@3058:4::5 (east) ()\n");
}

TEST_CASE("eroute --format man prints what the page shows") {
  CHECK(eroutes({eroute(1867, "172.31.252.0/24", "0.0.0.0/0", "tun0x130@192.168.43.1")}, KlipsFormat::man) ==
        "1867 172.31.252.0/24:0 -> 0.0.0.0/0:0 => tun0x130@192.168.43.1:0 () ()\n");
  CHECK(eroutes({eroute(746, "192.168.2.110/32|tcp", "192.168.2.120/32|tcp/25", "esp0x130@192.168.2.120")},
                KlipsFormat::man) ==
        "746 192.168.2.110/32:0 -> 192.168.2.120/32:25 => esp0x130@192.168.2.120:6 () ()\n");
  CHECK(eroutes({eroute(125, "3049:1::/64", "::/0", "tun0x130@3058:4::5")}, KlipsFormat::man) ==
        "125 3049:1::/64 -> 0:0/0 => tun:130@3058:4::5 () ()\n");
  CHECK(eroutes({eroute(42, "192.168.6.0/24", "192.168.7.0/24", "%pass")}, KlipsFormat::man) ==
        "42 192.168.6.0/24:0 -> 192.168.7.0/24:0 => %passthrough\n");
  CHECK(eroutes({eroute(2112, "192.168.8.55/32", "192.168.9.0/24", "%hold")}, KlipsFormat::man, true) ==
        "2112 192.168.8.55/32:0 -> 192.168.9.0/24:0 => %hold (east) ()\n");
  CHECK(eroutes({eroute(1984, "3049:1::110/128", "3049:1::120/128", "ah0xf5ed@3049:1::120")},
                KlipsFormat::man) ==
        "1984 3049:1::110/128 -> 3049:1::120/128 => ah:f5ed@3049:1::120 () ()\n");
}

TEST_CASE("A port of IPv6 stands behind brackets, and a range stays a range") {
  CHECK(eroutes({eroute(0, "2001:db8::/64|udp/500", "2001:db8:1::/64|udp", "%drop")}, KlipsFormat::proc) ==
        "0          [2001:db8::/64]:500 -> 2001:db8:1::/64    => %drop:17\n");
  CHECK(eroutes({eroute(0, "192.0.2.1-192.0.2.9", "10.0.0.0/8", "%drop")}, KlipsFormat::proc) ==
        "0          192.0.2.1-192.0.2.9 -> 10.0.0.0/8         => %drop\n");
}

TEST_CASE("SAs and eroutes of IKEv2 stand beside those that are keyed by hand, VPP's policies do not") {
  control::ManualView manual;
  manual.sas.push_back(sa("esp", 0x3e9, "192.168.100.3", "192.168.100.2"));
  ManualPolicyView vpp = eroute(0, "192.168.100.3/32", "192.168.100.2/32", "");
  vpp.spd = 1;
  manual.policies = {vpp, eroute(1, "10.0.0.0/8", "10.9.0.0/16", "%trap")};
  const KlipsTables tables = klips_tables(sample::full(), manual);
  CHECK(tables.sas.size() == 3);
  CHECK(eroute_lines(tables, KlipsFormat::proc, true) ==
        "1          10.0.0.0/8         -> 10.9.0.0/16        => %trap () ()\n"
        "1          192.168.124.0/24   -> 192.168.125.0/24   => esp0x63199535@192.168.100.2 (vpp.home) "
        "(roadwarrior.vpn.example.com)\n");
  const std::string lines = spi_lines(tables, KlipsFormat::man);
  CHECK(lines.find("esp.63199535@192.168.100.2 ESP_AES_HMAC_SHA1: dir=out src=192.168.100.3") !=
        std::string::npos);
  CHECK(lines.find("esp.c0b24047@192.168.100.3 ESP_AES_HMAC_SHA1: dir=in src=192.168.100.2") !=
        std::string::npos);
}
