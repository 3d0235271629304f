// KLIPS' commands, word by word, as the man pages of FreeS/WAN and Openswan have them: what each becomes, or
// why it is refused, which docs/man/ikectl.8 says too.
#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "tests/unit/ctl/recorder.h"

using ctl_test::check_all;
using ctl_test::Recorder;
using nlohmann::json;

namespace {

const std::string kKey24 = "0x6630663066306630aabbccddeeff001155aa55aa55aa55aa";
const std::string kKey16 = "0x663066306630663099887766554433ff";
const std::string kKey20 = "0x4339314b55523947594d6d3547666b45764e6a58";

}  // namespace

TEST_CASE("every command of ipsec_spi(8) is taken as written, or refused with a reason") {
  const std::string esp = "spi --said esp.115@192.0.2.2 --src 192.0.2.1 ";
  const std::string keys = " --enckey " + kKey24 + " --authkey " + kKey16;
  check_all({
      {"spi", "list", ""},
      {"spi --format man", "list", ""},
      {"spi --af inet --edst 192.0.2.2 --spi 0x125 --proto esp --src 192.0.2.1 --esp 3des-md5-96" + keys,
       "manual-sa-add", ""},
      {"spi --af inet6 --edst 3049:1::1 --spi 256 --proto esp --esp 3des-md5-96" + keys, "manual-sa-add", ""},
      {esp + "--esp 3des-md5-96" + keys, "manual-sa-add", ""},
      {esp + "--esp 3des-sha1-96 --enckey " + kKey24 + " --authkey " + kKey20, "manual-sa-add", ""},
      {esp + "--esp aes128-sha1 --enckey " + kKey16 + " --authkey " + kKey20, "manual-sa-add", ""},
      {esp + "--esp 3des --enckey " + kKey24, "manual-sa-add", ""},  // of which the daemon warns
      {"spi --said ah.116@192.0.2.2 --ah hmac-md5-96 --authkey " + kKey16, "manual-sa-add", ""},
      {"spi --said ah.116@192.0.2.2 --ah hmac-sha1-96 --authkey " + kKey20, "manual-sa-add", ""},
      {"spi --said ah.116@192.0.2.2 --ah hmac-md5-96 --authkey 0sZjBmMGYwZjCZiHdmVUQz/w==", "manual-sa-add",
       ""},
      {"spi --said comp.117@192.0.2.2 --comp deflate", "manual-sa-add", ""},
      {"spi --said comp.117@192.0.2.2 --comp lzs", nullptr, "lzs is not"},
      {"spi --said tun.113@192.0.2.2 --ip4 --src 192.0.2.1 --dst 192.0.2.2", "manual-sa-add", ""},
      {"spi --said tun:233@3049:1::1 --ip6 --src 3049:1::2 --dst 3049:1::1", "manual-sa-add", ""},
      {esp + "--esp 3des-md5-96 --replay_window 32" + keys, "manual-sa-add", ""},
      {esp +
           "--esp 3des-md5-96 --life soft-bytes=1000,hard-bytes=2000,soft-addtime=60,hard-usetime=90,"
           "hard-packets=7,soft-allocations=1" +
           keys,
       "manual-sa-add", ""},
      {esp + "--esp 3des-md5-96 --iv 0x0123456789abcdef" + keys, "manual-sa-add", ""},
      {esp + "--esp 3des-md5-96 --natt nonesp --sport 4500 --dport 4500" + keys, "manual-sa-add", ""},
      {esp + "--esp 3des-md5-96 --natt nonike --sport 500 --dport 500" + keys, nullptr, "RFC 3948"},
      {esp + "--esp 3des-md5-96 --saref 7" + keys, nullptr, "SA references belong to KLIPS' kernel"},
      {esp + "--esp 3des-md5-96 --sarefme 7" + keys, nullptr, "SA references"},
      {esp + "--esp 3des-md5-96 --sarefhim 7" + keys, nullptr, "SA references"},
      {esp + "--dumpsaref", nullptr, "SA references"},
      {esp + "--esp 3des-md5-96 --outif eth0" + keys, nullptr, "the host's routes"},
      {esp + "--esp 3des-md5-96 --listenreply" + keys, nullptr, "no PF_KEY replies"},
      {esp + "--label mine --debug --esp 3des-md5-96" + keys, "manual-sa-add", ""},
      {"spi --del --af inet --edst 192.0.2.2 --spi 0x125 --proto esp", "manual-sa-delete", ""},
      {"spi --del --said esp:115@3049:1::1", "manual-sa-delete", ""},
      {"spi --del --said esp0x115@192.0.2.2", "manual-sa-delete", ""},
      {"spi --clear", "manual-sa-clear", ""},
  });
}

