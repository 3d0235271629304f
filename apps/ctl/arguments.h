// From argv to an Invocation.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/ctl/commands.h"

namespace ctl {

[[noreturn]] void throw_exception_from_error(const UsageError& error, const boost::source_location& where);

// Help and version asked for by an option become the commands of that name; for `--version`, `words` holds
// "local": the daemon is not asked. Without a command there is `file` or `prompt` instead of one.
boost::system::result<Invocation, UsageError> parse_arguments(const std::vector<std::string>& args);

// Whether --json stands among the arguments: a usage error is then JSON too.
bool wants_json(const std::vector<std::string>& args);

// "30s", "2m", "1h" or "30" as seconds, 1 s to 24 h.
std::optional<int> parse_timeout(std::string_view text);
// Up to 16 hexadecimal digits, with or without 0x.
std::optional<std::uint64_t> parse_spi(std::string_view text);

}  // namespace ctl
