#include "ikev2/sa/ike_sa.h"

#include <algorithm>

namespace ikev2 {

ChildSa* IkeSa::find_child(base::ChildId child) {
  const auto it =
      std::find_if(children.begin(), children.end(), [&](const ChildSa& c) { return c.id == child; });
  return it == children.end() ? nullptr : &*it;
}

ChildSa* IkeSa::find_child_by_spi_out(base::Spi spi) {
  const auto it =
      std::find_if(children.begin(), children.end(), [&](const ChildSa& c) { return c.spi_out == spi; });
  return it == children.end() ? nullptr : &*it;
}

}  // namespace ikev2
