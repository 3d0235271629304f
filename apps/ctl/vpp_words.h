// VPP's commands as requests to the daemon. Words may stand in any order behind their command, as VPP takes
// them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace ctl {

struct VppRequest {
  std::string command;
  nlohmann::json args;
};

// Each takes the words behind its command. The error says which word is missing or not understood.
base::Result<VppRequest> ikev2_profile_request(const std::vector<std::string>& words);
base::Result<VppRequest> ikev2_liveness_request(const std::vector<std::string>& words);
base::Result<VppRequest> ipsec_spd_request(const std::vector<std::string>& words);
base::Result<VppRequest> ipsec_sa_request(const std::vector<std::string>& words);
base::Result<VppRequest> ipsec_policy_request(const std::vector<std::string>& words);
base::Result<VppRequest> interface_spd_request(const std::vector<std::string>& words);
base::Result<VppRequest> set_ipsec_sa_request(const std::vector<std::string>& words);

}  // namespace ctl