TEST_CASE("every command of ipsec_spigrp(8) is taken as written, or refused with a reason") {
  check_all({
      {"spigrp", "list", ""},
      {"spigrp inet 192.0.2.2 0x113 tun inet 192.0.2.2 0x115 esp inet 192.0.2.2 0x116 ah", "manual-group-add",
       ""},
      {"spigrp --said tun.113@192.0.2.2 esp.115@192.0.2.2 ah.116@192.0.2.2", "manual-group-add", ""},
      {"spigrp inet6 3049:1::1 0x233 tun inet6 3049:1::1 0x235 esp inet6 3049:1::1 0x236 ah",
       "manual-group-add", ""},
      {"spigrp --said tun:233@3049:1::1 esp:235@3049:1::1 ah:236@3049:1::1", "manual-group-add", ""},
      {"spigrp --debug --label mine --said tun.113@192.0.2.2 comp.113@192.0.2.2 esp.115@192.0.2.2 "
       "ah.116@192.0.2.2",
       "manual-group-add", ""},
      {"spigrp --said esp.115@192.0.2.2", "manual-group-delete", ""},
      {"spigrp inet 192.0.2.2 0x115 esp", "manual-group-delete", ""},
      {"spigrp --said a b c d e", nullptr, ""},
  });
}

TEST_CASE("every command of ipsec_eroute(8) is taken as written, or refused with a reason") {
  const std::string nets = " --eraf inet --src 10.1.0.0/16 --dst 10.2.0.0/255.255.0.0 ";
  check_all({
      {"eroute", "list", ""},
      {"eroute --ids", "list", ""},
      {"eroute --add" + nets + "--af inet --edst 192.0.2.2 --spi 0x135 --proto tun", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said tun.135@192.0.2.2", "manual-eroute-add", ""},
      {"eroute --add --eraf inet6 --src 3049:1::/64 --dst 3049:2::/64 --said tun:235@3049:1::2",
       "manual-eroute-add", ""},
      {"eroute --addin" + nets + "--said tun.135@192.0.2.2", "manual-eroute-add", ""},
      {"eroute --replace" + nets + "--said %trap", "manual-eroute-replace", ""},
      {"eroute --replacein" + nets + "--said tun.135@192.0.2.2", "manual-eroute-replace", ""},
      {"eroute --add" + nets + "--said %passthrough", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said %passthrough4", "manual-eroute-add", ""},
      {"eroute --add --eraf inet6 --src 3049:1::/64 --dst 3049:2::/64 --said %passthrough6",
       "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said %drop", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said %reject", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said %hold", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--said %pass", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--transport-proto 6 --src-port 0x50 --dst-port 031 --said %drop",
       "manual-eroute-add", ""},
      {"eroute --add" + nets + "--transport-proto 17 --dst-port 500 --said %drop", "manual-eroute-add", ""},
      {"eroute --add" + nets + "--transport-proto 1 --dst-port 25 --said %drop", nullptr, "port"},
      {"eroute --del" + nets, "manual-eroute-delete", ""},
      {"eroute --delin" + nets, "manual-eroute-delete", ""},
      {"eroute --del --label mine --debug" + nets, "manual-eroute-delete", ""},
      {"eroute --clear", "manual-eroute-clear", ""},
  });
}

TEST_CASE(
    "every command of ipsec_tncfg(8), klipsdebug and manual is taken as written, or refused with a reason") {
  check_all({
      {"tncfg", "list", ""},
      {"tncfg --attach --virtual ipsec0 --physical eth0", "manual-device-attach", ""},
      {"tncfg --detach --virtual ipsec0", "manual-device-detach", ""},
      {"tncfg --clear", "manual-device-detach", ""},
      {"tncfg --create ipsec1", nullptr, "makes its one device itself"},
      {"tncfg --delete ipsec1", nullptr, "makes its one device itself"},
      {"klipsdebug --set tunnel", nullptr, "no kernel module to debug"},
      {"klipsdebug --clear pfkey", nullptr, "no kernel module to debug"},
      {"klipsdebug --all", nullptr, "no kernel module to debug"},
      {"klipsdebug --none", nullptr, "no kernel module to debug"},
      {"manual --up west-east", nullptr, "below manual:"},
      {"manual --route west-east", nullptr, "below manual:"},
      {"manual --show --up west-east", nullptr, "below manual:"},
      {"manual --iam 192.0.2.1@eth0 --down west-east", nullptr, "below manual:"},
  });
}

TEST_CASE("KLIPS' commands may have ipsec in front, as the man pages write them") {
  check_all({
      {"ipsec spi", "list", ""},
      {"ipsec spi --clear", "manual-sa-clear", ""},
      {"ipsec spigrp", "list", ""},
      {"ipsec eroute --clear", "manual-eroute-clear", ""},
      {"ipsec tncfg --clear", "manual-device-detach", ""},
      {"ipsec klipsdebug --all", nullptr, "no kernel module to debug"},
      {"ipsec manual --up west-east", nullptr, "below manual:"},
      {"ipsec spd add 1", "manual-spd-add", ""},  // VPP's
      {"ipsec ipsec spi", nullptr, "unknown command"},
  });
}

TEST_CASE("options of KLIPS' commands may stand in a file") {
  const Recorder daemon;
  const std::string file = daemon.folder.file("options");
  std::ofstream(file) << "--said esp.115@192.0.2.2\n";
  CHECK(daemon("spi --del --optionsfrom " + file).status == 0);
  REQUIRE(daemon.asked->size() == 1);
  CHECK(daemon.asked->front().args == json{{"said", "esp0x115@192.0.2.2"}});
}
