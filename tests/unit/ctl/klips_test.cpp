// KLIPS' words, against a server that takes everything and remembers it.
#include <netdb.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <mutex>
#include <sstream>

#include "apps/ctl/handlers.h"
#include "apps/ctl/klips_transform.h"
#include "control/manual_model.h"
#include "tests/unit/control/fake_list.h"
#include "tests/unit/control/harness.h"
#include "tests/unit/control/sample.h"

using control::Request;
using control::Responder;
using nlohmann::json;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

control::ManualView listed() {
  control::ManualView view;
  control::ManualSaView sa;
  sa.protocol = "esp";
  sa.spi = 0x3e9;
  sa.source = "192.168.100.3";
  sa.destination = "192.168.100.2";
  sa.outbound = true;
  sa.encr = "aes-cbc-128";
  sa.encr_bits = 128;
  view.sas.push_back(sa);
  return view;
}

struct Daemon {
  std::mutex mutex;
  Request last;
  harness::Folder folder;
  std::string socket = folder.file("s");
  harness::Running server{harness::options_at(socket),
                          [this](const Request& request, const std::shared_ptr<Responder>& responder) {
                            const std::lock_guard lock(mutex);
                            last = request;
                            if (request.command == "list")
                              return sample::fake_list(request, sample::status(), listed(), responder);
                            if (request.args.value("spi", 0) == 0x666)
                              return responder->finish(control::failed("exists", "esp0x666@… exists"));
                            responder->finish(control::succeeded({{"warnings", {"it is weak"}}}));
                          }};

  Outcome operator()(std::vector<std::string> args) {
    args.insert(args.begin(), {"-s", socket});
    std::ostringstream out, err;
    ctl::Terminal terminal{out, err};
    const int status = ctl::run(args, terminal);
    return {status, out.str(), err.str()};
  }
  // What the daemon was asked, as "COMMAND ARGS"; or the reason why it was not.
  std::string asked(std::vector<std::string> args) {
    {
      const std::lock_guard lock(mutex);
      last = {};
    }
    const Outcome outcome = (*this)(std::move(args));
    const std::lock_guard lock(mutex);
    if (last.command.empty()) return outcome.err.substr(0, outcome.err.find('\n'));
    return last.command + " " + last.args.dump();
  }
};

const std::string kEncr = "0x4a506a794f574265564551694d653768",
                  kAuth = "0x4339314b55523947594d6d3547666b45764e6a58";

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

}  // namespace

TEST_CASE("spi adds an SA, named in either way") {
  Daemon daemon;
  const json esp = {{"protocol", "esp"},
                    {"spi", 1001},
                    {"destination", "192.168.100.2"},
                    {"source", "192.168.100.3"},
                    {"encr", "aes-cbc-128"},
                    {"encr_key", kEncr.substr(2)},
                    {"integ", "sha1-96"},
                    {"integ_key", kAuth.substr(2)},
                    {"udp_encap", false}};
  const std::string keys = " --enckey " + kEncr + " --authkey " + kAuth;
  const std::string wanted = "manual-sa-add " + esp.dump();
  CHECK(daemon.asked(words("spi --said esp.3e9@192.168.100.2 --esp aes128-sha1 --src 192.168.100.3" +
                           keys)) == wanted);
  CHECK(daemon.asked(words("spi --af inet --edst 192.168.100.2 --spi 0x3e9 --proto esp --esp aes-sha1-96 "
                           "--src=192.168.100.3" +
                           keys)) == wanted);
  CHECK(daemon.asked(words("spi --edst 192.168.100.2 --spi 1001 --proto esp --esp aes-cbc-128/hmac-sha1-96 "
                           "--src 192.168.100.3" +
                           keys)) == wanted);
}

