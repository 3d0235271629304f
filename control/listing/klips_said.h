// Names of SAs in KLIPS' listings.
#pragma once

#include <string>

#include "control/listing/klips.h"

namespace control::listing {

// In the form of the listing; a name that is none stays as it is.
std::string klips_said(const std::string& said, KlipsFormat format);
std::string klips_said(const ManualSaView& sa, KlipsFormat format);

}  // namespace control::listing
