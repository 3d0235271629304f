// Octets for tests: from hexadecimal with blanks, and what an error carries.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>

#include "base/reader.h"
#include "base/result.h"
#include "base/writer.h"
#include "ikev2/types.h"

namespace test {

inline base::Bytes hex(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  base::Bytes out;
  if (!base::from_hex(text, out)) throw std::invalid_argument("no hexadecimal: " + text);
  return out;
}

inline base::Bytes join(std::initializer_list<base::Bytes> parts) {
  base::Bytes whole;
  for (const auto& part : parts) base::append(whole, part);
  return whole;
}

template <class Value>
base::Bytes written(const Value& payload) {
  base::Bytes out;
  base::Writer writer(out);
  write_body(payload, writer);
  return out;
}

// Whether a result failed as malformed, for a reason that holds `words`.
template <class T>
bool malformed(const base::Result<T>& result, std::string_view words) {
  return result.has_error() && result.error().family == base::ErrorFamily::malformed &&
         result.error().reason.find(words) != std::string::npos;
}

template <class T>
bool asks_for(const base::Result<T>& result, ikev2::NotifyType type) {
  return result.has_error() && result.error().notify == static_cast<std::uint16_t>(type);
}

}  // namespace test
