#include "apps/daemon/manual/json_args.h"

#include <fmt/core.h>

#include <algorithm>

namespace daemon_app {

using nlohmann::json;

JsonArgs::JsonArgs(const json& args, std::string name) : args_(args), name_(std::move(name)) {
  if (!args_.is_object()) fail(name_ + " is no object");
}

const json& JsonArgs::at(const char* key) {
  static const json kNull;
  known_.emplace_back(key);
  const auto found = args_.is_object() ? args_.find(key) : args_.end();
  return found == args_.end() ? kNull : *found;
}

bool JsonArgs::has(const char* key) { return !at(key).is_null(); }

void JsonArgs::fail(std::string reason) {
  if (!wrong_) wrong_ = std::move(reason);
}

std::optional<std::string> JsonArgs::optional_text(const char* key) {
  const json& value = at(key);
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  fail(fmt::format("{} is no text", key));
  return {};
}

std::string JsonArgs::text(const char* key) {
  auto value = optional_text(key);
  if (!value) fail(fmt::format("{} is missing", key));
  return std::move(value).value_or("");
}

std::optional<std::int64_t> JsonArgs::optional_number(const char* key, std::int64_t least,
                                                      std::int64_t most) {
  const json& value = at(key);
  if (value.is_null()) return {};
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX) &&
                    value.get<std::int64_t>() >= least && value.get<std::int64_t>() <= most;
  if (fits) return value.get<std::int64_t>();
  fail(fmt::format("{} is no number from {} to {}", key, least, most));
  return {};
}

std::uint64_t JsonArgs::number(const char* key, std::uint64_t otherwise, std::uint64_t most) {
  const json& value = at(key);
  if (value.is_null()) return otherwise;
  const bool fits = value.is_number_integer() &&
                    (value.is_number_unsigned() || value.get<std::int64_t>() >= 0) &&
                    value.get<std::uint64_t>() <= most;
  if (fits) return value.get<std::uint64_t>();
  fail(fmt::format("{} is no number from 0 to {}", key, most));
  return otherwise;
}

bool JsonArgs::flag(const char* key, bool otherwise) {
  const json& value = at(key);
  if (value.is_null()) return otherwise;
  if (value.is_boolean()) return value.get<bool>();
  fail(fmt::format("{} is neither true nor false", key));
  return otherwise;
}

base::SecretBytes JsonArgs::hex(const char* key) {
  const json& value = at(key);
  if (value.is_null()) return {};
  base::Bytes octets;
  // The text is a secret: no message repeats it.
  if (!value.is_string() || !base::from_hex(value.get_ref<const std::string&>(), octets)) {
    fail(fmt::format("{} is no hexadecimal of whole octets", key));
    return {};
  }
  base::SecretBytes secret{base::ByteSpan(octets)};
  base::wipe(octets);
  return secret;
}

base::Status JsonArgs::finish() const {
  if (wrong_) return base::local_error(*wrong_);
  for (const auto& [key, value] : args_.items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    return base::local_error(fmt::format("unknown argument '{}'", key.substr(0, 64)));
  }
  return {};
}

}  // namespace daemon_app
