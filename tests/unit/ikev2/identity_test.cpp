#include "ikev2/identity.h"

#include <catch2/catch_test_macros.hpp>

#include "ikev2/config.h"
#include "tests/unit/ikev2/octets.h"

using namespace ikev2;
using test::hex;

namespace {

Identity id(std::string_view text) { return Identity::parse(text).value(); }
IdentityPattern pattern(std::string_view text) { return IdentityPattern::parse(text).value(); }
Identity fqdn(std::string_view name) { return {IdType::fqdn, base::to_bytes(base::as_bytes(name))}; }

std::string why(std::string_view text) {
  const auto result = Identity::parse(text);
  REQUIRE(result.has_error());
  return result.error().reason;
}
bool says(const std::string& reason, std::string_view words) {
  INFO(reason);
  CHECK(reason.find(words) != std::string::npos);
  return reason.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("Identities are read from text, and their text is what was read (RFC 7296 3.5)") {
  for (const char* text : {"fqdn:vpp.home", "rfc822:a@b.example", "ip4-addr:192.0.2.1",
                           "ip6-addr:2001:db8::1", "key-id:0x00ff10", "der-asn1-dn:O=Ex,CN=a"}) {
    CHECK(id(text).text() == text);
  }
  CHECK(id("fqdn:vpp.home") == fqdn("vpp.home"));
  CHECK(id("key-id:0x00ff10") == Identity{IdType::key_id, hex("00ff10")});
  CHECK(id("ip4-addr:192.0.2.1") == Identity{IdType::ipv4, hex("c0000201")});
}

TEST_CASE("A bare address is an address identity (RFC 7296 3.5)") {
  CHECK(id("192.0.2.1").text() == "ip4-addr:192.0.2.1");
  CHECK(id("2001:db8::1").text() == "ip6-addr:2001:db8::1");
  CHECK(Identity::of(base::IpAddress::v4(0xc0000201)) == id("192.0.2.1"));
}

TEST_CASE("The error says what is wrong with an identity") {
  CHECK(says(why("vpp.home"), "'vpp.home' is no identity"));
  CHECK(says(why("fqnd:vpp.home"), "is no identity"));
  CHECK(says(why("fqdn"), "is no identity"));
  CHECK(says(why(""), "is no identity"));
  CHECK(says(why("fqdn:"), "is empty"));
  CHECK(says(why("fqdn:a b"), "character"));
  CHECK(says(why("fqdn:*.example.com"), "wildcard"));
  CHECK(says(why("fqdn:" + std::string(256, 'a')), "longer than 255"));
  CHECK(says(why("rfc822:nobody"), "no mail address"));
  CHECK(says(why("rfc822:@b"), "no mail address"));
  CHECK(says(why("ip4-addr:2001:db8::1"), "no IPv4 address"));
  CHECK(says(why("ip6-addr:192.0.2.1"), "no IPv6 address"));
  CHECK(says(why("ip4-addr:300.0.0.1"), "no IPv4 address"));
  CHECK(says(why("key-id:abcd"), "needs 0x"));
  CHECK(says(why("key-id:0xabc"), "even number"));
  CHECK(says(why("key-id:0x"), "needs 0x"));
  CHECK(says(why("der-asn1-dn:left"), "no part of a distinguished name"));
  CHECK(says(why("der-asn1-dn:0x300101"), "not the DER of a name"));
}

TEST_CASE("B069: The text of an identity from the network escapes what is not printable, and is capped") {
  CHECK(fqdn(std::string_view("a\0\n\x1b[31m\\\xff", 10)).text() == "fqdn:a\\x00\\x0a\\x1b[31m\\x5c\\xff");
  const std::string longest = fqdn(std::string(60000, '\n')).text();
  CHECK(longest.size() == 256);
  CHECK(longest.ends_with("..."));
  CHECK((Identity{IdType::key_id, base::Bytes(60000, 1)}).text().size() == 256);
  CHECK((Identity{IdType::ipv4, hex("0102")}).text() == "ip4-addr:0x0102");
  CHECK((Identity{IdType::null, {}}).text() == "null");
  CHECK((Identity{static_cast<IdType>(200), hex("01")}).text() == "id-type-200:0x01");
}

TEST_CASE("An exact pattern matches its identity alone, names without letter case") {
  CHECK(pattern("fqdn:VPP.home").matches(fqdn("vpp.HOME")));
  CHECK_FALSE(pattern("fqdn:vpp.home").matches(fqdn("vpp.home.example")));
  CHECK_FALSE(pattern("fqdn:vpp.home").matches(fqdn(std::string_view("vpp.home\0", 9))));
  CHECK_FALSE(pattern("fqdn:a@b").matches(id("rfc822:a@b")));
  CHECK(pattern("rfc822:a@b").matches(id("rfc822:A@B")));
  CHECK(pattern("192.0.2.1").matches(id("192.0.2.1")));
  CHECK_FALSE(pattern("192.0.2.1").matches(id("192.0.2.2")));
  CHECK_FALSE(pattern("key-id:0x61").matches(id("key-id:0x41")));
  CHECK(pattern("fqdn:vpp.home").is_exact());
  CHECK_FALSE(pattern("fqdn:vpp.home").is_any());
}

TEST_CASE("%any matches every identity") {
  CHECK(pattern("%any").is_any());
  CHECK_FALSE(pattern("%any").is_exact());
  CHECK(pattern("%any").matches(fqdn("x")));
  CHECK(pattern("%any").matches(id("key-id:0x00")));
  CHECK(pattern("%any").text() == "%any");
}

TEST_CASE("A wildcard stands for one or more leading labels of a host name") {
  const IdentityPattern p = pattern("fqdn:*.example.com");
  CHECK_FALSE(p.is_exact());
  CHECK_FALSE(p.is_any());
  CHECK(p.text() == "fqdn:*.example.com");
  CHECK(p.matches(fqdn("a.example.com")));
  CHECK(p.matches(fqdn("a.b.EXAMPLE.com")));
  CHECK_FALSE(p.matches(fqdn("example.com")));
  CHECK_FALSE(p.matches(fqdn(".example.com")));
  CHECK_FALSE(p.matches(fqdn("badexample.com")));
  CHECK_FALSE(p.matches(fqdn("a..example.com")));
  CHECK_FALSE(p.matches(fqdn("a.example.com.")));
  CHECK_FALSE(p.matches(fqdn("a.example.com.evil")));
  CHECK_FALSE(p.matches(fqdn("*.example.com")));
  CHECK_FALSE(p.matches(fqdn(std::string_view("a\0.example.com", 14))));
  CHECK_FALSE(p.matches(fqdn("a b.example.com")));
  CHECK_FALSE(p.matches(Identity{IdType::rfc822, fqdn("a.example.com").data}));
}

TEST_CASE("Mailboxes of a domain, networks and distinguished names have wildcards, too") {
  const IdentityPattern mail = pattern("rfc822:*@example.com");
  CHECK(mail.matches(id("rfc822:Joe@EXAMPLE.com")));
  CHECK_FALSE(mail.matches(id("rfc822:joe@a.example.com")));
  CHECK_FALSE(mail.matches(Identity{IdType::rfc822, fqdn("a@b@example.com").data}));
  CHECK_FALSE(mail.matches(Identity{IdType::rfc822, fqdn("@example.com").data}));
  CHECK(mail.text() == "rfc822:*@example.com");
  const IdentityPattern net = pattern("ip4-addr:192.0.2.0/24");
  CHECK(net.matches(id("192.0.2.77")));
  CHECK_FALSE(net.matches(id("192.0.3.1")));
  CHECK_FALSE(net.matches(id("2001:db8::1")));
  CHECK_FALSE(net.matches(Identity{IdType::ipv4, hex("c00002")}));
  CHECK(net.text() == "ip4-addr:192.0.2.0/24");
  CHECK(pattern("ip6-addr:2001:db8::/32").matches(id("2001:db8::1")));
  CHECK(pattern("ip4-addr:0.0.0.0/0").matches(id("192.0.2.1")));
  const IdentityPattern name = pattern("der-asn1-dn:O=Example,CN=*");
  CHECK(name.matches(id("der-asn1-dn:O=EXAMPLE,CN=left")));
  CHECK_FALSE(name.matches(id("der-asn1-dn:O=Other,CN=left")));
  CHECK_FALSE(name.is_exact());
  CHECK(pattern("der-asn1-dn:O=Example,CN=Left").matches(id("der-asn1-dn:O=example,CN=left")));
  CHECK(pattern("fqdn:a").closeness() > mail.closeness());
  CHECK(mail.closeness() > pattern("%any").closeness());
}

TEST_CASE("A wildcard anywhere else is refused") {
  for (const char* text : {"fqdn:*", "fqdn:*.", "fqdn:a.*.com", "fqdn:*.*.com", "fqdn:*example.com",
                           "rfc822:a@*", "rfc822:*", "*.example.com", "%anyone", "ip4-addr:*",
                           "ip4-addr:10.0.0.1/8", "ip4-addr:2001:db8::/32", "key-id:*"}) {
    CAPTURE(text);
    CHECK(IdentityPattern::parse(text).has_error());
  }
}

TEST_CASE("Patterns compare by what they admit") {
  CHECK(pattern("fqdn:*.a.b") == pattern("fqdn:*.a.b"));
  CHECK_FALSE(pattern("fqdn:*.a.b") == pattern("%any"));
  CHECK(pattern("fqdn:a") == IdentityPattern(fqdn("a")));
}

TEST_CASE("A child of a peer is found by name") {
  PeerConfig peer;
  peer.children.resize(2);
  peer.children[0].name = "net";
  peer.children[1].name = "dmz";
  CHECK(peer.find_child("dmz") == &peer.children[1]);
  CHECK(peer.find_child("lan") == nullptr);
  PeerConfig same = peer;
  CHECK(same == peer);
  same.children[1].replay_window = 0;
  CHECK_FALSE(same == peer);
}
