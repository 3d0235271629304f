// Result<T>: a value or an Error. The only place that names boost::system::result.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "base/error.h"

namespace base {

// Called by result<T>::value() when there is an error: a programming mistake, since callers test first.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

}  // namespace base

// Evaluates an expression of type Result<…>; on error, returns that error from the enclosing function.
#define RETURN_IF_ERROR(expression)                             \
  do {                                                          \
    auto status_ = (expression);                                \
    if (status_.has_error()) return std::move(status_).error(); \
  } while (false)

#define IKEV2D_CONCAT_(a, b) a##b
#define IKEV2D_CONCAT(a, b) IKEV2D_CONCAT_(a, b)
// ASSIGN_OR_RETURN(auto x, f()): the value of f(), or its error returned from the enclosing function.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_IMPL_(IKEV2D_CONCAT(result_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_IMPL_(name, target, expression) \
  auto name = (expression);                              \
  if (name.has_error()) return std::move(name).error();  \
  target = std::move(*name)
