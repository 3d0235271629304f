#include <catch2/catch_test_macros.hpp>

#include "config/algorithm_names.h"
#include "control/listing/text.h"
#include "crypto/algorithms.h"

TEST_CASE("the names that listings in VPP's form print are names of the same algorithm in a proposal") {
  for (const auto& row : crypto::all_encr()) {
    if (row.id == crypto::Encr::none || row.id == crypto::Encr::null) continue;  // NULL is "none" there
    for (const std::uint16_t bits : row.key_bits) {
      if (bits == 0 && row.takes_key_length()) continue;
      const std::string name = crypto::name(row.id, bits);
      const auto found = config::find_algorithm(control::listing::vpp_crypto_name(name));
      REQUIRE(found);
      CHECK(found->name == name);
    }
  }
  for (const auto& row : crypto::all_integ()) {
    if (row.id == crypto::Integ::none) continue;
    const std::string name(row.name);
    for (const auto& printed :
         {control::listing::vpp_integ_name(name), control::listing::vpp_ike_name(name)}) {
      const auto found = config::find_algorithm(printed);
      REQUIRE(found);
      CHECK(found->name == name);
    }
  }
}
