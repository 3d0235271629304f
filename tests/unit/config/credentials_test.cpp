#include <sys/stat.h>

#include "support.h"
#include "temporary_directory.h"

using namespace config_test;

namespace {

// The local secret starts in line 3, column 25.
std::string with_psk(const std::string& psk) {
  return "profiles:\n  pr1:\n    local: {auth: {psk: " + psk +
         "}}\n    remote: {auth: {psk: {hex: bb}}}\n    children: {net: {}}\n";
}

std::string secret_of(const config::LoadResult& result) {
  REQUIRE(result.ok());
  REQUIRE(result.config.credentials.size() == 2);
  return std::string(base::as_text(result.config.credentials[0].material.psk.span()));
}

}  // namespace

TEST_CASE("a secret is a text or hexadecimal digits") {
  CHECK(secret_of(config::load_text(with_psk("Vpp123"), "f")) == "Vpp123");
  CHECK(secret_of(config::load_text(with_psk("0123"), "f")) == "0123");
  CHECK(secret_of(config::load_text(with_psk("\"a \\\"b\\\" #c\""), "f")) == "a \"b\" #c");
  CHECK(secret_of(config::load_text(with_psk("{hex: 00ff41}"), "f")) == std::string("\0\xff\x41", 3));
  CHECK(secret_of(config::load_text(with_psk("{hex: 0x4142}"), "f")) == "AB");
}

TEST_CASE("a secret from a file loses one trailing newline, and is found beside the YAML file") {
  const TemporaryDirectory dir;
  const std::string yaml = dir.write("p.yaml", with_psk("{file: keys/psk}"), 0644);
  dir.write("keys/psk", "secret\n", 0600);
  const auto result = config::load(yaml);
  // The other secret is in the YAML file, which others can read.
  CHECK(lines_of(result).size() == 1);
  CHECK(secret_of(result) == "secret");
  dir.write("keys/psk", "secret\n\n", 0400);
  CHECK(secret_of(config::load(yaml)) == "secret\n");
  dir.write("keys/psk2", std::string("\0\n\xff", 3), 0640);
  CHECK(secret_of(config::load_text(with_psk("{file: keys/psk2}"), dir / "p.yaml")) ==
        std::string("\0\n\xff", 3));
  CHECK(secret_of(config::load_text(with_psk("{file: " + (dir / "keys/psk2") + "}"), "f")) ==
        std::string("\0\n\xff", 3));
}

TEST_CASE("a secret file that others can read is an error") {
  const TemporaryDirectory dir;
  dir.write("psk", "secret", 0604);
  const auto result = config::load_text(with_psk("{file: psk}"), dir / "p.yaml");
  CHECK(lines_of(result) == Lines{(dir / "p.yaml") + ":3:32: error: file: " + (dir / "psk") +
                                  ": others can read this secret (mode 0604); chmod o= it"});
  CHECK_FALSE(result.ok());
  dir.write("psk", "secret", 0600);
  CHECK(config::load_text(with_psk("{file: psk}"), dir / "p.yaml").ok());
}

TEST_CASE("secret files that are missing, empty, huge or no files are errors") {
  const TemporaryDirectory dir;
  const auto reason = [&](const std::string& name) {
    const auto lines = lines_of(config::load_text(with_psk("{file: " + name + "}"), dir / "p.yaml"));
    REQUIRE(lines.size() == 1);
    const std::string start = (dir / "p.yaml") + ":3:32: error: ";
    REQUIRE(lines[0].starts_with(start));
    return lines[0].substr(start.size());
  };
  CHECK(reason("nowhere") == "file: " + (dir / "nowhere") + ": No such file or directory");
  dir.write("empty", "", 0600);
  CHECK(reason("empty") == "psk: the secret is empty");
  dir.write("newline", "\n", 0600);
  CHECK(reason("newline") == "psk: the secret is empty");
  dir.write("huge", std::string(65537, 'x'), 0600);
  CHECK(reason("huge") == "file: " + (dir / "huge") + ": is larger than 65536 octets");
  dir.write("large", std::string(65536, 'x'), 0600);
  CHECK(secret_of(config::load_text(with_psk("{file: large}"), dir / "p.yaml")).size() == 65536);
  CHECK(reason(".") == "file: " + (dir / ".") + ": is a directory");
  CHECK(reason("/dev/zero") == "file: /dev/zero: is no regular file");
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK(reason("pipe") == "file: " + (dir / "pipe") + ": is no regular file");
  CHECK(reason("\"\"") == "file: \"\" is no file name");
}

TEST_CASE("a secret in a YAML file that others can read is one warning") {
  const TemporaryDirectory dir;
  const std::string yaml = dir.write("p.yaml", with_psk("Vpp123"), 0644);
  const auto open = config::load(yaml);
  CHECK(lines_of(open) ==
        Lines{yaml + ":3:25: warning: psk: others can read this file and the secrets in it; chmod o= it"});
  CHECK(open.ok());
  dir.write("p.yaml", with_psk("Vpp123"), 0640);
  CHECK(lines_of(config::load(yaml)) == Lines{});
}

TEST_CASE("secrets that are none are errors") {
  CHECK(check(with_psk("\"\"")) == Lines{"f:3:25: error: psk: the secret is empty"});
  CHECK(check(with_psk("{hex: \"\"}")) == Lines{"f:3:31: error: psk: the secret is empty"});
  CHECK(check(with_psk("{hex: abc}")) == Lines{"f:3:31: error: hex: expected pairs of hexadecimal digits"});
  CHECK(check(with_psk("{hex: [ab]}")) == Lines{"f:3:31: error: hex: expected a single value, found a list"});
  CHECK(check(with_psk("")) ==
        Lines{"f:3:20: error: psk: expected a text, {hex: ...} or {file: PATH}, found nothing"});
  CHECK(check(with_psk("{}")) == Lines{"f:3:25: error: psk: write a text, {hex: ...} or {file: PATH}"});
  CHECK(check(with_psk("{hex: ab, file: x}")) ==
        Lines{"f:3:25: error: psk: write a text, {hex: ...} or {file: PATH}"});
  CHECK(check("profiles: {p: {local: {auth: {}}, remote: {auth: {psk: a}}, children: {c: {}}}}") ==
        Lines{"f:1:24: error: auth: psk or signature is missing"});
}

TEST_CASE("a secret in the wrong place is not repeated") {
  for (const std::string& text :
       {std::string("profiles: {p: {local: {auth: SeCrEt}, remote: {auth: {psk: a}}, children: {c: {}}}}"),
        std::string("profiles: {p: {local: {auth: {SeCrEt}}, remote: {auth: {psk: a}}, children: {c: {}}}}"),
        with_psk("{SeCrEt}"), with_psk("{text: SeCrEt}"), with_psk("[SeCrEt]"), with_psk("{hex: SeCrEt}")}) {
    CAPTURE(text);
    const auto lines = check(text);
    CHECK_FALSE(lines.empty());
    for (const auto& line : lines) CHECK_THAT(line, !Catch::Matchers::ContainsSubstring("SeCrEt"));
  }
}
