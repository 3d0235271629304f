// ikectl pki, in process, in a folder of its own.
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <sstream>

#include "apps/ctl/handlers.h"
#include "apps/ctl/pki_files.h"
#include "crypto/certificate.h"
#include "tests/unit/config/temporary_directory.h"
#include "tests/unit/control/schema.h"

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

Outcome ikectl(const std::vector<std::string>& args) {
  std::ostringstream out, err;
  ctl::Terminal terminal{out, err};
  const int status = ctl::run(args, terminal);
  return {status, out.str(), err.str()};
}

std::vector<crypto::CertificatePtr> certificates(const std::string& path) {
  return crypto::load_certificates(ctl::read_whole(path).value()).value();
}
unsigned mode_of(const std::string& path) {
  struct stat info = {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("ikectl pki key writes a key of each type that nobody else can read") {
  const config_test::TemporaryDirectory dir;
  const auto type = GENERATE(std::string("rsa-2048"), std::string("ecdsa-256"), std::string("ecdsa-384"),
                             std::string("ecdsa-521"), std::string("ed25519"), std::string("ed448"));
  const Outcome made = ikectl({"pki", "key", "--type", type, "--out", dir / "k"});
  INFO(made.err);
  REQUIRE(made.status == 0);
  CHECK(mode_of(dir / "k") == 0600);
  CHECK(ikectl({"pki", "show", dir / "k"}).out == "private key " + type + "\n");
  // A second time would overwrite it.
  CHECK(ikectl({"pki", "key", "--type", type, "--out", dir / "k"}).status == 1);
}

TEST_CASE("a CA, one below it and a certificate of that make a chain that holds") {
  const config_test::TemporaryDirectory dir;
  REQUIRE(ikectl({"pki", "ca", "--name", "O=Test,CN=Root", "--out", dir / "root"}).status == 0);
  REQUIRE(ikectl({"pki", "ca", "--name", "Middle", "--ca", dir / "root", "--path-length=0", "--out",
                  dir / "middle"})
              .status == 0);
  const Outcome made =
      ikectl({"pki", "cert", "--ca", dir / "middle", "--id", "fqdn:left.test", "--id", "192.0.2.1", "--id",
              "rfc822:a@left.test", "--type", "ed25519", "--out", dir / "left"});
  INFO(made.err);
  REQUIRE(made.status == 0);
  CHECK(mode_of(dir / "left.key") == 0600);
  CHECK(mode_of(dir / "left.pem") == 0644);
  const auto chain = certificates(dir / "left.pem");
  REQUIRE(chain.size() == 2);
  CHECK(chain[0]->subject() == "certificate CN=left.test");
  CHECK(chain[0]->contents().names->ip.size() == 1);
  CHECK(chain[1]->contents().path_length == 0U);
  const crypto::Trust trust{certificates(dir / "root.pem"), {}};
  const std::int64_t now = chain[0]->contents().not_before + 3600;
  CHECK(crypto::validate_chain(chain[0], {chain[1]}, trust, now).has_value());
  CHECK(ikectl({"pki", "show", dir / "left.pem"})
            .out.find("identities fqdn:left.test, rfc822:a@left.test, ip4-addr:192.0.2.1") !=
        std::string::npos);

  REQUIRE(ikectl({"pki", "crl", "--ca", dir / "middle", "--revoke", dir / "left.pem", "--out", dir / "crl"})
              .status == 0);
  const auto list = crypto::load_revocation_list(ctl::read_whole(dir / "crl").value()).value();
  CHECK(list->revokes(*chain[0]));
  CHECK_FALSE(list->revokes(*chain[1]));
  CHECK(ikectl({"pki", "show", dir / "crl"}).out.starts_with("CRL of CN=Middle\n"));

  const auto shown = [&](const std::string& file) {
    const Outcome o = ikectl({"--json", "pki", "show", dir / file});
    REQUIRE(o.status == 0);
    const auto object = nlohmann::json::parse(o.out);
    CHECK(schema::check_file(object, "docs/schema/pki-show.schema.json").empty());
    return object;
  };
  const auto two = shown("left.pem")["certificates"];
  REQUIRE(two.size() == 2);
  CHECK(two[0]["subject"] == "CN=left.test");
  CHECK(two[0]["identities"][2] == "ip4-addr:192.0.2.1");
  CHECK_FALSE(two[0]["ca"]);
  CHECK(two[1]["path_length"] == 0);
  CHECK(shown("crl")["crl"]["issuer"] == "CN=Middle");
  CHECK(shown("left.key")["private_key"] == "ed25519");
}

TEST_CASE("a self-signed certificate is no CA, and may use a key that is there already") {
  const config_test::TemporaryDirectory dir;
  REQUIRE(ikectl({"pki", "key", "--out", dir / "k"}).status == 0);
  REQUIRE(ikectl({"pki", "self-signed", "--id", "fqdn:a.test", "--key", dir / "k", "--days", "10", "--out",
                  dir / "a"})
              .status == 0);
  CHECK_FALSE(ctl::exists(dir / "a.key"));
  const auto own = certificates(dir / "a.pem").at(0);
  CHECK_FALSE(own->contents().is_ca);
  CHECK(own->signed_by(*own).has_value());
  CHECK(own->contents().not_after - own->contents().not_before == 10 * 86400 + 300);
  const Outcome wrong = ikectl({"pki", "cert", "--ca", dir / "a", "--id", "fqdn:b.test", "--out", dir / "b"});
  CHECK(wrong.status == 1);
}

TEST_CASE("what is missing or wrong is said in one line") {
  const config_test::TemporaryDirectory dir;
  const auto refused = [](const std::vector<std::string>& args, const std::string& words) {
    const Outcome outcome = ikectl(args);
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find(words) != std::string::npos);
  };
  refused({"pki", "key"}, "--out is missing");
  refused({"pki", "key", "--type", "dsa", "--out", dir / "k"}, "--type dsa is none of rsa-2048");
  refused({"pki", "ca", "--out", dir / "ca"}, "--name is missing");
  refused({"pki", "cert", "--id", "fqdn:a", "--out", dir / "a"}, "--ca is missing");
  refused({"pki", "cert", "--ca", dir / "nowhere", "--id", "fqdn:a", "--out", dir / "a"}, "No such file");
  refused({"pki", "self-signed", "--out", dir / "a"}, "--id is missing");
  refused({"pki", "self-signed", "--id", "key-id:0x01", "--out", dir / "a"},
          "cannot hold this kind of identity");
  refused({"pki", "self-signed", "--id", "nonsense", "--out", dir / "a"}, "is no identity");
  refused({"pki", "self-signed", "--id", "fqdn:a", "--days", "x", "--out", dir / "a"},
          "--days takes a number");
  refused({"pki", "show", dir / "nowhere"}, "No such file");
  CHECK(ikectl({"pki", "show"}).status == 2);
  CHECK(ikectl({"pki", "key", "--out"}).status == 2);
  CHECK(ikectl({"pki", "key", "--bogus", "x"}).status == 2);
  CHECK(ikectl({"pki"}).err.find("is not complete: pki key") != std::string::npos);
}