TEST_CASE("spi takes the old transforms, base64, windows, lifetimes and encapsulation") {
  Daemon daemon;
  const json ah = {{"protocol", "ah"},
                   {"spi", 256},
                   {"destination", "2001:db8::2"},
                   {"integ", "hmac-md5-96"},
                   {"integ_key", "000102030405060708090a0b0c0d0e0f"},
                   {"replay_window", 32},
                   {"udp_encap", false},
                   {"life", {{"bytes", {100, 200}}, {"packets", {0, 7}}}}};
  CHECK(daemon.asked(
            words("spi --said ah:100@2001:db8::2 --ah hmac-md5-96 --authkey 0sAAECAwQFBgcICQoLDA0ODw== "
                  "--replay_window 32 --life soft-bytes=100,hard-bytes=0xc8,hard-packets=7")) ==
        "manual-sa-add " + ah.dump());
  const json tun = {{"protocol", "tun"},
                    {"spi", 0x3d0},
                    {"destination", "192.168.100.2"},
                    {"source", "192.168.100.3"},
                    {"udp_encap", false}};
  CHECK(
      daemon.asked(words("spi --said tun.3d0@192.168.100.2 --ip4 --src 192.168.100.3 --dst 192.168.100.2")) ==
      "manual-sa-add " + tun.dump());
  json alone = tun;
  alone["alone"] = true;
  CHECK(daemon.asked(words("spi --said tun.3d0@192.168.100.2 --ip4 --src 192.168.100.3 --alone")) ==
        "manual-sa-add " + alone.dump());
  const std::string udp =
      daemon.asked(words("spi --said esp.3d0@192.168.100.2 --esp null-sha1-96 --authkey " + kAuth +
                         " --natt nonesp --sport 4500 --dport 4501"));
  CHECK(udp.find("\"udp_encap\":true") != std::string::npos);
  CHECK(udp.find("\"destination_port\":4501") != std::string::npos);
  CHECK(daemon.asked(words("spi --del --said esp0x3e9@192.168.100.2")) ==
        R"(manual-sa-delete {"said":"esp0x3e9@192.168.100.2"})");
  CHECK(daemon.asked({"spi", "--clear"}) == "manual-sa-clear {}");
}

TEST_CASE("What spi cannot do it refuses with the reason, and never repeats a key") {
  Daemon daemon;
  const auto refused = [&](const std::string& line) { return daemon.asked(words("spi " + line)); };
  CHECK(refused("--esp aes-sha1") == "ikectl: an SA is needed: --said, or --edst, --spi and --proto");
  CHECK(refused("--said esp.3e9@192.0.2.1") ==
        "ikectl: one of --ah, --esp, --comp, --ip4 and --ip6 is needed");
  CHECK(refused("--said esp.3e9@192.0.2.1 --ah hmac-md5-96") ==
        "ikectl: --ah makes an SA of the protocol ah");
  CHECK(refused("--said esp.3e9@192.0.2.1 --esp aes-sha1 --enckey secret").find("secret") ==
        std::string::npos);
  CHECK(refused("--said esp.3e9@192.0.2.1 --esp rot13-sha1")
            .starts_with("ikectl: 'rot13-sha1' is no transform"));
  CHECK(refused("--said comp.3e9@192.0.2.1 --comp lzs")
            .starts_with("ikectl: --comp: deflate is what there is"));
  CHECK(refused("--said esp.3e9@192.0.2.1 --saref 1").starts_with("ikectl: --saref: SA references"));
  CHECK(refused("--said esp.3e9@192.0.2.1 --esp aes128-sha1 --natt nonike")
            .starts_with("ikectl: --natt: 'nonike'"));
  CHECK(
      refused("--said esp.3e9@192.0.2.1 --esp 3des --life bytes=7").starts_with("ikectl: --life: 'bytes=7'"));
  CHECK(refused("--said esp.3e9@192.0.2.1 --edst 192.0.2.1") == "ikectl: --said and --edst are one too many");
  CHECK(refused("--edst 192.0.2.1 --spi x --proto esp --esp 3des") == "ikectl: 'x' is no SPI");
  CHECK(refused("--af inet6 --edst 192.0.2.1 --spi 256 --proto esp") == "ikectl: 192.0.2.1 is not of inet6");
  CHECK(refused("--clear --clear") == "ikectl: --clear stands twice");
  CHECK(refused("--colour red") == "ikectl: unknown option '--colour'");
  CHECK(refused("--said") == "ikectl: --said needs a value");
  CHECK(refused("clear") == "ikectl: 'clear' is too much");
  CHECK(daemon({"spi", "clear"}).status == ctl::kUsage);
}

