// One list gives an enum class and its name() function, so that number and name never drift apart.
#pragma once

#include <string>
#include <string_view>

// LIST is a macro: LIST(X) expands X(identifier, number, "text") for each value.
#define IKEV2D_ENUM_VALUE_(identifier, number, text) identifier = number,
#define IKEV2D_ENUM_CASE_(identifier, number, text) \
  case Self_::identifier:                           \
    return text;
#define IKEV2D_ENUM(Name, Underlying, LIST)                                  \
  enum class Name : Underlying { LIST(IKEV2D_ENUM_VALUE_) };                 \
  constexpr std::string_view known_name(Name value) {                        \
    using Self_ = Name;                                                      \
    switch (value) { LIST(IKEV2D_ENUM_CASE_) }                               \
    return {};                                                               \
  }                                                                          \
  inline std::string name(Name value) {                                      \
    const std::string_view known = known_name(value);                        \
    if (!known.empty()) return std::string(known);                           \
    return "unknown (" + std::to_string(static_cast<unsigned>(value)) + ")"; \
  }
