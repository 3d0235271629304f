// Whatever a file holds, load_text() returns.
#include <random>

#include "support.h"

using namespace config_test;

namespace {

const std::string& whole_file() {
  static const std::string kText = R"(daemon:
  listen: [0.0.0.0, "::"]
  ports: {ike: 500, natt: 4500}
  control: {socket: /run/ikev2d.sock, group: root, mode: "0660"}
  tun: {kind: tun, name: ipsec0, mtu: auto}
  routing: {mark: 1, table: 2, rule_priority: 3, protocol: 100}
  routes: true
  interfaces: {GigabitEthernet0/8/0: eth0}
profiles:
  pr1:
    local: {address: 192.168.100.3, id: fqdn:vpp.home, auth: {psk: Vpp123}}
    remote: {address: 192.168.100.2, port: 500, id: "fqdn:*.x", auth: {psk: {hex: abcd}}}
    ike: {proposals: [aes256-sha1-modp2048], lifetime: 24h}
    encap: auto
    liveness: {delay: 30s, timeout: 150s, action: clear}
    retry: {initial: 1s, max: 5m, tries: forever}
    replay_window: 64
    children:
      net:
        local_ts: [192.168.124.0/24]
        remote_ts: [192.168.125.0/24|tcp/443]
        proposals: [aes-cbc-192/sha1-96/esn/no-esn]
        mode: tunnel
        start: up
        lifetime: 1h
        lifetime_bytes: 10GiB
        lifetime_packets: 10
        jitter: 10s
        handover: 5s
        replay_window: 32
)";
  return kText;
}

// Errors are printable lines with places within reason.
void check_sane(const config::LoadResult& result) {
  for (const auto& d : result.diagnostics) {
    CHECK(d.where.line >= 1);
    CHECK(d.where.column >= 1);
    CHECK(d.text().find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("the file that is cut and twisted below is a good one") { CHECK(check(whole_file()) == Lines{}); }

TEST_CASE("each value in turn replaced by another shape is reported, and never a crash") {
  for (const std::string shape : {"[]", "{}", "[[x]]", "{a: {b: c}}", "~", "\"\"", "-1", "\"\\0\"",
                                  "!!binary AAAA", "&a [&b x, *b]", "99999999999999999999999", "*"}) {
    std::size_t at = 0;
    while ((at = whole_file().find(": ", at)) != std::string::npos) {
      at += 2;
      const std::size_t end = whole_file().find_first_of(",}\n", at);
      const std::string text = whole_file().substr(0, at) + shape + whole_file().substr(end);
      check_sane(config::load_text(text, "f"));
    }
  }
}

TEST_CASE("a file that is cut anywhere is read without a crash") {
  for (std::size_t size = 0; size < whole_file().size(); ++size) {
    check_sane(config::load_text(whole_file().substr(0, size), "f"));
  }
}

TEST_CASE("files with octets changed at random are read without a crash") {
  std::mt19937 random(7296);
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole_file();
    for (unsigned change = 0; change <= random() % 5; ++change) {
      const std::size_t at = random() % text.size();
      if (random() % 3 == 0) {
        text.erase(at, random() % 40);
      } else {
        text[at] =
            static_cast<char>(random() % 3 == 0 ? random() : " \n:{}[],&*!|>'\"%@`#-?~x0"[random() % 24]);
      }
    }
    check_sane(config::load_text(text, "f"));
  }
}

TEST_CASE("binary files and odd encodings are errors") {
  std::mt19937 random(4303);
  for (int round = 0; round < 200; ++round) {
    std::string text(random() % 2000, '\0');
    for (char& c : text) c = static_cast<char>(random());
    check_sane(config::load_text(text, "f"));
  }
  check_sane(config::load_text(std::string(1000, '\0'), "f"));
  check_sane(
      config::load_text("\xff\xfe"
                        "a\0:\0 \0b\0",
                        "f"));
  CHECK(check("\xef\xbb\xbf" + whole_file()) == Lines{});
}

TEST_CASE("huge nesting in each notation is an error") {
  std::string block;
  for (int i = 0; i < 2000; ++i) block += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  for (const std::string& text : {std::string(200'000, '['), std::string(200'000, '{'),
                                  std::string("a: ") + std::string(50'000, '-'), block, []() {
                                    std::string s;
                                    for (int i = 0; i < 50'000; ++i) s += "- ";
                                    return s;
                                  }()}) {
    const auto result = config::load_text(text, "f");
    CHECK_FALSE(result.ok());
    check_sane(result);
  }
}

TEST_CASE("very long words are errors of a bearable length") {
  const std::string word(200'000, 'x');
  for (const std::string& text :
       {word + ": 1\n", "daemon: {" + word + ": 1}\n", child_with("        proposals: " + word + "\n"),
        child_with("        proposals: " + std::string(200'000, '-') + "\n"),
        child_with("        local_ts: " + word + "\n"), profile_with("    encap: " + word + "\n")}) {
    const auto result = config::load_text(text, "f");
    CHECK_FALSE(result.ok());
    for (const auto& d : result.diagnostics) CHECK(d.message.size() < 500);
  }
}

TEST_CASE("ten thousand profiles are read in order") {
  std::string text = "profiles:\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string n = std::to_string(i);
    text += "  p" + n + ": {local: {auth: {psk: a}}, remote: {id: \"fqdn:p" + n +
            ".x\", auth: {psk: b}}, children: {c: {}}}\n";
  }
  const auto result = config::load_text(text, "f");
  CHECK(result.diagnostics.empty());
  REQUIRE(result.config.peers.size() == 10'000);
  CHECK(result.config.peers[9'999]->name == "p9999");
}
