#include "control/listing/text.h"

#include <catch2/catch_test_macros.hpp>

using namespace control::listing;

TEST_CASE("Bytes print with at most four digits") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(1023) == "1023 B");
  CHECK(human_bytes(1024) == "1.0 KiB");
  CHECK(human_bytes(1024 * 1024 - 1) == "1.0 MiB");
  CHECK(human_bytes(150 * 1024) == "150 KiB");
  CHECK(human_bytes(~0ull) == "16.0 EiB");
}

TEST_CASE("Durations print in the two units that matter") {
  CHECK(human_duration(-5) == "0s");
  CHECK(human_duration(59) == "59s");
  CHECK(human_duration(3599) == "59m59s");
  CHECK(human_duration(80000) == "22h13m");
  CHECK(human_duration(90000) == "1d1h");
}

TEST_CASE("Selectors are taken apart, whatever restricts them") {
  SelectorText ts = parse_selector("192.0.2.7/32|50");
  CHECK(ts.protocol == 50);
  CHECK(ts.first == "192.0.2.7");
  CHECK(ts.last == "192.0.2.7");
  ts = parse_selector("192.0.2.7|tcp/opaque");
  CHECK(ts.first == ts.last);
  CHECK((ts.first_port == 65535 && ts.last_port == 0));
  ts = parse_selector("0.0.0.0/0");
  CHECK((ts.first == "0.0.0.0" && ts.last == "255.255.255.255" && ts.type == 7));
  ts = parse_selector("::/0|udp/53");
  CHECK((ts.type == 8 && ts.protocol == 17 && ts.first_port == 53 && ts.last_port == 53));
  CHECK(parse_selector("").first.empty());
}

TEST_CASE("Identities split at their type") {
  CHECK(split_identity("key-id:0xabcd").type == "key-id");
  CHECK(split_identity("key-id:0xabcd").data == "0xabcd");
  CHECK(split_identity("ip6-addr:2001:db8::1").data == "2001:db8::1");
  CHECK(split_identity("2001:db8::1").type == "ip6-addr");
  CHECK(split_identity("192.0.2.1").type == "ip4-addr");
}

TEST_CASE("Algorithms have VPP's names in VPP's listings") {
  CHECK(vpp_crypto_name("aes-gcm-16-128") == "aes-gcm-128");
  CHECK(vpp_crypto_name("aes-gcm-8-128") == "aes-gcm-8-128");
  CHECK(vpp_crypto_name("null") == "none");
  CHECK(vpp_crypto_name("3des") == "3des-cbc");
  CHECK(vpp_crypto_name("aes-cbc-256") == "aes-cbc-256");
  CHECK(vpp_integ_name("hmac-sha2-256-128") == "sha-256-128");
  CHECK(vpp_integ_name(std::nullopt) == "none");
  CHECK(vpp_ike_name("aes-cmac-96") == "cmac-96");
}
