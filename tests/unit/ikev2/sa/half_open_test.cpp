#include "ikev2/sa/half_open.h"

#include <catch2/catch_test_macros.hpp>

using namespace ikev2;

namespace {

base::IpAddress ip(const char* text) { return base::IpAddress::parse(text).value(); }

}  // namespace

TEST_CASE("B006: half-open SAs are counted exactly: in all, in octets and for each source") {
  HalfOpenTable table;
  table.add(1, ip("192.0.2.1"), 100);
  table.add(2, ip("192.0.2.1"), 50);
  table.add(3, ip("192.0.2.2"), 7);
  table.add(3, ip("192.0.2.9"), 9);  // the same SA is not counted again
  CHECK(table.count() == 3);
  CHECK(table.octets() == 157);
  CHECK(table.count_of(ip("192.0.2.1")) == 2);
  CHECK(table.count_of(ip("192.0.2.9")) == 0);
  table.remove(1);
  table.remove(1);
  table.remove(77);
  CHECK(table.count() == 2);
  CHECK(table.octets() == 57);
  CHECK(table.count_of(ip("192.0.2.1")) == 1);
  table.remove(2);
  table.remove(3);
  CHECK(table.count() == 0);
  CHECK(table.octets() == 0);
  CHECK(table.count_of(ip("192.0.2.1")) == 0);
}

TEST_CASE("B065: all addresses of one IPv6 /64 are one source, IPv4 addresses are one each") {
  HalfOpenTable table;
  table.add(1, ip("2001:db8::1"), 1);
  table.add(2, ip("2001:db8::ffff:1"), 1);
  table.add(3, ip("2001:db8:0:1::1"), 1);
  table.add(4, ip("192.0.2.1"), 1);
  CHECK(table.count_of(ip("2001:db8::5")) == 2);
  CHECK(table.count_of(ip("2001:db8:0:1::5")) == 1);
  CHECK(table.count_of(ip("192.0.2.2")) == 0);
}
