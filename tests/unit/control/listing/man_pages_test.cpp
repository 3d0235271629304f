// The man pages of the listings explain every field that is printed.
#include <catch2/catch_test_macros.hpp>
#include <regex>

#include "control/listing/ikev2_sa.h"
#include "control/listing/ipsec_sa.h"
#include "control/listing/klips.h"
#include "tests/unit/control/sample.h"
#include "tests/unit/control/schema.h"

using namespace control::listing;

namespace {

// A page as it reads: without the marks of roff.
std::string page(const std::string& name) {
  std::string text = schema::repository_file("docs/man/" + name);
  for (const char* mark : {"\\fI", "\\fB", "\\fP", "\\fR", "\\"}) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at))
      text.erase(at, std::string_view(mark).size());
  }
  return text;
}

// The names of fields, by what stands behind each.
std::vector<std::string> fields(const std::string& listing, const char* pattern) {
  const std::regex field(pattern);
  std::vector<std::string> out;
  for (std::sregex_iterator at(listing.begin(), listing.end(), field), end; at != end; ++at)
    out.push_back((*at)[1]);
  return out;
}

// An SA with something to say in every field.
control::ManualSaView full_sa(const char* protocol) {
  control::ManualSaView sa;
  sa.protocol = protocol;
  sa.spi = 0x1000;
  sa.inbound = true;
  sa.source = "192.0.2.1";
  sa.destination = "192.0.2.2";
  sa.encr = "aes-cbc-128";
  sa.integ = "sha1-96";
  sa.encr_bits = 128;
  sa.integ_bits = 160;
  sa.replay_window = 64;
  sa.sequence = sa.replay_bits = sa.plain = sa.compressed = 7;
  control::visit_errors(sa.errors, [](const char*, std::uint64_t& count) { count = 7; });
  sa.allocations = sa.bytes_life = sa.addtime = sa.usetime = sa.packets_life = {7, 8, 9};
  sa.idle_s = 3;
  sa.udp_encap = true;
  sa.keys = {"11", "22"};
  return sa;
}

}  // namespace

TEST_CASE("ikev2d-spi(5) explains each field of ikectl spi") {
  KlipsTables tables;
  tables.sas = {full_sa("esp"), full_sa("tun")};
  control::ManualPolicyView policy;
  policy.direction = "inbound";
  policy.said = "tun0x1000@192.0.2.2";
  tables.eroutes = {policy};
  tables.identities.resize(1);
  const std::string man = page("ikev2d-spi.5");
  for (const KlipsFormat format : {KlipsFormat::proc, KlipsFormat::man}) {
    const auto names = fields(spi_lines(tables, format), R"(([a-z_]+)[=(])");
    CHECK(names.size() > 30);
    for (const std::string& name : names) {
      INFO(name);
      CHECK(man.find(name) != std::string::npos);
    }
  }
}

TEST_CASE("ikev2d-vpp(5) explains each field of show ikev2 sa and show ipsec sa") {
  const std::string man = page("ikev2d-vpp.5");
  std::string listing = ikev2_sa(sample::full(), {true, {}, false, false});
  for (const IpsecSa& sa : ipsec_sas(sample::full(), {})) listing += ipsec_sa_detail(sa, false);
  const auto names = fields(listing, R"((?:^|\n| )([A-Za-z][A-Za-z\-]+:))");
  CHECK(names.size() > 20);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(man.find(name) != std::string::npos);
  }
}
