// What holds for manual SAs and policies wherever they come from: the file, or the control socket.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/manual.h"

namespace config {

// Fills in the algorithms by any of their names; empty: none. Errors name the word.
base::Status set_algorithms(ManualSa& sa, std::string_view encr, std::string_view integ);

// Whether the SA can be. `warnings` gets what can be and should not: reserved SPIs, weak algorithms, no
// replay protection.
base::Status check_sa(const ManualSa& sa, std::vector<std::string>& warnings);
base::Status check_policy(const ManualPolicy& policy);

// Whether the cipher is lost where one number is used twice under one key (counter mode: RFC 3686 7, RFC 4106
// 8, RFC 7634 2).
bool counts(const crypto::CipherSpec& spec);
// What an SA of ESP or AH computes: AH encrypts nothing, and ESP without an integrity algorithm is said to
// be.
crypto::CipherSpec cipher_of(const ManualSa& sa);
// Packets; 0 where nothing authenticates the numbers (RFC 4303 3.4.3).
std::uint32_t replay_window_of(const ManualSa& sa);

// What eroutes do by a magic name (ipsec_eroute(5)).
spd::Action magic_action(const base::Said& said);

// "sa 10", or "esp0x3e8@192.168.100.2" where there is no id.
std::string name_of(const ManualSa& sa);
base::Said said_of(const ManualSa& sa);

}  // namespace config
