// Keys in the words of Wireshark's tables, which lie as files in its profile's folder: esp_sa and
// ikev2_decryption_table. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/model.h"

namespace ctl {

// A line for each SA that has keys in `status`, none for AH; with the words of Wireshark 4.0. SAs whose
// algorithms it does not know are left out.
std::vector<std::string> esp_sa_lines(const control::StatusView& status);
std::vector<std::string> ikev2_lines(const control::StatusView& status);

}  // namespace ctl
