#include "config/write_yaml.h"

#include "config/yaml_tree.h"
#include "support.h"

using namespace config_test;

namespace {

config::YamlNodePtr tree_of(const std::string& text) {
  config::Diagnostics diagnostics("f");
  auto tree = config::parse_yaml(text, diagnostics);
  REQUIRE(tree != nullptr);
  return tree;
}

// What a text becomes when it is read and written.
std::string rewritten(const std::string& text, bool secrets = true) {
  return config::write_yaml(*tree_of(text), 0, {secrets, "/etc/ikev2d"});
}

}  // namespace

TEST_CASE("a text that is written reads back as the same tree, and is written the same again") {
  const std::string text =
      "daemon: {listen: [0.0.0.0, \"::\"], control: {mode: \"0660\"}}\n"
      "profiles:\n"
      "  'null':\n"
      "    local: {id: 'fqdn:a#b', auth: {psk: \"a\\\"b\\\\c: [d] \\x07\"}}\n"
      "    children:\n"
      "      net: {local_ts: ['10.0.0.0/8|tcp/443', '::/0']}\n"
      "      empty:\n"
      "manual:\n"
      "  sas:\n"
      "    - {id: 1, encr_key: {hex: aabb}}\n";
  const std::string once = rewritten(text);
  CHECK(rewritten(once) == once);
  CHECK(once.find("      net:\n        local_ts: [\"10.0.0.0/8|tcp/443\", \"::/0\"]\n      empty: null\n") !=
        std::string::npos);
  const auto tree = tree_of(once);
  const auto* profile = tree->find("profiles")->value->find("null");
  REQUIRE(profile != nullptr);
  CHECK(profile->value->find("local")->value->find("auth")->value->find("psk")->value->text ==
        "a\"b\\c: [d] \x07");
}

TEST_CASE("words that YAML would take for something else are written in quotes") {
  for (const char* word :
       {"", "null", "true", "no", "- a", "a: b", "a #b", "[x]", "~", "*a", "fqdn:x", " a "}) {
    INFO(word);
    CHECK(config::yaml_scalar(word).front() == '"');
    CHECK(tree_of("k: " + config::yaml_scalar(word))->find("k")->value->text == word);
  }
  CHECK(config::yaml_scalar("aes-cbc-256/sha1-96") == "aes-cbc-256/sha1-96");
}

TEST_CASE("without secrets inline ones are left out, and names of files are absolute in any case") {
  const std::string text =
      "a: {auth: {psk: Vpp123}}\n"
      "b: {auth: {psk: {hex: abcd}}}\n"
      "c: {auth: {psk: {file: secrets/psk}}}\n"
      "d: {auth: {signature: {key: left.key, cert: [/x/left.pem, ../ca.pem]}}}\n"
      "e: {encr_key: {hex: abcd}, integ_key: {file: k}}\n";
  CHECK(rewritten(text, false) ==
        "a:\n  auth: {psk: \"[redacted]\"}\n"
        "b:\n  auth: {psk: {hex: \"[redacted]\"}}\n"
        "c:\n  auth: {psk: {file: /etc/ikev2d/secrets/psk}}\n"
        "d:\n  auth: {signature: {key: /etc/ikev2d/left.key, cert: [/x/left.pem, /etc/ca.pem]}}\n"
        "e:\n  encr_key:\n    hex: \"[redacted]\"\n  integ_key:\n    file: /etc/ikev2d/k\n");
  CHECK(rewritten(text, true).find("Vpp123") != std::string::npos);
}

TEST_CASE("what stands in the place of a secret is refused where a secret is wanted") {
  for (const char* psk : {"\"[redacted]\"", "{hex: \"[redacted]\"}"}) {
    const auto lines = check(std::string("profiles:\n  pr1:\n    local: {auth: {psk: ") + psk +
                             "}}\n    remote: {auth: {psk: b}}\n    children: {net: {}}\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("f:3:") == 0);
    CHECK(lines[0].find("stands in the place of a secret") != std::string::npos);
  }
}