TEST_CASE("spigrp groups up to four SAs, and one ungroups") {
  Daemon daemon;
  const std::string wanted = R"(manual-group-add {"members":["tun0x113@192.0.2.2","esp0x115@192.0.2.2"]})";
  CHECK(daemon.asked(words("spigrp inet 192.0.2.2 0x113 tun inet 192.0.2.2 0x115 esp")) == wanted);
  CHECK(daemon.asked(words("spigrp --said tun.113@192.0.2.2 esp0x115@192.0.2.2")) == wanted);
  CHECK(daemon.asked(words("spigrp --label x --said esp.115@192.0.2.2")) ==
        R"(manual-group-delete {"said":"esp0x115@192.0.2.2"})");
  for (const char* line : {"inet 192.0.2.2 0x113", "--said", "--said a b c d e", "--said esp.115@host"}) {
    CAPTURE(line);
    CHECK(daemon(words(std::string("spigrp ") + line)).status == ctl::kUsage);
  }
}

TEST_CASE("eroute takes networks, masks, protocols and ports by number and by name") {
  Daemon daemon;
  CHECK(daemon.asked(words("eroute --add --eraf inet --src 10.0.0.0/255.0.0.0 --dst 192.168.9.47/24 "
                           "--transport-proto tcp --dst-port 25 --said tun.3d0@192.0.2.2")) ==
        "manual-eroute-add " + json({{"direction", "outbound"},
                                     {"source", "10.0.0.0/8|6"},
                                     {"destination", "192.168.9.0/24|6/25"},
                                     {"said", "tun0x3d0@192.0.2.2"}})
                                   .dump());
  CHECK(daemon.asked(
            words("eroute --replace --src 2001:db8::/32 --dst ::/0 --transport-proto 0x11 --src-port 0764 "
                  "--said %trap")) == "manual-eroute-replace " + json({{"direction", "outbound"},
                                                                       {"source", "2001:db8::/32|17/500"},
                                                                       {"destination", "::/0|17"},
                                                                       {"said", "%trap"}})
                                                                     .dump());
  CHECK(daemon.asked(words("eroute --addin --src 10.2.0.0/24 --dst 10.1.0.0/24 --edst 192.0.2.1 --spi 0x1002 "
                           "--proto tun")) == "manual-eroute-add " + json({{"direction", "inbound"},
                                                                           {"source", "10.2.0.0/24"},
                                                                           {"destination", "10.1.0.0/24"},
                                                                           {"said", "tun0x1002@192.0.2.1"}})
                                                                         .dump());
  CHECK(daemon.asked(words("eroute --del --src 10.0.0.0/8 --dst 10.9.0.0/16")) ==
        R"(manual-eroute-delete {"destination":"10.9.0.0/16","direction":"outbound","source":"10.0.0.0/8"})");
  if (::getservbyname("smtp", "tcp") != nullptr) {  // the machine has a list of names
    CHECK(daemon
              .asked(words(
                  "eroute --del --src 10.0.0.0/8 --dst 10.9.0.0/16 --transport-proto tcp --dst-port smtp"))
              .find("10.9.0.0/16|6/25") != std::string::npos);
  }
  CHECK(daemon.asked({"eroute", "--clear"}) == "manual-eroute-clear {}");
  for (const char* line :
       {"--add", "--add --del", "--src 10.0.0.0/8", "--add --src 10.0.0.0/8 --dst 10.0.0.0/33 --said %drop",
        "--add --src 10.0.0.0/255.0.255.0 --dst 10.0.0.0/8 --said %drop",
        "--add --src 10.0.0.0/8 --dst 10.0.0.0/8 --dst-port 25 --said %drop",
        "--add --src 10.0.0.0/8 --dst 10.0.0.0/8 --transport-proto nonsense --said %drop",
        "--add --eraf inet6 --src 10.0.0.0/8 --dst 10.0.0.0/8 --said %drop",
        "--add --src 10.0.0.0/8 --dst 10.0.0.0/8"}) {
    CAPTURE(line);
    CHECK(daemon(words(std::string("eroute ") + line)).status == ctl::kUsage);
  }
}

