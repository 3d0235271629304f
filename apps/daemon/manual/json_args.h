// Reads the arguments of a request one by one, and at the end complains of those that nobody asked for.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace daemon_app {

// The first error stays, and what is read after it has its default.
class JsonArgs {
 public:
  explicit JsonArgs(const nlohmann::json& args, std::string name = "");

  bool has(const char* key);
  std::string text(const char* key);
  std::optional<std::string> optional_text(const char* key);
  std::uint64_t number(const char* key, std::uint64_t otherwise, std::uint64_t most);
  std::optional<std::int64_t> optional_number(const char* key, std::int64_t least, std::int64_t most);
  bool flag(const char* key, bool otherwise);
  base::SecretBytes hex(const char* key);
  // The value of a key, or null.
  const nlohmann::json& at(const char* key);

  void fail(std::string reason);
  // Success where all was well and every argument was asked for.
  base::Status finish() const;

 private:
  const nlohmann::json& args_;
  std::string name_;
  std::vector<std::string_view> known_;  // literals
  std::optional<std::string> wrong_;
};

}  // namespace daemon_app
