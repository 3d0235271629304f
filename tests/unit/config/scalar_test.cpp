#include "config/scalar.h"

#include <catch2/catch_test_macros.hpp>

using namespace config;
using namespace std::chrono_literals;

TEST_CASE("durations are numbers with units, and digits alone are seconds") {
  CHECK(*parse_duration("90s") == 90s);
  CHECK(*parse_duration("15m") == 15min);
  CHECK(*parse_duration("15min") == 15min);
  CHECK(*parse_duration("24h") == 24h);
  CHECK(*parse_duration("7d") == 168h);
  CHECK(*parse_duration("500ms") == 500ms);
  CHECK(*parse_duration("1h30m") == 90min);
  CHECK(*parse_duration("3600") == 1h);
  CHECK(*parse_duration("0") == 0s);
  CHECK(*parse_duration("3650d") == 3650 * 24h);
}

TEST_CASE("what is no duration is refused") {
  for (const char* text : {"", "s", "h1", "-5s", "1.5h", "5 s", "5w", "5s5h", "5s5s", "1h30", "5S", "+5s",
                           "99999999999999999999s", "3651d", "10y", "99999999999h", "18446744073709551615"}) {
    CAPTURE(text);
    CHECK(parse_duration(text).has_error());
  }
  CHECK(parse_positive_duration("0s").has_error());
  CHECK(parse_positive_duration("1ms").has_value());
}

TEST_CASE("sizes are octets with units of 1000 and of 1024") {
  CHECK(*parse_size("4096") == 4096);
  CHECK(*parse_size("1B") == 1);
  CHECK(*parse_size("2kB") == 2000);
  CHECK(*parse_size("500MB") == 500'000'000);
  CHECK(*parse_size("1GB") == 1'000'000'000);
  CHECK(*parse_size("1TB") == 1'000'000'000'000);
  CHECK(*parse_size("1KiB") == 1024);
  CHECK(*parse_size("1MiB") == 1048576);
  CHECK(*parse_size("10GiB") == 10737418240);
  CHECK(*parse_size("16777215TiB") == 16777215ull << 40);
  for (const char* text : {"", "GiB", "-1", "1.5GiB", "10 GiB", "10gib", "16777216TiB", "1PB"}) {
    CAPTURE(text);
    CHECK(parse_size(text).has_error());
  }
}

TEST_CASE("numbers are decimal or hexadecimal and keep their bounds") {
  CHECK(*parse_number("7362", 1, 10000) == 7362);
  CHECK(*parse_number("0x1ce2", 0, 0xffff) == 0x1ce2);
  CHECK(parse_number("0", 1, 10).has_error());
  CHECK(parse_number("11", 1, 10).has_error());
  CHECK(parse_number("0x", 0, 10).has_error());
  CHECK(parse_number("-1", 0, 10).has_error());
  CHECK(parse_number("1a", 0, 10).has_error());
  CHECK(parse_number("18446744073709551616", 0, ~0ull).has_error());
  CHECK(*parse_port("65535") == 65535);
  CHECK(parse_port("0").has_error());
  CHECK(parse_port("65536").error().reason == "\"65536\" is no number from 1 to 65535");
}

TEST_CASE("truth values and file modes") {
  CHECK(*parse_bool("true"));
  CHECK(*parse_bool("yes"));
  CHECK_FALSE(*parse_bool("off"));
  CHECK(parse_bool("1").has_error());
  CHECK(*parse_mode("0660") == 0660);
  CHECK(*parse_mode("600") == 0600);
  CHECK(parse_mode("0888").has_error());
  CHECK(parse_mode("1777").has_error());
  CHECK(parse_mode("").has_error());
}

TEST_CASE("an address is that of one host") {
  CHECK(parse_address("192.0.2.1", false)->text() == "192.0.2.1");
  CHECK(parse_address("2001:db8::1", false)->text() == "2001:db8::1");
  CHECK(parse_address("0.0.0.0", true)->is_unspecified());
  for (const char* text : {"0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "192.0.2", "x", "",
                           "192.0.2.1/32", "fe80::1%eth0"}) {
    CAPTURE(text);
    CHECK(parse_address(text, false).has_error());
  }
}

TEST_CASE("a remote address is an address, a prefix, a host name or any") {
  using namespace ikev2;
  CHECK(std::get<base::IpAddress>(*parse_remote_address("192.0.2.1")).text() == "192.0.2.1");
  CHECK(std::get<base::Prefix>(*parse_remote_address("192.0.2.0/24")).text() == "192.0.2.0/24");
  CHECK(std::get<base::Prefix>(*parse_remote_address("2001:db8::/32")).text() == "2001:db8::/32");
  CHECK(std::get<HostName>(*parse_remote_address("vpn.example.com")).name == "vpn.example.com");
  CHECK(std::get<HostName>(*parse_remote_address("localhost")).name == "localhost");
  CHECK(std::get<HostName>(*parse_remote_address("3com.example.")).name == "3com.example.");
  CHECK(std::holds_alternative<AnyPeer>(*parse_remote_address("any")));
  CHECK(std::holds_alternative<AnyPeer>(*parse_remote_address("%any")));
  CHECK(parse_remote_address("192.0.2.1/24").error().reason ==
        "\"192.0.2.1/24\" has bits set behind the prefix length");
  for (const char* text : {"", ".", "a..b", "-a.example", "a-.example", "192.0.2.300", "10.1", "192.0.2.0/33",
                           "192.0.2.0/", "/24", "a b", "host/24", "224.0.0.1"}) {
    CAPTURE(text);
    CHECK(parse_remote_address(text).has_error());
  }
  CHECK(parse_remote_address(std::string(64, 'a')).has_error());
}

TEST_CASE("names of interfaces, profiles and children") {
  CHECK(*parse_interface("ipsec0") == "ipsec0");
  CHECK(*parse_interface("eth0.100") == "eth0.100");
  for (const char* text : {"", ".", "..", "a/b", "a b", "ipsec%d", "a:1", "sixteen-letters-"}) {
    CAPTURE(text);
    CHECK(parse_interface(text).has_error());
  }
  CHECK(is_name("pr1"));
  CHECK(is_name("A_b-c.9"));
  CHECK_FALSE(is_name(""));
  CHECK_FALSE(is_name("a b"));
  CHECK_FALSE(is_name("a/b"));
  CHECK_FALSE(is_name("\xc3\xa4"));
  CHECK_FALSE(is_name(std::string(65, 'a')));
}
