#include <catch2/catch_test_macros.hpp>

#include "base/said.h"

using base::Said;
using base::SaidForm;

namespace {

Said said(std::uint8_t protocol, std::uint32_t spi, const char* address) {
  return {protocol, base::Spi(spi), *base::IpAddress::parse(address)};
}

}  // namespace

TEST_CASE("The name of an SA is written in both forms of KLIPS") {
  const Said v4 = said(50, 0x9a35fc02, "192.0.2.1"), v6 = said(50, 0x9a35fc02, "3049:1::1");
  CHECK(said_text(v4, SaidForm::hex) == "esp0x9a35fc02@192.0.2.1");
  CHECK(said_text(v4, SaidForm::family) == "esp.9a35fc02@192.0.2.1");
  CHECK(said_text(v6, SaidForm::hex) == "esp0x9a35fc02@3049:1::1");
  CHECK(said_text(v6, SaidForm::family) == "esp:9a35fc02@3049:1::1");
  CHECK(said_text(said(4, 0x12a, "192.168.43.1"), SaidForm::hex) == "tun0x12a@192.168.43.1");
  CHECK(said_text(said(99, 0x12a, "192.168.43.1"), SaidForm::hex) == "unk990x12a@192.168.43.1");
}

TEST_CASE("Every form of an SA's name is read, and gives the same SA") {
  for (const char* text : {"ah.187a101a@192.168.2.110", "ah0x187a101a@192.168.2.110",
                           "ah.0x187a101a@192.168.2.110", "ah0x0187a101a@192.168.2.110"}) {
    CAPTURE(text);
    const auto read = base::parse_said(text);
    REQUIRE(read.has_value());
    CHECK(*read == said(51, 0x187a101a, "192.168.2.110"));
  }
  CHECK(*base::parse_said("comp:3d0@3049:1::2") == said(108, 0x3d0, "3049:1::2"));
}

TEST_CASE("Magic names have no address") {
  for (const char* text : {"%pass", "%drop", "%reject", "%hold", "%trap"}) {
    const auto read = base::parse_said(text);
    REQUIRE(read.has_value());
    CHECK(read->magic());
    CHECK(said_text(*read, SaidForm::hex) == text);
    CHECK(said_text(*read, SaidForm::family) == text);
  }
  CHECK(*base::parse_said("%passthrough4") == *base::parse_said("%pass"));
  CHECK(said_text({Said::kMagic, base::Spi(999), {}}, SaidForm::hex) == "%unk-999");
}

TEST_CASE("What is no name of an SA is refused") {
  for (const char* text :
       {"", "%", "%no", "esp", "esp@192.0.2.1", "esp.@192.0.2.1", "esp.12g@192.0.2.1", "esp12@192.0.2.1",
        "esp.100000000@192.0.2.1", "esp.100@", "esp.100@host", "udp.100@192.0.2.1", "int.100@192.0.2.1",
        "esp.-1@192.0.2.1", "esp.100@192.0.2.1 ", "esp.100@2001:db8::1", "esp:100@192.0.2.1"}) {
    CAPTURE(text);
    CHECK(base::parse_said(text).has_error());
  }
}
