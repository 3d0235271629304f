#include "base/result.h"

#include <stdexcept>

namespace base {

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("the value of a failed result was taken: " + error.reason);
}

}  // namespace base
