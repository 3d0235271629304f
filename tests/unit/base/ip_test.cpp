#include "base/ip.h"

#include <catch2/catch_test_macros.hpp>

using namespace base;

namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
AddressRange range(const char* first, const char* last) { return {ip(first), ip(last)}; }

std::vector<std::string> prefixes(const char* first, const char* last) {
  std::vector<std::string> texts;
  for (const Prefix& prefix : to_prefixes(range(first, last))) texts.push_back(prefix.text());
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("addresses are read and written as text and as octets") {
  CHECK(ip("192.0.2.1").text() == "192.0.2.1");
  CHECK(ip("192.0.2.1").bytes() == Bytes{192, 0, 2, 1});
  CHECK(ip("2001:DB8:0::1").text() == "2001:db8::1");
  CHECK(IpAddress::from_bytes(ip("2001:db8::1").bytes()) == ip("2001:db8::1"));
  CHECK(IpAddress().text() == "%any");
  CHECK(Endpoint{ip("192.0.2.1"), 500}.text() == "192.0.2.1:500");
  CHECK(Endpoint{ip("2001:db8::1"), 4500}.text() == "[2001:db8::1]:4500");
}

TEST_CASE("what is no address is none") {
  for (const char* text : {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", "0x7f.1", "2001:db8::1%eth0",
                           ":::", "localhost", "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::parse(text).has_value());
  }
  CHECK_FALSE(IpAddress::parse(std::string_view("192.0.2.1\0x", 11)).has_value());
  CHECK_FALSE(IpAddress::from_bytes(Bytes(5)).is_set());
}

TEST_CASE("an IPv4 address never equals or orders into a range of IPv6") {
  CHECK(ip("0.0.0.1") != ip("::1"));
  CHECK_FALSE(AddressRange::all(IpFamily::v6).contains(ip("192.0.2.1")));
  CHECK_FALSE(AddressRange::all(IpFamily::v4).contains(ip("::1")));
  CHECK(AddressRange::all(IpFamily::v4).contains(ip("255.255.255.255")));
}

TEST_CASE("a prefix is a network and its length, or one address") {
  CHECK(Prefix::parse("192.0.2.0/24")->text() == "192.0.2.0/24");
  CHECK(Prefix::parse("192.0.2.1")->text() == "192.0.2.1/32");
  CHECK(Prefix::parse("2001:db8::/32")->range() ==
        range("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"));
  CHECK(Prefix::parse("2001:db8::/64")->range() == range("2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"));
  CHECK(Prefix::parse("0.0.0.0/0")->range() == AddressRange::all(IpFamily::v4));
  CHECK(Prefix::parse("::/0")->range() == AddressRange::all(IpFamily::v6));
  CHECK(Prefix::parse("192.0.2.0/24")->contains(ip("192.0.2.255")));
  CHECK_FALSE(Prefix::parse("192.0.2.0/24")->contains(ip("192.0.3.0")));
}

TEST_CASE("a prefix with host bits, a wrong length or more behind it is refused") {
  for (const char* text : {"192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/24x",
                           "2001:db8::1/64", "::/129", "/24", "name/24"}) {
    CAPTURE(text);
    CHECK_FALSE(Prefix::parse(text).has_value());
  }
}

TEST_CASE("a range that is a prefix is found to be one, and another is not") {
  CHECK(as_prefix(range("192.0.2.0", "192.0.2.255"))->text() == "192.0.2.0/24");
  CHECK(as_prefix(range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))->text() == "::/0");
  CHECK(as_prefix(range("192.0.2.7", "192.0.2.7"))->text() == "192.0.2.7/32");
  CHECK_FALSE(as_prefix(range("192.0.2.1", "192.0.2.255")).has_value());
  CHECK_FALSE(as_prefix(range("192.0.2.2", "192.0.2.1")).has_value());
  CHECK_FALSE(as_prefix(range("192.0.2.1", "2001:db8::1")).has_value());
}

TEST_CASE("a range falls into the fewest prefixes, in order, and never runs past the last address") {
  CHECK(prefixes("192.0.2.1", "192.0.2.6") ==
        Texts{"192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"});
  CHECK(prefixes("0.0.0.0", "255.255.255.255") == Texts{"0.0.0.0/0"});
  CHECK(prefixes("255.255.255.254", "255.255.255.255") == Texts{"255.255.255.254/31"});
  CHECK(prefixes("2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::") ==
        Texts{"2001:db8::ffff:ffff:ffff:ffff/128", "2001:db8:0:1::/128"});
  CHECK(prefixes("192.0.2.2", "192.0.2.1").empty());
  CHECK(prefixes("192.0.2.2", "::1").empty());
}

TEST_CASE("a prefix of an address has its host bits at zero") {
  const auto of = [](const char* text, int length) {
    return base::prefix_of(base::IpAddress::parse(text).value(), length).text();
  };
  CHECK(of("192.0.2.77", 32) == "192.0.2.77/32");
  CHECK(of("192.0.2.77", 24) == "192.0.2.0/24");
  CHECK(of("192.0.2.77", 0) == "0.0.0.0/0");
  CHECK(of("2001:db8::ffff:1", 128) == "2001:db8::ffff:1/128");
  CHECK(of("2001:db8::ffff:1", 112) == "2001:db8::ffff:0/112");
  CHECK(of("2001:db8::ffff:1", 32) == "2001:db8::/32");
  CHECK(of("2001:db8::ffff:1", 0) == "::/0");
}