TEST_CASE("tncfg attaches and detaches, and makes no devices") {
  Daemon daemon;
  CHECK(daemon.asked(words("tncfg --attach --virtual ipsec0 --physical eth0")) ==
        R"(manual-device-attach {"physical":"eth0","virtual":"ipsec0"})");
  CHECK(daemon.asked(words("tncfg --detach --virtual ipsec0")) ==
        R"(manual-device-detach {"virtual":"ipsec0"})");
  CHECK(daemon.asked({"tncfg", "--clear"}) == "manual-device-detach {}");
  CHECK(daemon(words("tncfg --create ipsec1")).status == ctl::kRefused);
  CHECK(daemon(words("tncfg --attach --virtual ipsec0")).status == ctl::kUsage);
  CHECK(daemon(words("tncfg --detach --virtual ipsec0 --physical eth0")).status == ctl::kUsage);
  CHECK(daemon(words("tncfg --attach --clear")).status == ctl::kUsage);
  CHECK(daemon({"tncfg"}).out.empty());
}

TEST_CASE("Options may stand in a file, and a label stands in front of what is said") {
  Daemon daemon;
  const std::string file = daemon.folder.file("options");
  std::ofstream(file) << "--src 10.0.0.0/8\n--dst 10.9.0.0/16\n";
  CHECK(daemon.asked({"eroute", "--del", "--optionsfrom", file}) ==
        R"(manual-eroute-delete {"destination":"10.9.0.0/16","direction":"outbound","source":"10.0.0.0/8"})");
  std::ofstream(file) << "--optionsfrom " << file << "\n";
  CHECK(daemon({"eroute", "--optionsfrom=" + file}).status == ctl::kUsage);
  const Outcome warned = daemon({"spi", "--clear", "--label", "L7"});
  CHECK(warned.status == ctl::kDone);
  CHECK(warned.err == "ikectl: L7: warning: it is weak\n");
  const Outcome refused = daemon(words("spi --said tun.666@192.0.2.2 --ip4 --label L8"));
  CHECK(refused.status == ctl::kRefused);
  CHECK(refused.err.starts_with("ikectl: L8: esp0x666@"));
}

TEST_CASE("Without arguments the listings are printed, in both forms and as JSON") {
  Daemon daemon;
  const Outcome proc = daemon({"spi"});
  CHECK(proc.status == ctl::kDone);
  CHECK(proc.out.starts_with("esp0x3e9@192.168.100.2 ESP_AES: dir=out src=192.168.100.3 eklen=128"));
  CHECK(proc.out.find("esp0xc0b24047@192.168.100.3 ") != std::string::npos);  // of IKEv2
  CHECK(daemon({"spi", "--format", "man"}).out.starts_with("esp.3e9@192.168.100.2 ESP_AES: dir=out"));
  CHECK(daemon({"spigrp"}).out.starts_with("esp0x3e9@192.168.100.2 \n"));
  CHECK(daemon({"eroute", "--ids"}).out.ends_with(" (vpp.home) (roadwarrior.vpn.example.com)\n"));
  CHECK(json::parse(daemon({"--json", "spi"}).out)["sas"].size() == 3);
  CHECK(json::parse(daemon({"--json", "eroute"}).out)["policies"].size() == 1);
  CHECK(daemon({"spi", "--format", "xml"}).status == ctl::kUsage);
  CHECK(daemon({"spi", "--ids"}).status == ctl::kUsage);
}

TEST_CASE("Transforms are read with every name that profiles take") {
  const auto read = [](const char* text, std::size_t octets) {
    const auto names = ctl::read_transform(text, octets);
    return names.has_error() ? std::string("-") : names->encr + " " + names->integ;
  };
  CHECK(read("3des-md5-96", 24) == "3des md5-96");
  CHECK(read("3des-sha1-96", 24) == "3des sha1-96");
  CHECK(read("3des", 24) == "3des ");
  CHECK(read("aes-sha1", 32) == "aes-cbc-256 sha1-96");
  CHECK(read("aes256-sha256", 32) == "aes-cbc-256 hmac-sha2-256-128");
  CHECK(read("aes-gcm-128", 20) == "aes-gcm-16-128 ");
  CHECK(read("aes128gcm16", 20) == "aes-gcm-16-128 ");
  CHECK(read("chacha20-poly1305", 36) == "chacha20-poly1305 ");
  CHECK(read("null-sha2_256", 0) == "null hmac-sha2-256-128");
  CHECK(read("sha1", 0) == "-");
  CHECK(read("aes-", 16) == "-");
  CHECK(read("", 16) == "-");
}
