// Arguments of a request, read without fear of what they are: what is missing or of another type is empty or
// 0.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace daemon_app {

class Args {
 public:
  explicit Args(const nlohmann::json& args) : args_(args) {}

  std::string text(const char* key) const {
    const auto found = args_.find(key);
    return found != args_.end() && found->is_string() ? found->get<std::string>() : std::string();
  }
  bool flag(const char* key) const {
    const auto found = args_.find(key);
    return found != args_.end() && found->is_boolean() && found->get<bool>();
  }
  std::uint64_t wide(const char* key) const {
    const auto found = args_.find(key);
    return found != args_.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  }
  // The largest number where it is more.
  std::uint32_t number(const char* key) const {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(wide(key), 0xffffffff));
  }

 private:
  const nlohmann::json& args_;
};

}  // namespace daemon_app
