// From a running profile to what `show ikev2 profile` tells of it.
#pragma once

#include "apps/daemon/running_config.h"
#include "control/profile_config.h"

namespace daemon_app {

// PSKs are in the view only with `secrets`, and only where they stand inline: of a file its name is told.
control::ProfileConfigView make_profile_config_view(const std::string& name, const RunningProfile& profile,
                                                    bool secrets);

}  // namespace daemon_app
