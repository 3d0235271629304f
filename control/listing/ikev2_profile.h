// `show ikev2 profile`, in the form of current VPP and in that of VPP's wiki page.
#pragma once

#include <string>
#include <vector>

#include "control/profile_config.h"

namespace control::listing {

// current: as VPP prints it now. wiki: as version 17.04 did, up to the traffic selectors.
enum class VppForm : std::uint8_t { current, wiki };

// Secrets that the view does not hold print as [redacted].
std::string ikev2_profile(const std::vector<ProfileConfigView>& profiles, VppForm form);

}  // namespace control::listing
