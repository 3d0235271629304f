// What the tests of the configuration share.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "config/model.h"

namespace config_test {

using Lines = std::vector<std::string>;

// Every diagnostic of a text, as --check prints it; the file is called f.
inline Lines lines_of(const config::LoadResult& result) {
  Lines out;
  for (const auto& d : result.diagnostics) out.push_back(d.text());
  return out;
}
inline Lines check(const std::string& text) { return lines_of(config::load_text(text, "f")); }

// A profile pr1 that is complete but for `more`, lines that are indented by four, from line 7 on.
inline std::string profile_with(const std::string& more) {
  return "profiles:\n"                                         // 1
         "  pr1:\n"                                            // 2
         "    local: {auth: {psk: a}}\n"                       // 3
         "    remote: {address: 192.0.2.2, auth: {psk: b}}\n"  // 4
         "    children:\n"                                     // 5
         "      net: {}\n" +                                   // 6
         more;
}
// The same with lines of the child `net`, indented by eight, from line 7 on.
inline std::string child_with(const std::string& more) {
  return "profiles:\n"
         "  pr1:\n"
         "    local: {auth: {psk: a}}\n"
         "    remote: {address: 192.0.2.2, auth: {psk: b}}\n"
         "    children:\n"
         "      net:\n" +
         more;
}

// The only profile of a text without errors.
inline ikev2::PeerConfig only_profile(const std::string& text) {
  const auto result = config::load_text(text, "f");
  CAPTURE(lines_of(result));
  REQUIRE(result.ok());
  REQUIRE(result.config.peers.size() == 1);
  return *result.config.peers[0];
}

}  // namespace config_test
